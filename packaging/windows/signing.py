"""Signs programs for Windows with a certificate that the environment names; without one it says so and goes on.

    TRIPTYCH_WINDOWS_CERTIFICATE            a .pfx file
    TRIPTYCH_WINDOWS_CERTIFICATE_PASSWORD   what opens it

Called with files as arguments, it signs these.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

CERTIFICATE = "TRIPTYCH_WINDOWS_CERTIFICATE"
PASSWORD = "TRIPTYCH_WINDOWS_CERTIFICATE_PASSWORD"  # noqa: S105 # the variable's name
TIME_STAMPS = "http://timestamp.digicert.com"
"""A signature with its time stays good when the certificate has run out."""
KITS = Path("C:/Program Files (x86)/Windows Kits/10")


def is_possible() -> bool:
    """Whether there is a certificate."""
    return bool(os.environ.get(CERTIFICATE))


def sign(files: Iterable[Path]) -> None:
    """Sign `files` in place.

    Raises:
        subprocess.CalledProcessError: the signing program failed and said why.
    """
    for file in files:
        if not is_possible():
            print(f"NOT SIGNED: {file.name} (no {CERTIFICATE}); Windows will warn of it.", file=sys.stderr)
        elif sys.platform == "win32":
            _sign_there(file)
        else:
            _sign_elsewhere(file)


def signing_program(kits: Path) -> str:
    """Microsoft's, from the PATH or of the newest kit, since no kit puts itself on the PATH.

    Raises:
        FileNotFoundError: there is none.
    """
    versions = {path.parents[1].name: str(path) for path in kits.glob("bin/10.*/x64/signtool.exe")}
    newest = max(versions, key=lambda version: [int(number) for number in version.split(".")], default="")
    found = shutil.which("signtool") or versions.get(newest)
    if found is None:
        raise FileNotFoundError(f"no signtool.exe on the PATH or in {kits}: install the Windows SDK")
    return found


def _sign_there(file: Path) -> None:
    command = [signing_program(KITS), "sign", "/q", "/f", os.environ[CERTIFICATE], "/p", os.environ.get(PASSWORD, "")]
    command += ["/fd", "SHA256", "/tr", TIME_STAMPS, "/td", "SHA256", str(file)]
    # The output is not shown on failure: the command in it holds the password.
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        sys.stderr.write(done.stderr)
        raise subprocess.CalledProcessError(done.returncode, "signtool")


def _sign_elsewhere(file: Path) -> None:
    """With osslsigncode, as where no Windows is; the time is not asked for, since there may be no network."""
    with tempfile.TemporaryDirectory() as folder:
        password, signed = Path(folder, "password"), Path(folder, file.name)
        password.touch(0o600)
        password.write_text(os.environ.get(PASSWORD, ""), "utf-8")
        command = ["osslsigncode", "sign", "-pkcs12", os.environ[CERTIFICATE], "-readpass", str(password)]
        command += ["-h", "sha256", "-in", str(file), "-out", str(signed)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
        shutil.move(signed, file)


if __name__ == "__main__":
    sign(map(Path, sys.argv[1:]))

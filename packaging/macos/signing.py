"""Signs and notarises for macOS with what the environment names; without it, it says so and goes on.

TRIPTYCH_MACOS_IDENTITY     a "Developer ID Application" certificate in the key chain
TRIPTYCH_APPLE_KEY          a .p8 file: the key for App Store Connect's API, for notarising
TRIPTYCH_APPLE_KEY_ID       its id
TRIPTYCH_APPLE_ISSUER       the team's issuer id
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

IDENTITY = "TRIPTYCH_MACOS_IDENTITY"
KEY, KEY_ID, ISSUER = "TRIPTYCH_APPLE_KEY", "TRIPTYCH_APPLE_KEY_ID", "TRIPTYCH_APPLE_ISSUER"
ENTITLEMENTS = Path(__file__).parent / "entitlements.plist"


def identity() -> str | None:
    """Whose signature; PyInstaller signs every library and program of the bundle with it."""
    return os.environ.get(IDENTITY) or None


def check(application: Path) -> None:
    """Make sure that a bundle which ought to be signed is, with everything in it.

    Raises:
        subprocess.CalledProcessError: it is not.
    """
    if identity() is None:
        _say_unsigned(application)
    else:
        _run("codesign", "--verify", "--deep", "--strict", str(application))


def sign(file: Path) -> None:
    """Sign a disk image; raises as `check` does."""
    who = identity()
    if who is None:
        _say_unsigned(file)
    else:
        _run("codesign", "--sign", who, "--timestamp", str(file))


def notarise(file: Path) -> None:
    """Let Apple look at a signed disk image and fasten the ticket to it; takes minutes; raises as `check` does."""
    missing = [name for name in (IDENTITY, KEY, KEY_ID, ISSUER) if not os.environ.get(name)]
    if missing:
        print(f"NOT NOTARISED: {file.name} (no {', '.join(missing)}); macOS will refuse it.", file=sys.stderr)
        return
    told = ["--key", os.environ[KEY], "--key-id", os.environ[KEY_ID], "--issuer", os.environ[ISSUER]]
    _run("xcrun", "notarytool", "submit", str(file), *told, "--wait")
    _run("xcrun", "stapler", "staple", str(file))


def _say_unsigned(path: Path) -> None:
    print(f"NOT SIGNED: {path.name} (no {IDENTITY}); macOS will refuse it.", file=sys.stderr)


def _run(*command: str) -> None:
    subprocess.run(command, check=True)  # noqa: S603

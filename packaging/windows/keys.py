"""Runs a command with the certificate that a CI service holds as text: `keys.py COMMAND ...`.

WINDOWS_CERTIFICATE is a .pfx file in base64; the command sees it as a file (`signing.CERTIFICATE`), which is gone
afterwards. Without it the command runs all the same, and says that nothing is signed.
"""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from signing import CERTIFICATE

TEXT = "WINDOWS_CERTIFICATE"


def main(command: list[str]) -> int:
    environment = dict(os.environ)
    text = environment.pop(TEXT, "")
    with tempfile.TemporaryDirectory() as folder:
        if text:
            certificate = Path(folder, "certificate.pfx")
            certificate.write_bytes(base64.b64decode(text, validate=True))
            environment[CERTIFICATE] = str(certificate)
        return subprocess.run(command, check=False, env=environment).returncode  # noqa: S603


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Whose work is in an installed program: the licence text of every part, and the list of parts as CycloneDX."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from app.parts import collected, write


def write_licenses(folder: Path, root: Path) -> list[str]:
    """Write what the About page of the installed program shows, and return the names of parts without a text."""
    found = collected(root)
    write(found, folder)
    return [part.name for part in found if part.text == part.licence]


def write_list(file: Path, root: Path) -> None:
    """Write the parts and their licences as CycloneDX (ECMA-424).

    Raises:
        subprocess.CalledProcessError: the list could not be made.
    """
    command = [sys.executable, "-m", "cyclonedx_py", "environment", "--output-reproducible", "--output-file", str(file)]
    subprocess.run([*command, "--pyproject", str(root / "pyproject.toml"), sys.executable], check=True)  # noqa: S603

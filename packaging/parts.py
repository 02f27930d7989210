"""Whose work is in an installed program: the licence text of every part, and the list of parts as CycloneDX."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path

LICENSE_WORDS = ("licen", "copying", "notice", "authors", "copyright")
ONLY_FOR_BUILDING = ("pyinstaller", "cyclonedx", "pip", "setuptools", "wheel", "altgraph", "packaging")


def write_licenses(folder: Path, root: Path) -> list[str]:
    """Write one text for each part into `folder` and return the names of parts that bring none."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {"Triptych": (root / "LICENSE").read_text("utf-8")}
    texts["Icons (Lucide)"] = (root / "resources" / "icons" / "LICENSE").read_text("utf-8")
    texts["Python"] = Path(sysconfig.get_path("stdlib"), "LICENSE.txt").read_text("utf-8")
    silent = []
    for part in sorted(_parts(), key=lambda found: found.name.lower()):
        text = "\n\n".join(_texts_of(part))
        if not text:
            silent.append(part.name)
            text = part.metadata.get("License-Expression") or part.metadata.get("License") or "see its home page"
        texts[f"{part.name} {part.version}"] = text
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text, "utf-8")
    return silent


def write_list(file: Path, root: Path) -> None:
    """Write the parts and their licences as CycloneDX (ECMA-424).

    Raises:
        subprocess.CalledProcessError: the list could not be made.
    """
    command = [sys.executable, "-m", "cyclonedx_py", "environment", "--output-reproducible", "--output-file", str(file)]
    subprocess.run([*command, "--pyproject", str(root / "pyproject.toml"), sys.executable], check=True)  # noqa: S603


def _parts() -> Iterator[Distribution]:
    for part in distributions():
        if not part.name.lower().startswith(ONLY_FOR_BUILDING):
            yield part


def _texts_of(part: Distribution) -> Iterator[str]:
    for file in part.files or ():
        path = str(file).lower()
        if ".dist-info/" in path and any(word in path for word in LICENSE_WORDS) and not path.endswith((".py", "/")):
            yield Path(str(file.locate())).read_text("utf-8", "replace")

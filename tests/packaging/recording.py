"""Programs on the PATH that note how they were called, for scripts that call those of another system."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

SCRIPT = """#!/bin/sh
{{ printf '%s' {name}; printf ' %s' "$@"; echo; }} >>{log}
{body}
"""


class Recording:
    """`path` is the PATH with them in front."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "programs"
        self._log = folder / "calls.txt"
        self._folder.mkdir()
        self.path = f"{self._folder}{os.pathsep}{os.environ['PATH']}"

    def add(self, name: str, body: str = "") -> None:
        """A program that does what the shell's `body` says."""
        file = self._folder / name
        file.write_text(SCRIPT.format(name=name, log=shlex.quote(str(self._log)), body=body), "utf-8")
        file.chmod(0o755)

    @property
    def calls(self) -> list[str]:
        return self._log.read_text("utf-8").splitlines() if self._log.exists() else []

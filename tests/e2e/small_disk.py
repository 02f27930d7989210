"""A small disk of its own for a command; only that sees it, and it is gone with it."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.profiles import ROOT

DISK_BYTES = 16 << 20
DISK = f'mount -t tmpfs -o size={DISK_BYTES} tmpfs "$1"'


def with_disk(
    disk: Path, command: str, *arguments: str, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `command` in a shell that sees an empty disk of `DISK_BYTES` in the folder `disk`."""
    script = f"{DISK} && shift && exec {command}"
    return subprocess.run(
        ["unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh", str(disk), *arguments],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False, env=environment,
    )  # fmt: skip


def permitted(disk: Path) -> bool:
    """Whether this machine lets a test have one."""
    try:
        return with_disk(disk, "true").returncode == 0
    except FileNotFoundError:
        return False


def fill(file: Path) -> None:
    """Write until nothing more fits on the disk."""
    with file.open("wb", buffering=0) as filler:
        try:
            while True:
                filler.write(bytes(4096))
        except OSError:
            return

"""The disk is full: the notice says so, what was typed stays, and with space again it is sent and kept."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.profiles import ROOT

DISK = 'mount -t tmpfs -o size=16m tmpfs "$1"'
"""A small disk that only the commands after this one see, and that is gone with them."""


def _with_disk(disk: Path, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    script = f"{DISK} && shift && exec {command}"
    return subprocess.run(
        ["unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh", str(disk), *arguments],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    folder = tmp_path / "disk"
    folder.mkdir()
    try:
        permitted = _with_disk(folder, "true").returncode == 0
    except FileNotFoundError:
        permitted = False
    if not permitted:
        pytest.skip("needs a small disk of its own: allow `unshare --map-root-user --mount` (Linux user namespaces)")
    return folder


def test_a_full_disk_loses_nothing(disk: Path) -> None:
    done = _with_disk(disk, f'{sys.executable} -m tests.e2e.full_disk "$@"', str(disk))
    assert done.returncode == 0, done.stdout + done.stderr

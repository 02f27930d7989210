"""The disk is full: the notice says so, what was typed stays, and with space again it is sent and kept."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.e2e.small_disk import with_disk


def test_a_full_disk_loses_nothing(small_disk: Path) -> None:
    done = with_disk(small_disk, f'{sys.executable} -m tests.e2e.full_disk "$@"', str(small_disk))
    assert done.returncode == 0, done.stdout + done.stderr

"""A computer with a program that can be replaced, and a feed that has a newer one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.paths import Paths
from tests.fakes.release_feed import release_server
from tests.workers.updates.updating import NEW, OLD, Computer, program_saying


@pytest.fixture
def computer(paths: Paths, tmp_path: Path) -> Iterator[Computer]:
    program = tmp_path / "my programs 程序" / "Triptych.AppImage"
    program.parent.mkdir()
    program.write_bytes(program_saying(OLD))
    program.chmod(0o755)
    with release_server() as server:
        server.publish(program_saying(NEW), NEW)
        yield Computer(paths, program, server)

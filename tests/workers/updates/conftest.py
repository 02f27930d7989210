"""A computer with a program that can be replaced, and a feed that has a newer one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.paths import Paths
from tests.workers.updates.updating import Computer, computer_with


@pytest.fixture
def computer(paths: Paths, tmp_path: Path) -> Iterator[Computer]:
    with computer_with(paths, tmp_path) as made:
        yield made

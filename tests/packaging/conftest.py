"""The machine that the set-up's tests prepare."""

from pathlib import Path

import pytest

from tests.packaging.machine import Machine


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A bare machine: no Python, no uv, no package manager."""
    return Machine(tmp_path)


@pytest.fixture
def ready(machine: Machine) -> Machine:
    """A machine with a usable Python and uv."""
    machine.python("3.13.0")
    machine.uv()
    return machine

"""Bare machines, and screens before them, for what is installed there."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.installed.bare_machine import BareMachine, bare_machine, loopback_only, why_not_here
from tests.installed.screen import Screen, screen

PICTURES = ROOT / "build" / "test-package"
SUITES = ("bookworm", "trixie")
"""The oldest Debian that the program is made for, and the newest that is released."""


@pytest.fixture
def machine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BareMachine]:
    """A bare Debian with a network that reaches nothing but itself; its suite is the fixture's parameter."""
    if reason := why_not_here():
        pytest.skip(reason)
    made = bare_machine(getattr(request, "param", SUITES[0]), tmp_path / "root")
    with loopback_only() as process:
        made.network_of = process
        yield made
    # Not left to pytest: it is a gigabyte, and shutil would follow what may be mounted there.
    subprocess.run(["rm", "-r", "--one-file-system", str(made.root)], check=True)


@pytest.fixture
def seen(request: pytest.FixtureRequest, machine: BareMachine) -> Iterator[Screen]:
    """A screen that programs on the machine find; its pictures are kept below the test's name."""
    with screen(PICTURES / request.node.name) as found:
        machine.environment["DISPLAY"] = found.display
        yield found

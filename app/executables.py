"""Which commands start the program's own processes: Python from a checkout, executables when it is installed."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

ENGINE = "triptych-engine"
"""The engine's executable, beside the window's."""


def is_installed() -> bool:
    """Whether this runs from an installer's files and not with a Python of the user's."""
    return bool(getattr(sys, "frozen", False))  # set by PyInstaller


def engine_command() -> list[str]:
    """What starts the engine; its own arguments follow."""
    if is_installed():
        program = Path(sys.executable)
        return [str(program.with_name(ENGINE + program.suffix))]
    return [sys.executable, "-m", "app.engine"]


def has_engine() -> bool:
    """Whether there is an engine to start: installers for systems that cyllama does not know come without one."""
    return Path(engine_command()[0]).is_file() if is_installed() else find_spec("cyllama") is not None

"""Which commands start the program's own processes: Python from a checkout, executables when it is installed.

Also how an installed program finds the libraries that it brings along, and keeps them to itself.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
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


def keep_libraries_to_itself() -> None:
    """Give programs that are started from here, such as a browser, the search path that the user had.

    PyInstaller's loader puts the bundle in front of it on Linux, for this process, which has read it by now
    (https://pyinstaller.org/en/stable/runtime-information.html, "LD_LIBRARY_PATH considerations").
    """
    if sys.platform != "linux":
        return
    of_the_user = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
    os.environ.pop("LD_LIBRARY_PATH", None)
    if of_the_user is not None:
        os.environ["LD_LIBRARY_PATH"] = of_the_user


@contextmanager
def finding_own_libraries() -> Iterator[None]:
    """Meanwhile `ctypes.util.find_library` finds what the bundle brings along as well.

    On Linux it asks the system's list, a compiler and a linker: that it found our library on a developer's computer
    said nothing about a user's.
    """
    from ctypes import util

    usual = util.find_library

    def find_library(name: str) -> str | None:
        own = next(Path(sys.prefix).glob(f"lib{name}.so*"), None) if is_installed() else None
        return usual(name) if own is None else str(own)

    util.find_library = find_library
    try:
        yield
    finally:
        util.find_library = usual

"""Arguments: what the window program was started with, read before Qt is loaded; the command line has its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from app.identity import NAME, PROGRAM, VERSION
from app.paths import DATA_DIR_VARIABLE

if TYPE_CHECKING:
    import argparse

WITHOUT_WINDOW = f"Without a window: {PROGRAM} ask, transcribe, draw, models (each with --help)."


@dataclass(frozen=True, slots=True)
class Options:
    """`files` exist; without a `data_dir` it is the usual one."""

    data_dir: str | None = None
    safe_mode: bool = False
    files: list[Path] = field(default_factory=list)


def parsed(arguments: Sequence[str]) -> Options:
    """What the window is to be opened with.

    Raises:
        SystemExit: it was answered already, as `--version`, or there is nothing a window could be opened for or on.
    """
    if not arguments and _has_display():  # from the desktop, as a rule: there is nothing to parse
        return Options()
    parser = _parser()
    options = parser.parse_args(list(arguments))
    for path in options.files:
        if not path.exists():
            parser.error(f"there is no file and no command “{path}”")
    if not _has_display():
        parser.exit(1, f"{NAME} finds no display for its window. {WITHOUT_WINDOW}\n")
    return Options(options.data_dir, options.safe_mode, options.files)


def _parser() -> argparse.ArgumentParser:
    import argparse

    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Chat, images and audio with OpenAI's API, every server that speaks it, or the engine inside.",
        epilog=WITHOUT_WINDOW,
    )
    parser.add_argument("--version", action="version", version=f"{NAME} {VERSION}")
    parser.add_argument("--data-dir", metavar="FOLDER", help=f"profile to use (also {DATA_DIR_VARIABLE})")
    parser.add_argument(
        "--safe-mode",
        action="store_true",
        help="start without the built-in engine, the window's last state and the chosen look",
    )
    parser.add_argument("files", metavar="FILE", nargs="*", type=_file, help="files to open")
    return parser


def _file(text: str) -> Path:
    """A file as a shell or a desktop names it; some desktops give addresses."""
    if text.startswith("file://"):
        from urllib.parse import urlsplit
        from urllib.request import url2pathname

        return Path(url2pathname(urlsplit(text).path))
    return Path(text)


def _has_display() -> bool:
    """Where there is none Qt ends the program with a crash."""
    places = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return not sys.platform.startswith("linux") or any(map(os.environ.get, places))

"""Prints what strangers wrote: a terminal gets no commands out of it, a file or another program gets it as it is."""

from __future__ import annotations

import re
import shutil
import sys
import time
import unicodedata
from typing import Self, TextIO

from app.model.visible import without_controls, without_directions

_SEQUENCE = re.compile(
    "(?:\x1b\\[|\x9b)[0-?]*+[ -/]*+[@-~]"
    "|(?:\x1b[\\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x90\x98\x9c-\x9f\n]*+(?:\x07|\x1b\\\\|\x9c|(?=\n))"
    "|\x1b[ -/]+[0-~]"
    "|\x1b[0-OQ-WYZ\\\\`-~]"
)
"""Control sequences, control strings (which end with their line at the latest) and short escapes of ECMA-48.

No place is looked at twice: a string ends where the next one begins, and nothing is given back."""
_BEGINNING = re.compile(
    "(?:\x1b(?:\\[[0-?]*[ -/]*|[\\]PX^_][^\x07\x9c\n]*|[ -/]*)|[\x9b\x9d\x90\x98\x9e\x9f][^\x07\x9c\n]*)$"
)
_LONGEST_SEQUENCE = 4096
LOGGED_EVERY_S = 10.0
"""How often progress is told where there is no terminal."""


class Printer:
    """Prints a text that arrives in pieces.

    On a terminal escape sequences, also such as are cut in two by the pieces, other control characters and turned
    reading directions are left out. What the stream cannot encode is replaced.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        """`stream` is standard output, unless it is named."""
        self._stream = sys.stdout if stream is None else stream
        self._is_terminal = self._stream.isatty()
        self._held = ""

    def print(self, text: str, end: str = "\n") -> None:
        """Print a whole text and `end`, at once."""
        self.write(text)
        self.finish(end)

    def write(self, piece: str) -> None:
        """Print the next piece of a text, at once; the beginning of an escape sequence waits for the next one."""
        if not self._is_terminal:
            self._put(piece)
            return
        text = _SEQUENCE.sub("", self._held + piece)
        beginning = _BEGINNING.search(text, max(len(text) - _LONGEST_SEQUENCE, 0))
        self._held = ""
        if beginning is not None:
            self._held = beginning[0]
            text = text[: beginning.start()]
        self._put(harmless(text))

    def finish(self, end: str = "\n") -> None:
        """The text has ended; `end` is ours and printed as it is."""
        self._held = ""
        self._put(end)

    def _put(self, text: str) -> None:
        encoding = self._stream.encoding or "utf-8"
        self._stream.write(text.encode(encoding, "replace").decode(encoding))
        self._stream.flush()


class ProgressLine:
    """One line that overwrites itself on a terminal; in a file, as of a build, it is a line now and then.

    A context: at its end the line is gone.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        """`stream` is standard error, unless it is named."""
        self._stream = sys.stderr if stream is None else stream
        self._columns = 0
        self._told_at = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def show(self, text: str) -> None:
        if self._stream.isatty():
            shown = _cut(harmless(text), shutil.get_terminal_size().columns - 1)
            self.clear()
            Printer(self._stream).print(shown, end="")
            self._columns = _columns(shown)
        elif time.monotonic() - self._told_at >= LOGGED_EVERY_S:
            Printer(self._stream).print(harmless(text))
            self._told_at = time.monotonic()

    def clear(self) -> None:
        """Take the line away, so that something else can be printed there."""
        if self._columns:  # only we may go back to a line's beginning
            Printer(self._stream).finish("\r" + " " * self._columns + "\r")
            self._columns = 0


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _cut(text: str, columns: int) -> str:
    """The beginning of `text` that fits: a line that goes on in the next one cannot be overwritten."""
    while text and _columns(text) > columns:
        text = text[:-1]
    return text


def harmless(text: str) -> str:
    """`text` without anything that a terminal obeys or that turns the reading direction."""
    return without_directions(without_controls(_SEQUENCE.sub("", text)))

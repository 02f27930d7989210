"""Prints what strangers wrote: a terminal gets no commands out of it, a file or another program gets it as it is."""

from __future__ import annotations

import re
import sys
from typing import TextIO

from app.model.visible import without_controls, without_directions

_SEQUENCE = re.compile(
    "(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]"
    "|(?:\x1b[\\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\\\|\x9c|(?=\n))"
    "|\x1b[ -/]+[0-~]"
    "|\x1b[0-OQ-WYZ\\\\`-~]"
)
"""Control sequences, control strings (which end with their line at the latest) and short escapes of ECMA-48."""
_BEGINNING = re.compile(
    "(?:\x1b(?:\\[[0-?]*[ -/]*|[\\]PX^_][^\x07\x9c\n]*|[ -/]*)|[\x9b\x9d\x90\x98\x9e\x9f][^\x07\x9c\n]*)$"
)
_LONGEST_SEQUENCE = 4096


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
        beginning = _BEGINNING.search(text)
        self._held = ""
        if beginning is not None and len(beginning[0]) <= _LONGEST_SEQUENCE:
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


def harmless(text: str) -> str:
    """`text` without anything that a terminal obeys or that turns the reading direction."""
    return without_directions(without_controls(_SEQUENCE.sub("", text)))

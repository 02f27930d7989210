"""Long JSON in pieces: the elements of a list one after the other, so that memory holds one of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO

READ_BYTES = 1 << 20
MOST_ELEMENT_BYTES = 64 << 20
MOST_BRACKETS = 2_000_000
"""In one element: ten times those of a conversation with 10,000 messages."""
DEEPEST = 500
"""Conversations have a depth of about fifteen; readers of JSON follow some thousand levels at most."""

# Everything up to the next bracket that is not inside a string. Possessive, so that it never tries another way.
_TO_BRACKET = re.compile(rb'(?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+")*+([\[\]{}])', re.DOTALL)
_BETWEEN = b" \t\r\n,"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class NotAList(ValueError):
    """The text is no list of objects, is cut off, or goes too deep or on for too long."""


def elements(stream: IO[bytes]) -> Iterator[bytes]:
    """Each object of a JSON list as it stands there; a text that is one object is a list of one.

    Only brackets and strings are looked at: whether an element is valid is for whoever decodes it.

    Raises:
        NotAList
    """
    scanner = _Scanner(stream)
    first = scanner.next_bracket()
    if scanner.before(first).removeprefix(_BYTE_ORDER_MARK).strip(_BETWEEN):
        raise NotAList("there is something before the list")
    if scanner.bracket == b"{":
        yield scanner.rest_of_element(first)
    elif scanner.bracket == b"[":
        yield from _in_list(scanner)
    else:
        raise NotAList("it begins with a closing bracket")
    if scanner.has_more():
        raise NotAList("something follows the end")


def _in_list(scanner: _Scanner) -> Iterator[bytes]:
    scanner.drop()
    while True:
        place = scanner.next_bracket()
        if scanner.before(place).strip(_BETWEEN):
            raise NotAList("there is something else than objects in the list")
        if scanner.bracket == b"]":
            scanner.drop()
            return
        if scanner.bracket != b"{":
            raise NotAList("there is something else than objects in the list")
        yield scanner.rest_of_element(place)


class _Scanner:
    """Reads on as far as is needed and forgets what is done with."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._buffer = b""
        self._start = 0
        """What stands before it is done with, and is cut off when more is read: nothing is copied for each part."""
        self._place = 0
        self.bracket = b""

    def next_bracket(self) -> int:
        """Where the next bracket is that is not inside a string; `bracket` is which."""
        wanted = READ_BYTES
        while (found := _TO_BRACKET.match(self._buffer, self._place)) is None:
            # Twice as much each time: what is one long string is looked at from its beginning again.
            piece = self._stream.read(wanted)
            if not piece:
                raise NotAList("it is not complete")
            self._buffer = self._buffer[self._start :]
            self._place -= self._start
            self._start = 0
            if len(self._buffer) > MOST_ELEMENT_BYTES:
                raise NotAList("one part of it is too long")
            self._buffer += piece
            wanted = max(wanted, len(self._buffer))
        self.bracket = found.group(1)
        self._place = found.end()
        return found.start(1)

    def rest_of_element(self, start: int) -> bytes:
        """The element whose opening bracket is at `start` and was the last one met."""
        self._start = start
        depth, brackets = 1, 1
        while depth:
            self.next_bracket()
            depth += 1 if self.bracket in b"{[" else -1
            brackets += 1
            if depth > DEEPEST:
                raise NotAList("it is nested too deeply")
            if self._place - self._start > MOST_ELEMENT_BYTES or brackets > MOST_BRACKETS:
                raise NotAList("one part of it is too long")
        element = self._buffer[self._start : self._place]
        self.drop()
        return element

    def before(self, place: int) -> bytes:
        """What stands before a bracket."""
        return self._buffer[self._start : place]

    def drop(self) -> None:
        """Forget everything up to here."""
        self._start = self._place

    def has_more(self) -> bool:
        """Whether anything but white space follows."""
        rest = self._buffer[self._start :]
        while not rest.strip():
            rest = self._stream.read(READ_BYTES)
            if not rest:
                return False
        return True

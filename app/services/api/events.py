"""Server-sent events out of bytes, however a server or a network cuts them; what the events mean is not decided here.

Follows https://html.spec.whatwg.org/multipage/server-sent-events.html and goes beyond it where servers do: JSON that
stands on a line of its own after a bare `data:`, an `error:` field (old llama.cpp), a last event cut short.
"""

from __future__ import annotations

from typing import NamedTuple

from app.model.server_errors import AnswerTooLarge
from app.services.api.json_text import value_of

LARGEST_EVENT = 64 * 1024 * 1024
"""Bytes of one event; a picture in base64 has many, a hostile server has no end."""

_LINE = 64
"""Bytes of memory that a line takes besides its own; without them an event of empty lines would have no end."""
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_JSON_BEGINNINGS = b'{}[]" \t'


class Event(NamedTuple):
    """One event: `name` as the server called it ("" if it did not), `data` with its lines joined."""

    name: str
    data: str


class EventParser:
    """Feed it bytes in any pieces; the events are the same however they are cut. Lines end with CR, LF or CRLF."""

    def __init__(self) -> None:
        self._tail = bytearray()  # not a list: a hostile server can send a byte at a time
        self._data: list[bytes] = []
        self._size = 0
        self._name = ""
        self._skips_line_feed = False
        self._at_start = True
        self._commented = True

    @property
    def only_comments(self) -> bool:
        """Whether the last bytes fed were keep-alive comments or blank lines and no part of an event."""
        return self._commented

    def feed(self, data: bytes) -> list[Event]:
        """The events that `data` completes; raises AnswerTooLarge when one is larger than `LARGEST_EVENT`."""
        if self._skips_line_feed and data:
            data = data.removeprefix(b"\n")
            self._skips_line_feed = False
        self._commented = True
        if b"\n" not in data and b"\r" not in data:
            self._keep(data)
            return []
        if self._tail:
            self._size -= len(self._tail)
            data = bytes(self._tail) + data
            self._tail.clear()
        # bytes.splitlines knows CR, LF and CRLF only; str.splitlines would cut at U+2028 inside JSON.
        lines = data.splitlines()
        last = data[-1:]
        rest = b"" if last in b"\r\n" else lines.pop()
        self._skips_line_feed = last == b"\r"
        events = self._take_lines(lines)
        self._keep(rest)
        return events

    def finish(self) -> list[Event]:
        """What is left when the stream has ended: an event without its blank line, if it is whole."""
        rest = bytes(self._tail)
        self._tail.clear()
        events = self._take_lines([rest]) if rest else []
        self._dispatch(events)
        return [event for event in events if _is_whole(event.data)]

    def _keep(self, rest: bytes) -> None:
        if not rest:
            return
        self._tail += rest
        self._grow(len(rest))
        if self._tail[:1] != b":":
            self._commented = False

    def _take_lines(self, lines: list[bytes]) -> list[Event]:
        events: list[Event] = []
        if self._at_start and lines:
            self._at_start = False
            lines[0] = lines[0].removeprefix(_BYTE_ORDER_MARK)
        for line in lines:
            if not line:
                self._dispatch(events)
            elif line[:5] == b"data:":
                self._add(line[6:] if line[5:6] == b" " else line[5:])
            elif line[:1] != b":":
                self._take_other(line)
        return events

    def _take_other(self, line: bytes) -> None:
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"event":
            self._name = value.decode("utf-8", "replace")
            self._commented = False
        elif field == b"error":
            self._name = "error"
            self._add(value)
        elif field[:1] in _JSON_BEGINNINGS:
            self._add(line)

    def _add(self, value: bytes) -> None:
        self._data.append(value)
        self._grow(len(value) + _LINE)
        self._commented = False

    def _grow(self, count: int) -> None:
        self._size += count
        if self._size > LARGEST_EVENT:
            self._tail.clear()
            self._data.clear()
            raise AnswerTooLarge(most=f"{LARGEST_EVENT / 1e6:.0f} MB")

    def _dispatch(self, events: list[Event]) -> None:
        if self._data:
            whole = self._data[0] if len(self._data) == 1 else b"\n".join(self._data)
            # A broken character must not lose the whole event, so it is replaced instead of refused.
            text = whole.decode("utf-8", "replace").strip()
            if text:
                events.append(Event(self._name, text))
            self._data.clear()
        self._size = 0
        self._name = ""


def _is_whole(data: str) -> bool:
    """Whether the data of an event that was not ended properly can be trusted to be complete."""
    if not data.startswith("{"):
        return data == "[DONE]"
    try:
        value_of(data)
    except ValueError:
        return False
    return True

"""The JSON values of an answer, with characters put together that a server cut in two; their meaning is not known here.

A server that sends tokens as they are made may write the first half of a surrogate pair into one event and the second
into the next: "\\ud83d", then "\\ude00".
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from app.services.api.json_text import may_hold_halves, raw_value_of, without_halves
from app.services.api.shapes import list_of, object_of, text_of

_ENDS_IN_HALF = re.compile('[\ud800-\udbff]"(?!:)')
"""The end of a text, not of a key, in JSON that escapes nothing but what it must."""


class Payload(NamedTuple):
    """One JSON value of an answer: an event of a stream (`name` as the server called it) or the whole answer."""

    name: str
    value: Any


class PayloadReader:
    """Reads the events of one stream; a payload whose text ends in the middle of a character waits for the next one.

    What is the last of its kind never waits, for there may be nothing after it.
    """

    def __init__(self) -> None:
        self._waiting: Payload | None = None

    def read(self, name: str, text: str) -> list[Payload]:
        """The payloads that are certain now that an event says `text`. Raises ValueError as `value_of` does."""
        payload = Payload(name, raw_value_of(text))
        if self._waiting is None and not may_hold_halves(text):
            return [payload]  # nearly always
        certain = []
        if self._waiting is not None:
            before, after = _joined(self._waiting.value, payload.value)
            certain.append(Payload(self._waiting.name, _whole(before)))
            payload, self._waiting = Payload(name, after), None
        if _goes_on(payload.value):
            self._waiting = payload
        else:
            certain.append(Payload(name, _whole(payload.value)))
        return certain

    def finish(self) -> list[Payload]:
        """What still waits, now that nothing follows it: its half character is replaced."""
        waiting, self._waiting = self._waiting, None
        return [] if waiting is None else [Payload(waiting.name, _whole(waiting.value))]


def _goes_on(value: Any) -> bool:  # noqa: ANN401 - whatever the server sent
    """Whether this is a piece of a text, cut in the middle of a character."""
    piece = object_of(value)
    is_piece = bool(text_of(piece.get("delta")))
    is_piece = is_piece or any(not object_of(one).get("finish_reason") for one in list_of(piece.get("choices")))
    return is_piece and _ENDS_IN_HALF.search(json.dumps(value, ensure_ascii=False)) is not None


def _joined(before: Any, after: Any) -> tuple[Any, Any]:  # noqa: ANN401 - whatever the server sent
    """Both values, with the second halves in `after` moved to where their first halves are in `before`."""
    if isinstance(before, str) and isinstance(after, str):
        is_cut = "\ud800" <= before[-1:] <= "\udbff" and "\udc00" <= after[:1] <= "\udfff"
        return (before + after[0], after[1:]) if is_cut else (before, after)
    if isinstance(before, dict) and isinstance(after, dict):
        pairs = {key: _joined(before[key], after[key]) for key in before.keys() & after.keys()}
        firsts = {key: pair[0] for key, pair in pairs.items()}
        return {**before, **firsts}, {**after, **{key: pair[1] for key, pair in pairs.items()}}
    if isinstance(before, list) and isinstance(after, list):
        both = [_joined(one, other) for one, other in zip(before, after, strict=False)]
        length = len(both)
        return [one for one, _ in both] + before[length:], [other for _, other in both] + after[length:]
    return before, after


def _whole(value: Any) -> Any:  # noqa: ANN401 - whatever the server sent
    """`value` with pairs of halves as the characters they are, and single ones replaced."""
    return without_halves(json.loads(json.dumps(value)))

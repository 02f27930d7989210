"""JSON that strangers sent, read with limits; what it means is not known here."""

from __future__ import annotations

import json
import re
from typing import Any

DEEPEST = 64
"""Levels of nesting; real answers have about ten."""
MOST_PARTS = 1_000_000
"""Commas and opening brackets. What is made of each takes up to a hundred times its one byte of memory; a picture
in base64 has none, and a transcript of four hours with all its words some two hundred thousand."""

_HALF_ESCAPED = re.compile(r"\\u[dD][89a-fA-F]")
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")


def value_of(text: str) -> Any:  # noqa: ANN401 - whatever the server sent
    """The JSON value in `text`. Raises ValueError when there is none, or one that no honest server sends.

    Half a surrogate pair, which can neither be shown nor stored, becomes the replacement character.
    """
    value = raw_value_of(text)
    return without_halves(value) if may_hold_halves(text) else value


def raw_value_of(text: str) -> Any:  # noqa: ANN401 - whatever the server sent
    """As `value_of`, with halves of surrogate pairs as they came."""
    brackets = text.count("{") + text.count("[")
    if brackets + text.count(",") > MOST_PARTS:
        raise ValueError("more parts than any real answer has")
    try:
        value = json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if brackets > DEEPEST and not _is_flat(value):
        raise ValueError("nested too deeply")
    return value


def may_hold_halves(text: str) -> bool:
    """Whether there may be halves of surrogate pairs in the value of `text`; whole pairs look the same here."""
    return _HALF_ESCAPED.search(text) is not None


def without_halves(value: Any) -> Any:  # noqa: ANN401 - whatever the server sent
    """`value` with the replacement character for each half of a surrogate pair."""
    return json.loads(_HALF_CHARACTER.sub("\ufffd", json.dumps(value, ensure_ascii=False)))


def _is_flat(value: object) -> bool:
    """Whether functions may follow the nesting without running out of stack."""
    level = [value]
    for _ in range(DEEPEST):
        level = [child for node in level for child in _children(node)]
        if not level:
            return True
    return False


def _children(node: object) -> list[Any]:
    if isinstance(node, dict):
        return list(node.values())
    return node if isinstance(node, list) else []

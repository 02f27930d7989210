"""The title a conversation gets from its first prompt until the user names it."""

from __future__ import annotations

import unicodedata

from app.model.visible import without_directions

COLUMNS = 60
"""Width at which a title is cut; Chinese, Japanese and Korean characters take two columns."""
_FENCE = "```"


def automatic_title(text: str) -> str:
    """The first line that says something, cut at a word near `COLUMNS`; empty if there is none."""
    for line in text.splitlines():
        words = without_directions(" ".join(line.strip(" \t#>*-`").split()))
        if words and not line.lstrip().startswith(_FENCE):
            return _cut(words)
    return ""


def _cut(text: str) -> str:
    if _columns(text) <= COLUMNS:
        return text
    end, used = 0, 1  # one column for the ellipsis
    while used + _width(text[end]) <= COLUMNS:
        used += _width(text[end])
        end += 1
    space = text.rfind(" ", 0, end + 1)
    # Scripts without spaces, and single very long words, are cut where the width ends.
    if space >= end // 2:
        end = space
    return text[:end].rstrip(" ,.;:，。；：、") + "…"


def _columns(text: str) -> int:
    return sum(map(_width, text))


def _width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1

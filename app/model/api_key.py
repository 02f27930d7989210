"""Keys as people paste them: taken out of what is around them, and looked at for what no key has."""

from __future__ import annotations

import re

_QUOTES = "\"'`´“”„‟‘’‚‛«»‹›"
_INVISIBLE = re.compile("[\\s\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad\x00-\x1f\x7f]+")
_BEFORE = re.compile(
    r"\s*(export\s+)?[A-Za-z][\w-]*KEY\s*[=:]\s*(?=[^\s=])|\s*Authorization\s*:|\s*Bearer\s", re.IGNORECASE
)


def key_in(text: str) -> str:
    """The key in `text`: without quotes, line breaks, invisible characters, and the name it was assigned to."""
    bare = text.strip().strip(_QUOTES)
    while before := _BEFORE.match(bare):
        bare = bare[before.end() :].strip().strip(_QUOTES)
    return _INVISIBLE.sub("", bare).strip(_QUOTES)


def odd_letter(key: str) -> int | None:
    """The position, from 1, of the first character that no header can carry; None if there is none."""
    return next((position for position, letter in enumerate(key, 1) if not "!" <= letter <= "~"), None)

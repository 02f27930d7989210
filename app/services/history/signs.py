"""How the signs in a text (`->`, `==`, an emoji) become words of an index of their own; knows no tables.

The index of words leaves signs out: they stand between nearly all words, and a phrase must not break at a comma.
"""

from __future__ import annotations

import re
from itertools import pairwise

_RUN = re.compile(r"(?:[^\w\s]|_)+")


def search_signs(text: str) -> str:
    """Each sign of `text`, and each two side by side, once, as a word of letters and digits.

    The index removes a text by giving it the same words again. So this function never changes; another one, and a
    migration that builds the index anew, takes its place.
    """
    return " ".join(dict.fromkeys(word for run in set(_RUN.findall(text)) for word in (*_singles(run), *_pairs(run))))


def signs_query(text: str) -> str:
    """What MATCH is asked for a text that holds every sign of `text`; empty if it has none."""
    runs = dict.fromkeys(_RUN.findall(text))
    return " ".join(dict.fromkeys(word for run in runs for word in (_pairs(run) or _singles(run))))


def _singles(run: str) -> list[str]:
    return [f"{ord(sign):x}" for sign in run]


def _pairs(run: str) -> list[str]:
    return [f"{ord(one):x}x{ord(other):x}" for one, other in pairwise(run)]

"""How text becomes words of the search index, and a typed query a question to it; knows no tables."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

# Scripts that are written without spaces, and Korean, whose words carry endings: every character is a word of its
# own, so that a query of one or two characters finds something and a longer one is a phrase of them.
_SINGLE = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3040-\u31bf"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
)
_SINGLE_CHARACTER = re.compile(f"[{_SINGLE}]")
_WORD_CHARACTER = re.compile(r"[^\W_]")
# What SQLite's tokenizer (Unicode 6.1) certainly takes for letters and digits.
_PLAIN_QUERY = re.compile(
    r"[\sA-Za-z0-9\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0391-\u03a1\u03a3-\u03c9\u0400-\u0481\u048a-\u0527"
    r"\u3041-\u3096\u4e00-\u9fcc\uac00-\ud7a3]*"
)
_LONGEST = 500
_MOST_WORDS = 30


def search_words(text: str) -> str:
    """`text` as the index wants it: compatible forms united, every character of `_SINGLE` between spaces.

    The index removes a text by giving it the same words again. So this function never changes; another one, and a
    migration that builds the index anew, takes its place.
    """
    return _SINGLE_CHARACTER.sub(r" \g<0> ", unicodedata.normalize("NFKC", text))


@dataclass(frozen=True, slots=True)
class Query:
    """What a typed text asks of the index. `matches` are expressions for MATCH, the closest first.

    `literal` is the text as typed, to be looked for character by character as well; empty if that is useless because
    the index knows every character of it.
    """

    matches: tuple[str, ...]
    literal: str


def read_query(text: str) -> Query:
    """Every word of `text` must be there, its end may be missing; the words side by side are found first."""
    typed = " ".join(text[:_LONGEST].split())
    literal = "" if _PLAIN_QUERY.fullmatch(typed) else typed
    words = [search_words(word) for word in typed.split() if _WORD_CHARACTER.search(word)][:_MOST_WORDS]
    if not words:
        return Query((), literal)
    side_by_side = _phrase(" ".join(words))
    every_word = " AND ".join(map(_phrase, words))
    return Query((side_by_side,) if len(words) == 1 else (side_by_side, every_word), literal)


def _phrase(words: str) -> str:
    """Quoted, so that nothing a user types is an operator; `*` lets the last word go on."""
    return '"' + words.replace('"', " ").replace("\0", " ").strip() + '" *'


def excerpt(text: str, query: str, length: int = 160) -> str:
    """About `length` characters of `text` on one line with the first place of `query` inside, cut ends marked."""
    start, end = _find(text, query)
    before = max(0, start - length // 3)
    after = min(len(text), max(end, before + length))
    before = max(0, min(before, after - length))
    if before:
        before = _after_space(text, before, start)
    shown = " ".join(text[before:after].split())
    return ("…" if before else "") + shown + ("…" if after < len(text) else "")


def _after_space(text: str, position: int, limit: int) -> int:
    """The next beginning of a word before `limit`, or `position` where words are not divided by spaces."""
    space = text.find(" ", position, min(limit, position + 20))
    return position if space < 0 else space + 1


def _find(text: str, query: str) -> tuple[int, int]:
    """Where the query as typed, else its first word that is there, stands in `text`; (0, 0) if nowhere."""
    for wanted in [query.strip(), *query.split()]:
        found = re.search(re.escape(wanted), text, re.IGNORECASE) if wanted else None
        if found:
            return found.span()
    return _find_without_marks(text[:20_000], query)


def _find_without_marks(text: str, query: str) -> tuple[int, int]:
    """As `_find`, with accents and compatible forms taken for the same; slower, so only for the rest."""
    folded, places = [], []
    for place, character in enumerate(text):
        for plain in _without_marks(character):
            folded.append(plain)
            places.append(place)
    line = "".join(folded)
    for word in query.split():
        wanted = "".join(map(_without_marks, word))
        position = line.find(wanted) if wanted else -1
        if position >= 0:
            return places[position], places[position + len(wanted) - 1] + 1
    return 0, 0


def _without_marks(character: str) -> str:
    decomposed = unicodedata.normalize("NFKD", character.casefold())
    return "".join(part for part in decomposed if not unicodedata.combining(part))

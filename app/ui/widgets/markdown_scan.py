"""Finds code, formulas and images in Markdown, in a time that grows with its length; what becomes of them it does not
decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum, auto
from typing import NamedTuple

_MAX_FORMULA_CHARACTERS = 2_000

_SCANNER = re.compile(
    r"""
      (?P<fenced> ^[ \t>]*+(?:[-*+][ \t]++|\d++[.)][ \t]++)?+(?P<fence>`{3,}+|~{3,}+)[^\n]*+\n
                  (?s:.*?)(?:^[ \t>]*+(?P=fence)[`~]*+[ \t]*+$|\Z))
    | (?P<ticks> (?<!`)`++)
    | (?P<escape> \\[^(\[\n])
    | (?:^(?P<lead>[ \t>]*+))? (?P<opening>\$\$|\\\[|\\\()
    | (?<![A-Za-z0-9$])\$(?P<dollar>(?![\s$])(?:\\[^\n]|[^$\\\n]|\n(?![ \t>]*+\n))++)(?<!\s)\$(?![A-Za-z0-9$])
    | !\[(?P<alternative>[^\[\]\n]*+)\]\([ \t]*+<?+(?P<address>[^()\s>]*+)>?+
      (?:[ \t]++(?:"[^"\n]*+"|'[^'\n]*+'|\([^()\n]*+\)))?+[ \t]*+\)
    | (?P<image>!(?=\[))
    """,
    re.VERBOSE | re.MULTILINE,
)
"""Each sign is looked at a few times at most. Where something ends that only may have begun, `_Ahead` knows: a search
from every beginning would take a time that grows with the square of their number."""
_SIGN = re.compile(r"[`~\\$!]")
"""One of these is in whatever the scanner finds, and nothing before it in a match is further away than its line."""
_ENDS = {"$$": re.compile(r"\$\$"), r"\[": re.compile(r"\\\]"), r"\(": re.compile(r"\\\)")}
_TRAIL = re.compile(r"[ \t]*+$", re.MULTILINE)
_PARAGRAPH_END = re.compile(r"\n(?=[ \t]*+\n)")
_QUOTED_END = re.compile(r"\n(?=[ \t>]*+\n)")
_TICKS = re.compile("`++")
_AMOUNT = re.compile(r"\d[^\\^_={}]*+")
"""What stands between the dollar signs of "$5 for one and 6$": a number and plain words, nothing of TeX."""
_WORD = re.compile(r"[ \t][A-Za-z]{2}")


class Kind(Enum):
    PROSE = auto()
    CODE = auto()
    FORMULA = auto()
    IMAGE = auto()


class Piece(NamedTuple):
    """A stretch of a text from `start` to `end`, as it stands there.

    Of a formula, `content` is its TeX and `lead` and `trail` what is before and behind it on its lines, None where
    they hold something else. Of an image, `content` is its words and `address` where it is; None: its address follows.
    """

    kind: Kind
    start: int
    end: int
    content: str = ""
    display: bool = False
    lead: str | None = None
    trail: str | None = None
    address: str | None = None


def pieces(source: str) -> Iterator[Piece]:
    """All of `source`, cut where something begins or ends that is more than prose."""
    ahead = _Ahead(source)
    position = 0
    while (match := _next(source, position)) is not None:
        piece = _piece(match, ahead)
        if piece.start > position:
            yield Piece(Kind.PROSE, position, piece.start)
        yield piece
        position = piece.end
    if position < len(source):
        yield Piece(Kind.PROSE, position, len(source))


def _next(source: str, position: int) -> re.Match[str] | None:
    """What begins next. Before the line of the next sign nothing can, so that there prose costs next to nothing."""
    sign = _SIGN.search(source, position)
    if sign is None:
        return None
    return _SCANNER.search(source, max(position, source.rfind("\n", position, sign.start()) + 1))


class _Ahead:
    """Where things come next in a text; they are asked for from left to right, and each is looked for once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._next: dict[re.Pattern[str], int] = {}
        self._runs: dict[int, int] | None = None

    def find(self, pattern: re.Pattern[str], start: int) -> int:
        """The beginning of the next `pattern` from `start` on, the end of the text if there is none."""
        known = self._next.get(pattern, -1)
        if known < start:
            found = pattern.search(self._text, start)
            known = self._next[pattern] = len(self._text) if found is None else found.start()
        return known

    def same_ticks(self, start: int) -> int:
        """The beginning of the next run of just as many back-ticks as the run at `start` has, -1 if there is none."""
        if self._runs is None:
            latest: dict[int, int] = {}
            self._runs = {}
            for begin, end in reversed([run.span() for run in _TICKS.finditer(self._text)]):
                self._runs[begin] = latest.get(end - begin, -1)
                latest[end - begin] = begin
        return self._runs[start]


def _piece(match: re.Match[str], ahead: _Ahead) -> Piece:
    start, end = match.span()
    found = match.lastgroup
    if found == "opening":
        return _formula(match, ahead)
    if found == "dollar":
        return _amount_or_formula(match)
    if found == "ticks":
        closing = ahead.same_ticks(start)
        is_code = -1 < closing < ahead.find(_PARAGRAPH_END, end)
        return Piece(Kind.CODE, start, closing + end - start) if is_code else Piece(Kind.PROSE, start, end)
    if found == "fenced":
        return Piece(Kind.CODE, start, end)
    if found in ("image", "address"):
        return Piece(Kind.IMAGE, start, end, match["alternative"] or "", address=match["address"])
    return Piece(Kind.PROSE, start, end)


def _amount_or_formula(match: re.Match[str]) -> Piece:
    tex = match["dollar"]
    is_amount = _AMOUNT.fullmatch(tex) is not None and _WORD.search(tex) is not None
    is_formula = len(tex) <= _MAX_FORMULA_CHARACTERS and not is_amount
    return Piece(Kind.FORMULA if is_formula else Kind.PROSE, match.start(), match.end(), tex)


def _formula(match: re.Match[str], ahead: _Ahead) -> Piece:
    """The formula that begins here, or just its first sign: the second may begin another one."""
    opening, start = match["opening"], match.end()
    closing = ahead.find(_ENDS[opening], start if opening == "$$" else start + 1)
    end = closing + len(opening)
    is_whole = end <= len(match.string) and 0 < closing - start <= _MAX_FORMULA_CHARACTERS
    if not is_whole or ahead.find(_QUOTED_END, start) < closing:
        return Piece(Kind.PROSE, match.start(), match.start("opening") + 1)
    content = match.string[start:closing]
    if not content.strip():
        return Piece(Kind.PROSE, match.start(), end)
    if opening == r"\(":
        return Piece(Kind.FORMULA, match.start("opening"), end, content)
    trail = _TRAIL.match(match.string, end)
    trailing = None if trail is None else trail[0]
    behind = end + len(trailing or "")
    return Piece(Kind.FORMULA, match.start(), behind, content, display=True, lead=match["lead"], trail=trailing)

"""Makes Markdown from a model ready for Qt's reader: formulas become images of ours, strange images become links."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby

from app.model.visible import shows_directions, without_turns
from app.ui.widgets.markdown_scan import Kind, Piece, pieces

FORMULA_SCHEME = "formula:"
DISPLAY_FORMULA = f"{FORMULA_SCHEME}display/"
INLINE_FORMULA = f"{FORMULA_SCHEME}inline/"
LINK_SCHEMES = ("http://", "https://", "mailto:")

_TURNING_ENTITY = re.compile(
    r"&\#(?:[xX]0*+(?:202[a-eA-E]|206[6-9])|0*+(?:823[4-8]|829[4-7]));"  # U+202A to U+202E, U+2066 to U+2069
)


@dataclass(frozen=True, slots=True)
class Formula:
    """TeX without its delimiters; `display` is True where it stands in a line of its own size."""

    tex: str
    display: bool
    source: str


@dataclass(frozen=True, slots=True)
class PreparedMarkdown:
    """Markdown in which the image `formula:inline/0` or `formula:display/0` stands for the formula of that name."""

    markdown: str
    formulas: dict[str, Formula]


def prepare(source: str, is_drawn: Callable[[Formula], bool], is_own_image: Callable[[str], bool]) -> PreparedMarkdown:
    """Replace what Qt must not see.

    A formula for which `is_drawn` is False is shown as its source. An image stays one only where `is_own_image` says
    so of its address; any other becomes a link, or words where the address is not for a browser. What stands in code
    or is an amount of money is no formula. What turns the reading direction is to be seen in code, and gone elsewhere.
    """
    formulas: dict[str, Formula] = {}
    written: list[str] = []

    def replaced(piece: Piece) -> str:
        if piece.kind is Kind.PROSE:
            return source[piece.start : piece.end]
        if piece.kind is Kind.FORMULA:
            return _as_image(source, piece, is_drawn, formulas)
        return _without_image(piece, source[piece.start : piece.end], is_own_image)

    for is_code, run in groupby(pieces(source), lambda piece: piece.kind is Kind.CODE):
        if is_code:
            written += [shows_directions(source[piece.start : piece.end]) for piece in run]
        else:
            written.append(_without_turns("".join(map(replaced, run))))
    return PreparedMarkdown("".join(written), formulas)


def _without_turns(markdown: str) -> str:
    """Also none that Qt would make of what is left: the words after a link must not be turned by its text."""
    return _TURNING_ENTITY.sub("\ufffd", without_turns(markdown))


def _as_image(source: str, piece: Piece, is_drawn: Callable[[Formula], bool], formulas: dict[str, Formula]) -> str:
    """The image that stands for a formula, which is added to `formulas`; its source if there is none of it."""
    lead, trail = piece.lead or "", piece.trail or ""
    tex = re.sub(r"\n[ \t]*+>[ \t]?", "\n", piece.content) if ">" in lead else piece.content
    formula = Formula(tex.strip(), piece.display, source[piece.start + len(lead) : piece.end - len(trail)])
    if not is_drawn(formula):
        return f"{lead}{_as_code(formula.source)}{trail}"
    name = f"{DISPLAY_FORMULA if formula.display else INLINE_FORMULA}{len(formulas)}"
    formulas[name] = formula
    return _placed(piece, f"![formula]({name})")  # Qt drops an image without alternative text


def _placed(piece: Piece, image: str) -> str:
    """A formula that has lines of its own gets a paragraph of its own, inside the same list or quote."""
    lead, trail = piece.lead, piece.trail
    if lead is None or trail is None:
        return f"{lead or ''}{image}{trail or ''}"
    empty_line = lead.rstrip()
    before = f"{empty_line}\n" if piece.start else ""
    return f"{before}{lead}{image}\n{empty_line}"


def _as_code(source: str) -> str:
    text = " ".join(source.split())
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    padding = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{padding}{text}{padding}{fence}"


def _without_image(piece: Piece, text: str, is_own_image: Callable[[str], bool]) -> str:
    if piece.address is None:
        return ""
    if is_own_image(piece.address):
        return text
    words = piece.content.strip()
    if piece.address.startswith(LINK_SCHEMES):
        return f"[{words or piece.address}](<{piece.address}>)"
    return words

"""Where code, formulas and images begin and end in Markdown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ui.widgets.markdown_scan import Kind, pieces

PROSE = "Many words on many lines, none of which begins anything.\n" * 20


def found(source: str) -> list[tuple[Kind, str]]:
    return [(piece.kind, source[piece.start : piece.end]) for piece in pieces(source) if piece.kind is not Kind.PROSE]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("> 1. ```py\na = 1\n> ```\n", [(Kind.CODE, "> 1. ```py\na = 1\n> ```")]),
        ("  - ~~~\n$a$\n  ~~~\n", [(Kind.CODE, "  - ~~~\n$a$\n  ~~~")]),
        ("> $$x$$\n", [(Kind.FORMULA, "> $$x$$")]),
        ("so $x$ and `$y$` and \\(z\\)", [(Kind.FORMULA, "$x$"), (Kind.CODE, "`$y$`"), (Kind.FORMULA, "\\(z\\)")]),
        ("a ![b](c.png) d\n    $$e$$", [(Kind.IMAGE, "![b](c.png)"), (Kind.FORMULA, "    $$e$$")]),
        ("\\`a ![", [(Kind.IMAGE, "!")]),
        ("no sign of anything", []),
    ],
)
@pytest.mark.parametrize("before", ["", "\n", PROSE, PROSE + "wow! "])
def test_what_is_more_than_prose_is_found_behind_any_prose(
    source: str, expected: list[tuple[Kind, str]], before: str
) -> None:
    if before.endswith(" ") and source.startswith((" ", ">")):
        source = f"\n{source}"
    assert found(before + source) == expected


@given(st.text(alphabet="$\\()[]`~!x 5\n>-", max_size=200))
def test_the_pieces_are_the_whole_text(source: str) -> None:
    assert "".join(source[piece.start : piece.end] for piece in pieces(source)) == source

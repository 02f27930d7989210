"""What is a formula and what is not; which images survive."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ui.widgets.markdown_source import Formula, prepare


def formulas(source: str) -> list[Formula]:
    return list(prepare(source, lambda _formula: True, lambda _address: False).formulas.values())


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("$x$", ["x"]),
        ("where $E = mc^2$ holds", ["E = mc^2"]),
        ("$a_1$ and $b_1$", ["a_1", "b_1"]),
        ("设$x_1$为$y$。", ["x_1", "y"]),
        (r"\(x+1\) and \[y\]", ["x+1", "y"]),
        ("$$\nx = 1\n$$", ["x = 1"]),
        ("$$x$$ then $y$", ["x", "y"]),
        (r"price \$5, and $x$", ["x"]),
        ("($n$-th)", ["n"]),
        ("> $$\n> a\n> b\n> $$", ["a\nb"]),
        ("$5 + x$", ["5 + x"]),
        ("| $a$ | $b$ |", ["a", "b"]),
        ("$\\text{if } x$", ["\\text{if } x"]),
    ],
)
def test_formulas_are_found(source: str, expected: list[str]) -> None:
    assert [formula.tex for formula in formulas(source)] == expected


@pytest.mark.parametrize(
    "source",
    [
        "$5 and $6",
        "$5, $6 and $7.50.",
        "It costs $5 for one and 6$ for two",
        "US$5-US$10",
        "$20,000 and USD$30,000",
        "`$x$`",
        "``a ` $x$``",
        "```\n$x$\n```",
        "- ```sh\n  echo $PATH$HOME\n  ```",
        "~~~\n$$x$$\n~~~",
        r"\$x\$",
        "$ x $",
        "$$",
        "$$$$",
        r"\\(x\\)",
        "$a\n\nb$",
        r"\[a" + "\n\n" + r"b\]",
        "export A=$HOME B=$PATH",
    ],
)
def test_what_is_no_formula(source: str) -> None:
    assert formulas(source) == []


def drawn(source: str) -> str:
    return prepare(source, lambda _formula: True, lambda _address: False).markdown


def undrawn(source: str) -> str:
    return prepare(source, lambda _formula: False, lambda _address: False).markdown


def test_a_drawn_formula_becomes_an_image_that_leads_back_to_it() -> None:
    prepared = prepare("a $x$ b $$y$$", lambda _formula: True, lambda _address: False)
    assert prepared.markdown == "a ![formula](formula:inline/0) b ![formula](formula:display/1)"
    assert prepared.formulas == {
        "formula:inline/0": Formula("x", False, "$x$"),
        "formula:display/1": Formula("y", True, "$$y$$"),
    }


def test_a_formula_on_its_own_lines_becomes_its_own_paragraph() -> None:
    assert drawn("Then\n$$\nx\n$$\nfollows") == "Then\n\n![formula](formula:display/0)\n\nfollows"
    assert drawn("> a\n> \\[x\\]\n> b") == "> a\n>\n> ![formula](formula:display/0)\n>\n> b"


def test_an_undrawn_formula_is_shown_as_its_source() -> None:
    assert undrawn("a $x_1$ b") == "a `$x_1$` b"
    assert undrawn("$a`b$") == "``$a`b$``"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("![cat](http://example.org/cat.png)", "[cat](<http://example.org/cat.png>)"),
        ('![](https://example.org/a.png "t")', "[https://example.org/a.png](<https://example.org/a.png>)"),
        ("![secret](file:///etc/passwd)", "secret"),
        ("![secret](/etc/passwd)", "secret"),
        ("![](data:image/png;base64,AAAA)", ""),
        ("![a][ref]", "[a][ref]"),
        ("`![a](b)`", "`![a](b)`"),
    ],
)
def test_only_own_images_stay_images(source: str, expected: str) -> None:
    assert drawn(source) == expected


def test_an_own_image_stays() -> None:
    source = "![a](attachment:3)"
    assert prepare(source, lambda _formula: True, "attachment:3".__eq__).markdown == source


@given(st.text(alphabet="$\\()[]`!x 5\n>a", max_size=200))
def test_any_text_is_survived_quickly(source: str) -> None:
    prepare(source, lambda _formula: True, lambda _address: False)


PIECES = ["`", "` ", "~~~", "```\n", "$a", "$$a ", "\\[a", "\\(a", "![", "![](a", '![](a "', "![]( ", "\n>"]


@pytest.mark.parametrize("piece", PIECES)
def test_a_million_signs_are_each_looked_at_a_few_times(piece: str) -> None:
    """With any square in it this would take minutes, not the second or two that it does."""
    source = piece * (1_000_000 // len(piece))
    prepare(source, lambda _formula: True, lambda _address: False)


@pytest.mark.parametrize(
    "source",
    [
        "[\u202emoc.elgoog](https://evil.example) and [idn](https://a.example)",
        "[&#x202E;moc.elgoog](https://evil.example) and more",
        "[&#8238;moc](https://evil.example)",
        "[&#x20\u202e2E;moc](https://evil.example)",
        "&#x20![2](/a)E;moc",
        "![\u2067x](https://evil.example/a.png)",
        "a \\\u202eb $x\u202d$ \u2066",
    ],
)
def test_nothing_turns_the_words_after_it(source: str) -> None:
    assert not set(html.unescape(drawn(source))) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def test_what_turns_words_is_to_be_seen_in_code() -> None:
    assert drawn("`a\u202eb` \u202ec") == "`a⟨U+202E⟩b` c"
    assert drawn("`&#x202E;`") == "`&#x202E;`"


def test_marks_that_arabic_needs_stay() -> None:
    assert drawn("\u200fC++\u200f") == "\u200fC++\u200f"

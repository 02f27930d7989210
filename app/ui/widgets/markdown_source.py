"""Makes Markdown from a model ready for Qt's reader: formulas become images of ours, strange images become links."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

FORMULA_SCHEME = "formula:"
DISPLAY_FORMULA = f"{FORMULA_SCHEME}display/"
INLINE_FORMULA = f"{FORMULA_SCHEME}inline/"
LINK_SCHEMES = ("http://", "https://", "mailto:")
_MAX_FORMULA_CHARACTERS = 2_000

_SCANNER = re.compile(
    rf"""
      (?P<fenced> ^[ \t>]*(?:[-*+][ \t]+|\d+[.)][ \t]+)?(?P<fence>`{{3,}}|~{{3,}})[^\n]*\n
                  (?s:.*?)(?:^[ \t>]*(?P=fence)[`~]*[ \t]*$|\Z))
    | (?P<code> (?<!`)(?P<ticks>`++)(?:(?!\n[ \t]*\n)[\s\S])+?(?<!`)(?P=ticks)(?!`))
    | (?P<escape> \\[^(\[\n])
    | (?:^(?P<lead>[ \t>]*))? (?:\$\$(?P<dollars>(?:(?!\n[ \t>]*\n|\$\$)[\s\S]){{1,{_MAX_FORMULA_CHARACTERS}}})\$\$
                              |\\\[(?P<brackets>(?:(?!\n[ \t>]*\n)[\s\S]){{1,{_MAX_FORMULA_CHARACTERS}}}?)\\\])
      (?P<trail>[ \t]*$)?
    | \\\((?P<parentheses>(?:(?!\n[ \t>]*\n)[\s\S]){{1,{_MAX_FORMULA_CHARACTERS}}}?)\\\)
    | (?<![A-Za-z0-9$])\$(?P<dollar>(?![\s$])(?:\\[^\n]|[^$\\\n]|\n(?![ \t>]*\n)){{1,{_MAX_FORMULA_CHARACTERS}}}?)
      (?<!\s)\$(?![A-Za-z0-9$])
    | !\[(?P<alternative>[^\[\]\n]*)\]\([ \t]*<?(?P<address>[^)\s>]*)>?(?:[ \t]+["'(][^\n]*?["')])?[ \t]*\)
    | (?P<image>!(?=\[))
    """,
    re.VERBOSE | re.MULTILINE,
)
_AMOUNT = re.compile(r"\d[^\\^_={}]*[ \t][A-Za-z]{2,}[^\\^_={}]*")
"""What stands between the dollar signs of "$5 for one and 6$": a number and plain words, nothing of TeX."""


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
    or is an amount of money is no formula.
    """
    formulas: dict[str, Formula] = {}

    def replaced(match: re.Match[str]) -> str:
        formula = _formula(match)
        if formula is None:
            return _without_image(match, is_own_image)
        if not is_drawn(formula):
            return f"{match['lead'] or ''}{_as_code(formula.source)}{match['trail'] or ''}"
        name = f"{DISPLAY_FORMULA if formula.display else INLINE_FORMULA}{len(formulas)}"
        formulas[name] = formula
        # Qt drops an image without alternative text.
        return _placed(match, f"![formula]({name})")

    return PreparedMarkdown(_SCANNER.sub(replaced, source), formulas)


def _formula(match: re.Match[str]) -> Formula | None:
    display = match["dollars"] or match["brackets"]
    tex = display or match["parentheses"] or match["dollar"]
    if tex is None or not tex.strip() or (match["dollar"] and _AMOUNT.fullmatch(tex)):
        return None
    lead = match["lead"] or ""
    if ">" in lead:
        tex = re.sub(r"\n[ \t]*>[ \t]?", "\n", tex)
    source = match[0].removeprefix(lead).removesuffix(match["trail"] or "")
    return Formula(tex.strip(), display is not None, source)


def _placed(match: re.Match[str], image: str) -> str:
    """A formula that has lines of its own gets a paragraph of its own, inside the same list or quote."""
    lead, trail = match["lead"], match["trail"]
    if lead is None or trail is None:
        return f"{lead or ''}{image}{trail or ''}"
    empty_line = lead.rstrip()
    before = f"{empty_line}\n" if match.start() else ""
    return f"{before}{lead}{image}\n{empty_line}"


def _as_code(source: str) -> str:
    text = " ".join(source.split())
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    padding = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{padding}{text}{padding}{fence}"


def _without_image(match: re.Match[str], is_own_image: Callable[[str], bool]) -> str:
    if match["image"]:
        return ""
    address = match["address"]
    if address is None or is_own_image(address):
        return match[0]
    words = match["alternative"].strip()
    if address.startswith(LINK_SCHEMES):
        return f"[{words or address}](<{address}>)"
    return words

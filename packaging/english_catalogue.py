"""Fills the English catalogue after its texts were collected: each is its own translation; not for other languages.

usage: english_catalogue.py CATALOGUE

Of a text with a number, "%n file(s)" becomes "%n file" and "%n files". Where "(s)" does not say how the plural is made,
the entry stays unfinished for a person; what a person wrote is kept.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

# As lupdate writes them. Sources are escaped, so a "<" ends one; a comment may stand before the translation.
_SOURCE = r"<source>(?P<source>[^<]*)</source>(?P<between>(?:\s*<(?P<tag>\w+)>[^<]*</(?P=tag)>)*\s*)"
_PLAIN = re.compile(_SOURCE + r'<translation type="unfinished"></translation>')
_PLURAL = re.compile(
    _SOURCE
    + r'<translation type="unfinished">(?P<one>\s*<numerusform>)(</numerusform>\s*<numerusform>)(?P<end></numerusform>)'
)


def filled(catalogue: str) -> str:
    """The text of the catalogue with every entry finished for which the source says how."""
    return _PLURAL.sub(_with_plural_forms, _PLAIN.sub(_as_source, catalogue))


def _as_source(entry: re.Match[str]) -> str:
    source = entry["source"]
    return f"<source>{source}</source>{entry['between']}<translation>{source}</translation>"


def _with_plural_forms(entry: re.Match[str]) -> str:
    source = entry["source"]
    if "(s)" not in source:
        return entry[0]
    one, many = source.replace("(s)", ""), source.replace("(s)", "s")
    opening = f"<source>{source}</source>{entry['between']}<translation>{entry['one']}"
    return f"{opening}{one}{entry[5]}{many}{entry['end']}"


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(filled(path.read_text("utf-8")), "utf-8", newline="\n")

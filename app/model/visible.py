"""What strangers wrote, made harmless to show, copy or print: no control characters, no turned reading directions."""

from __future__ import annotations

import re

MOST_NAME_CHARACTERS = 120

_CONTROLS = r"\x00-\x08\x0b-\x1f\x7f-\x9f"
"""C0 but tab and line feed, DEL, and C1: what a terminal may take for a command."""
_DIRECTIONS = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
"""Marks, embeddings, overrides and isolates of Unicode's bidirectional algorithm (UAX 9): they make "exe.txt" of
"txt.exe", and code that reads otherwise than it runs (CVE-2021-42574)."""

_TURNS = "\u202a-\u202e\u2066-\u2069"
"""Those of them that turn the words after them; texts of Arabic and Hebrew need only the other ones."""

_CONTROL = re.compile(f"[{_CONTROLS}]")
_DIRECTION = re.compile(f"[{_DIRECTIONS}]")
_TURN = re.compile(f"[{_TURNS}]")
_UNSPEAKABLE = re.compile(f"[{_CONTROLS}{_DIRECTIONS}\ud800-\udfff\t\n\u2028\u2029]")
_REPLACEMENT = "\ufffd"


def one_line(text: str, most: int = MOST_NAME_CHARACTERS) -> str:
    """A name, an address or a title on one line of at most `most` characters, its beginning and its end kept.

    What cannot be seen, line breaks and bytes that are no text become the sign for something unknown.
    """
    plain = _UNSPEAKABLE.sub(_REPLACEMENT, text)
    if len(plain) <= most:
        return plain
    tail = most // 3
    return f"{plain[: most - tail - 1]}…{plain[-tail:]}"


def readable_title(title: str) -> str:
    """A title on one line that turns no words beside it; the marks that Arabic and Hebrew need stay."""
    return " ".join(_CONTROL.sub(" ", without_turns(title)).split())


def without_controls(text: str) -> str:
    """Text of several lines for the clipboard: pasted into a terminal it can do nothing but be typed."""
    return _CONTROL.sub("", text.replace("\r\n", "\n"))


def without_marks(text: str) -> str:
    """Text that does to a terminal or a reader nothing but say what it says."""
    return without_directions(without_controls(text))


def shows_directions(text: str) -> str:
    """Code in which characters that turn the reading direction are to be seen, as ⟨U+202E⟩."""
    return _DIRECTION.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text)


def without_directions(text: str) -> str:
    """Code that runs as it reads."""
    return _DIRECTION.sub("", text)


def without_turns(text: str) -> str:
    """Prose in which no words turn those after them; marks that only say how a word is read stay."""
    return _TURN.sub("", text)

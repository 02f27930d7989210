"""What is done otherwise with texts that nobody reads: one line of a megabyte must not stop the window."""

from __future__ import annotations

import re

from PySide6.QtGui import QTextOption

MOST_MARKDOWN_CHARACTERS = 100_000
MOST_LINE_CHARACTERS = 20_000
"""Of a paragraph, a list or a table, and of one line in it: reading signs that are nested or never closed as Markdown
takes a time that grows with the square of their number, minutes for a megabyte."""
_LONGEST_WORD = 2_000
_LONG_WORD = re.compile(rf"[^\s\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]{{{_LONGEST_WORD}}}")
"""Chinese, Japanese and Korean can be broken between nearly any two signs."""


def wrap_mode(text: str) -> QTextOption.WrapMode:
    """Between words, unless a word is longer than any that is read: Qt looks for its end again and again."""
    is_long = len(text) >= _LONGEST_WORD and _LONG_WORD.search(text) is not None
    modes = QTextOption.WrapMode
    return modes.WrapAnywhere if is_long else modes.WrapAtWordBoundaryOrAnywhere


def is_for_markdown(text: str) -> bool:
    """Whether a piece of an answer is short enough to be read as Markdown; else it is shown as it was written."""
    if len(text) <= MOST_LINE_CHARACTERS:
        return True
    return len(text) <= MOST_MARKDOWN_CHARACTERS and max(map(len, text.split("\n"))) <= MOST_LINE_CHARACTERS

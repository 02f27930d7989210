"""What is done otherwise with texts that nobody reads."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QTextOption

from app.ui.widgets.long_text import MOST_LINE_CHARACTERS, MOST_MARKDOWN_CHARACTERS, is_for_markdown, wrap_mode

WORDS = QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere
ANYWHERE = QTextOption.WrapMode.WrapAnywhere


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("", WORDS),
        ("word " * 100_000, WORDS),
        ("文字" * 10_000, WORDS),
        ("x" * 1_999, WORDS),
        ("a " + "x" * 2_000, ANYWHERE),
    ],
)
def test_only_a_word_that_nobody_reads_is_broken_anywhere(text: str, mode: QTextOption.WrapMode) -> None:
    assert wrap_mode(text) is mode


def test_a_long_list_is_markdown_and_one_long_line_is_not() -> None:
    assert is_for_markdown("- an item\n" * (MOST_MARKDOWN_CHARACTERS // 10))
    assert is_for_markdown("x" * MOST_LINE_CHARACTERS)
    assert not is_for_markdown("x" * (MOST_LINE_CHARACTERS + 1))
    assert not is_for_markdown("- an item\n" * (MOST_MARKDOWN_CHARACTERS // 10 + 1))

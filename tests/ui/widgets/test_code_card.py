"""A block of code as a card."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.ui import theme
from app.ui.widgets.code_card import CodeCard
from app.ui.widgets.markdown_blocks import CodeBlock
from app.ui.widgets.markdown_look import TextStyle

LIGHT = TextStyle(theme.LIGHT)
LONG_LINE = "x = " + " + ".join(f"number_{index}" for index in range(60))


@pytest.fixture
def card(qtbot: QtBot) -> Iterator[CodeCard]:
    holder = QWidget()
    qtbot.addWidget(holder)
    made = CodeCard(holder)
    made.resize(400, 200)
    holder.show()
    yield made
    holder.close()


def colored_lines(card: CodeCard) -> list[int]:
    document = card.text.document()
    return [n for n in range(document.blockCount()) if document.findBlockByNumber(n).layout().formats()]


def first_color(card: CodeCard) -> str:
    formats = card.text.document().firstBlock().layout().formats()
    return str(formats[0].format.foreground().color().name())


def test_code_is_coloured_when_its_block_closes(card: CodeCard) -> None:
    card.show_code(CodeBlock("python", "import os", closed=False), LIGHT)
    card.show_code(CodeBlock("python", "import os\nprint(os)", closed=False), LIGHT)
    assert card.text.toPlainText() == "import os\nprint(os)"
    assert colored_lines(card) == []
    card.show_code(CodeBlock("python", "import os\nprint(os)", closed=True), LIGHT)
    assert colored_lines(card) == [0, 1]


def test_a_string_over_several_lines_is_coloured_on_each(card: CodeCard) -> None:
    card.show_code(CodeBlock("python", 'x = """a\nb\nc"""', closed=True), LIGHT)
    assert colored_lines(card) == [0, 1, 2]


def test_another_theme_gives_other_colours(card: CodeCard) -> None:
    block = CodeBlock("python", "import os", closed=True)
    card.show_code(block, LIGHT)
    light = first_color(card)
    card.show_code(block, TextStyle(theme.DARK))
    dark = first_color(card)
    assert (light, dark) == (theme.LIGHT.code_keyword, theme.DARK.code_keyword)


def test_growing_keeps_the_place_in_a_long_line(card: CodeCard) -> None:
    card.show_code(CodeBlock("", LONG_LINE, closed=False), LIGHT)
    card.resize(400, card.height_for(400))
    bar = card.text.horizontalScrollBar()
    bar.setValue(100)
    card.show_code(CodeBlock("", LONG_LINE + "\nmore", closed=False), LIGHT)
    assert bar.value() == 100
    assert bar.maximum() > 0


def test_every_line_is_in_sight(card: CodeCard, qtbot: QtBot) -> None:
    for code in ("one", "one\ntwo\n三", LONG_LINE + "\n" + "two\n" * 30 + "end"):
        card.show_code(CodeBlock("", code, closed=True), LIGHT)
        card.resize(400, card.height_for(400))
        qtbot.wait(0)
        assert card.text.verticalScrollBar().maximum() == 0


def test_wrapping_shows_long_lines_in_full(card: CodeCard, qtbot: QtBot) -> None:
    card.show_code(CodeBlock("", LONG_LINE, closed=True), LIGHT)
    unwrapped = card.height_for(400)
    with qtbot.waitSignal(card.wrap_toggled):
        card.wrap_button.click()
    wrapped = card.height_for(400)
    assert wrapped > unwrapped
    card.resize(400, wrapped)
    qtbot.wait(0)
    assert not card.text.horizontalScrollBar().isVisible()
    assert card.text.verticalScrollBar().maximum() == 0


def test_the_copy_button_copies_and_says_so(card: CodeCard, qtbot: QtBot) -> None:
    card.show_code(CodeBlock("python", "import os\n", closed=True), LIGHT)
    with qtbot.waitSignal(card.copied) as signal:
        QTest.mouseClick(card.copy_button, Qt.MouseButton.LeftButton)
    assert signal.args == ["import os\n"]
    assert QGuiApplication.clipboard().text() == "import os\n"
    assert card.copy_button.accessibleName() == "Copied"
    qtbot.waitUntil(lambda: card.copy_button.accessibleName() == "Copy code")


def test_a_selection_becomes_a_block_again(card: CodeCard) -> None:
    card.show_code(CodeBlock("md", "a ``` b", closed=True), LIGHT)
    assert card.selected_markdown() == ""
    card.text.selectAll()
    assert card.selected_text() == "a ``` b"
    assert card.selected_markdown() == "````md\na ``` b\n````"


def test_a_card_is_used_again(card: CodeCard) -> None:
    card.show_code(CodeBlock("python", "import os", closed=True), LIGHT)
    card.release()
    card.show_code(CodeBlock("js", "let x = 1", closed=True), LIGHT)
    assert card.text.toPlainText() == "let x = 1"
    assert card.language_label.text() == "js"
    assert colored_lines(card) == [0]


def test_the_name_of_a_language_is_never_read_as_html(card: CodeCard) -> None:
    card.show_code(CodeBlock("<b>python</b>", "import os", closed=True), LIGHT)
    assert card.language_label.text() == "<b>python</b>"
    assert card.language_label.textFormat() is Qt.TextFormat.PlainText

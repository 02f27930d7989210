"""Of a text of megabytes the beginning is shown, more when asked for, and all of it is copied."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.ui import theme
from app.ui.widgets.formula import FormulaRenderer
from app.ui.widgets.markdown_look import TextStyle
from app.ui.widgets.markdown_pictures import TextContext
from app.ui.widgets.markdown_view import MarkdownView
from app.ui.widgets.text_beginning import MOST_SHOWN_CHARACTERS, MOST_SHOWN_LINES

LIGHT = TextStyle(theme.LIGHT)
WORDS = "word and more " * 150_000
LINES = "a\n" * 1_000_000 + "end"
NOTE_CHARACTERS = 200


@pytest.fixture
def view(qtbot: QtBot) -> MarkdownView:
    made = MarkdownView(TextContext(FormulaRenderer(), lambda _address: None))
    qtbot.addWidget(made)
    return made


def shown(view: MarkdownView) -> str:
    return view.document().toPlainText()


@pytest.mark.parametrize(
    ("text", "most"), [(WORDS, MOST_SHOWN_CHARACTERS), (LINES, 2 * MOST_SHOWN_LINES - 1)], ids=["words", "lines"]
)
@pytest.mark.parametrize("plain", [True, False])
def test_no_more_is_laid_out_than_a_window_can_bear(view: MarkdownView, text: str, most: int, plain: bool) -> None:
    view.show_text(text, LIGHT, plain)
    assert most <= len(shown(view)) <= most + NOTE_CHARACTERS
    assert text.startswith(shown(view).split("\n")[0])
    assert "This text is longer than what is shown; copying takes all of it." in shown(view)


@pytest.mark.parametrize("text", [WORDS, LINES], ids=["words", "lines"])
def test_what_is_copied_is_all_of_it(view: MarkdownView, text: str) -> None:
    view.show_text(text, LIGHT)
    view.selectAll()
    assert view.selected_markdown() == text
    assert view.selected_text() == text


def test_a_part_is_copied_without_the_note_and_what_reaches_it_with_the_rest(view: MarkdownView) -> None:
    view.show_text(WORDS, LIGHT)
    cursor = view.textCursor()
    cursor.setPosition(5)
    cursor.setPosition(13, QTextCursor.MoveMode.KeepAnchor)
    view.setTextCursor(cursor)
    assert view.selected_text() == view.selected_markdown() == "and more"
    cursor.setPosition(5)
    cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
    view.setTextCursor(cursor)
    assert view.selected_text() == view.selected_markdown() == WORDS[5:]


def test_more_is_shown_from_the_keyboard_until_nothing_is_left(view: MarkdownView, qtbot: QtBot) -> None:
    text = WORDS[: 2 * MOST_SHOWN_CHARACTERS + 10]
    view.show_text(text, LIGHT)
    view.resize(600, 400)
    view.show()
    for number in (2, 3):
        with qtbot.waitSignal(view.height_changed):
            view.setFocus()
            QTest.keyClick(view, Qt.Key.Key_Tab)
            QTest.keyClick(view, Qt.Key.Key_Return)
        assert shown(view).startswith(text[: number * MOST_SHOWN_CHARACTERS])
    assert shown(view) == text


def test_another_text_begins_at_its_beginning(view: MarkdownView) -> None:
    view.show_text(WORDS, LIGHT)
    view.release()
    view.show_text("short", LIGHT)
    assert shown(view) == "short"
    view.selectAll()
    assert view.selected_text() == "short"

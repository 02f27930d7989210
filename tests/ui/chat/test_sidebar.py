"""The list at the left: renaming, pinning, deleting with Undo, searching, exporting, all of it by keyboard too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu

from app.model.chat import MessageState
from app.ui import ask
from app.ui.tab import native_keys
from tests.fakes.openai_server import FakeOpenAI
from tests.ui.chat.program import Program

# What the platform without a screen says whenever a menu opens.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


def test_what_was_asked_last_comes_first(chat: Program) -> None:
    _talk_about(chat, "Apples", "Pears")
    chat.wait(lambda: chat.listed() == ["Pears", "Apples"])
    assert chat.listing.currentIndex().data() == "Pears"
    chat.open_conversation(_id_of(chat, "Apples"))
    assert chat.listing.currentIndex().data() == "Apples"


def test_a_title_that_looks_like_html_is_shown_as_it_is(chat: Program) -> None:
    _talk_about(chat, "Apples")
    chat.wait(lambda: chat.listed() == ["Apples"])
    entries = chat.listing.entries
    assert entries.setData(entries.index(0), "<img src='/x.png'>")
    tip = str(entries.index(0).data(Qt.ItemDataRole.ToolTipRole))
    assert "<img" not in tip
    assert "&lt;img" in tip


def test_a_click_opens_a_conversation_and_the_cursor_is_ready(chat: Program) -> None:
    _talk_about(chat, "Apples", "Pears")
    with chat.qtbot.waitSignal(chat.tab.talk.opening.shown):
        _click(chat, "Apples")
    assert chat.shown()[0] == "Apples"
    assert chat.composer.field.hasFocus()


def test_enter_opens_what_the_arrows_chose(chat: Program) -> None:
    _talk_about(chat, "Apples", "Pears")
    chat.listing.setFocus()
    QTest.keyClick(chat.listing, Qt.Key.Key_Down)
    assert chat.shown()[0] == "Pears", "moving along the list opens nothing"
    with chat.qtbot.waitSignal(chat.tab.talk.opening.shown):
        QTest.keyClick(chat.listing, Qt.Key.Key_Return)
    assert chat.shown()[0] == "Apples"


def test_a_title_is_edited_in_place(chat: Program) -> None:
    _talk_about(chat, "Apples")
    chat.listing.setFocus()
    QTest.keyClick(chat.listing, Qt.Key.Key_F2)
    _type_title(chat, "Fruit")
    chat.wait(lambda: [one.title for one in chat.conversations()] == ["Fruit"])
    chat.wait(lambda: chat.listed() == ["Fruit"])


def test_an_answer_that_ends_does_not_disturb_renaming(chat: Program, server: FakeOpenAI) -> None:
    _talk_about(chat, "Apples", "Pears")
    server.answer("one two", hold_after=1)
    chat.open_conversation(_id_of(chat, "Apples"))
    chat.send("More")
    chat.wait_for_text("one ")
    chat.listing.setFocus()
    QTest.keyClick(chat.listing, Qt.Key.Key_F2)
    editor = chat.listing.findChild(QLineEdit, "title_editor")
    server.release()
    chat.wait_idle()
    assert editor.isVisible()
    _type_title(chat, "Fruit")
    chat.wait(lambda: chat.listed() == ["Fruit", "Pears"])


def test_an_empty_title_changes_nothing(chat: Program) -> None:
    _talk_about(chat, "Apples")
    chat.listing.setFocus()
    QTest.keyClick(chat.listing, Qt.Key.Key_F2)
    _type_title(chat, "")
    assert chat.listed() == ["Apples"]
    assert chat.conversations()[0].title == "Apples"


def test_pinned_conversations_stay_at_the_top(chat: Program) -> None:
    _talk_about(chat, "Apples", "Pears")
    _menu(chat, "Apples", "Pin")
    chat.wait(lambda: chat.listed() == ["Apples", "Pears"])
    _menu(chat, "Apples", "Unpin")
    chat.wait(lambda: chat.listed() == ["Pears", "Apples"])


def test_deleting_can_be_undone(chat: Program) -> None:
    _talk_about(chat, "Apples", "Pears")
    chat.listing.setFocus()
    QTest.keyClick(chat.listing, Qt.Key.Key_Delete)
    chat.wait(lambda: chat.listed() == ["Apples"])
    chat.wait(lambda: not chat.shown())
    assert chat.tab.sidebar.undo_bar.label.text() == "Deleted “Pears”"
    chat.click(chat.tab.sidebar.undo_bar.undo_button)
    chat.wait(lambda: chat.listed() == ["Pears", "Apples"])
    chat.wait(lambda: chat.shown()[:1] == ["Pears"])


def test_what_is_deleted_is_gone_for_good_after_closing(chat: Program) -> None:
    _talk_about(chat, "Apples", "Pears")
    _menu(chat, "Apples", "Delete")
    chat.wait(lambda: chat.listed() == ["Pears"])
    assert chat.shown()[0] == "Pears", "the one on show is another one"
    chat.restart()
    chat.wait(lambda: chat.listed() == ["Pears"])
    assert not chat.run_async(chat.history.search.find("Apples"))


def test_deleting_while_an_answer_arrives_stops_it(chat: Program, server: FakeOpenAI) -> None:
    server.answer("one two", hold_after=1)
    chat.send("Count")
    chat.wait_for_text("one ")
    counting_id = chat.tab.conversation_id
    chat.wait(lambda: chat.listed() == ["Count"])
    _menu(chat, "Count", "Delete")
    chat.wait(lambda: not chat.shown())
    chat.click(chat.tab.sidebar.undo_bar.undo_button)
    chat.wait(lambda: chat.shown() == ["Count", "one "])
    assert chat.tab.conversation_id == counting_id
    assert chat.stored()[-1].state is MessageState.STOPPED


def test_searching_finds_titles_and_messages_and_opens_at_the_message(chat: Program, server: FakeOpenAI) -> None:
    server.answer("An apple a day keeps the doctor away")
    _talk_about(chat, "Proverbs", "Weather")
    _search(chat, "doctor")
    chat.wait(lambda: chat.listed() == ["Proverbs"])
    with chat.qtbot.waitSignal(chat.tab.talk.opening.shown) as shown:
        QTest.keyClick(chat.tab.sidebar.search_field, Qt.Key.Key_Return)
    assert chat.shown()[0] == "Proverbs"
    assert (shown.args[0].message_id, shown.args[0].highlight) == (chat.ids()[1], "doctor")
    assert chat.view.transcript.hasFocus() or chat.view.transcript.isAncestorOf(QApplication.focusWidget())
    QTest.keyClick(chat.tab.sidebar.search_field, Qt.Key.Key_Escape)
    chat.wait(lambda: chat.listed() == ["Weather", "Proverbs"])


def test_enter_opens_what_was_typed_even_before_it_was_found(chat: Program) -> None:
    _talk_about(chat, "Apples", "Pears")
    _search(chat, "Apples")
    with chat.qtbot.waitSignal(chat.tab.talk.opening.shown):
        QTest.keyClick(chat.tab.sidebar.search_field, Qt.Key.Key_Return)
    assert chat.shown()[0] == "Apples"


def test_chinese_is_found_by_two_characters(chat: Program, server: FakeOpenAI) -> None:
    server.answer("今天天气很好")
    _talk_about(chat, "Weather", "Pears")
    _search(chat, "天气")
    chat.wait(lambda: chat.listed() == ["Weather"])


def test_nothing_found_is_said(chat: Program) -> None:
    label = chat.tab.sidebar.nothing_label
    assert label.text() == "Your conversations will be listed here."
    chat.wait(label.isVisible)
    _talk_about(chat, "Apples")
    chat.wait(lambda: not label.isVisible())
    _search(chat, "zebra")
    chat.wait(lambda: label.isVisible() and label.text() == "Nothing found.")


def test_from_the_search_box_down_goes_to_the_list(chat: Program) -> None:
    _talk_about(chat, "Apples", "Pears")
    QTest.keyClick(chat.tab.sidebar.search_field, Qt.Key.Key_Down)
    assert chat.listing.hasFocus()


@pytest.mark.parametrize("name", ["talk.md", "talk.json"])
def test_a_conversation_is_exported(chat: Program, tmp_path: Path, name: str) -> None:
    _talk_about(chat, "Apples")
    ask.answers.append(tmp_path / name)
    _menu(chat, "Apples", "Export…")
    chat.wait((tmp_path / name).exists)
    text = (tmp_path / name).read_text()
    assert "You said: Apples" in text
    assert not name.endswith(".json") or json.loads(text)


def test_an_export_can_be_given_up(chat: Program) -> None:
    _talk_about(chat, "Apples")
    ask.answers.append(None)
    _menu(chat, "Apples", "Export…")
    chat.wait(lambda: not ask.answers)
    assert not chat.failures


def test_the_menu_opens_by_keyboard_for_the_chosen_conversation(chat: Program) -> None:
    _talk_about(chat, "Apples", "Pears")
    chat.listing.setFocus()
    place = QPoint(5, 5)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, place, chat.listing.mapToGlobal(place))
    QApplication.sendEvent(chat.listing.viewport(), event)
    menu = chat.listing.findChild(QMenu, "conversation_menu")
    assert [action.text() for action in menu.actions()] == [
        "Rename\tF2",
        "Pin",
        "Export…",
        f"Delete\t{native_keys('Del')}",
    ]
    menu.close()


def test_commands_do_what_the_buttons_do(chat: Program) -> None:
    _talk_about(chat, "Apples")
    commands = {command.id: command for command in chat.tab.commands()}
    chat.wait(lambda: chat.listed() == ["Apples"])
    commands["chat.pin"].run()
    chat.wait(lambda: [one.pinned for one in chat.conversations()] == [True])
    commands["chat.sidebar"].run()
    assert not chat.tab.sidebar.isVisible()
    commands["chat.search"].run()
    assert chat.tab.sidebar.search_field.hasFocus()
    commands["chat.parameters"].run()
    assert chat.tab.parameters.isVisible()
    with chat.qtbot.waitSignal(chat.tab.talk.opening.shown):
        commands["chat.new"].run()
    assert chat.shown() == []
    assert "chat.delete" not in {command.id for command in chat.tab.commands()}, "there is nothing to delete yet"


def _talk_about(chat: Program, *topics: str) -> None:
    """A conversation for each topic; the last one stays on show."""
    for topic in topics:
        chat.open_conversation(None)
        chat.ask(topic)
    chat.wait(lambda: len(chat.listed()) >= len(topics))


def _id_of(chat: Program, title: str) -> int:
    return next(one.id for one in chat.conversations() if one.title == title)


def _place_of(chat: Program, title: str) -> QPoint:
    index = chat.listing.entries.index(chat.listed().index(title))
    place: QPoint = chat.listing.visualRect(index).center()
    return place


def _click(chat: Program, title: str) -> None:
    QTest.mouseClick(
        chat.listing.viewport(),
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
        _place_of(chat, title),
    )


def _menu(chat: Program, title: str, action: str) -> None:
    """Right-click a conversation and choose."""
    chat.wait(lambda: title in chat.listed())
    place = _place_of(chat, title)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, chat.listing.mapToGlobal(place))
    QApplication.sendEvent(chat.listing.viewport(), event)
    menu = chat.listing.findChild(QMenu, "conversation_menu")
    chosen = next(one for one in menu.actions() if one.text().split("\t")[0] == action)
    QTest.mouseClick(
        menu,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
        menu.actionGeometry(chosen).center(),
    )
    chat.wait(lambda: chat.listing.findChild(QMenu, "conversation_menu") is None)


def _type_title(chat: Program, title: str) -> None:
    chat.wait(lambda: chat.listing.findChild(QLineEdit, "title_editor") is not None)
    editor = chat.listing.findChild(QLineEdit, "title_editor")
    editor.selectAll()
    QTest.keyClick(editor, Qt.Key.Key_Delete)
    QTest.keyClicks(editor, title)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    chat.wait(lambda: chat.listing.findChild(QLineEdit, "title_editor") is None)


def _search(chat: Program, words: str) -> None:
    chat.tab.sidebar.search_field.insert(words)

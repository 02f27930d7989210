"""A new conversation from a message: it is made, listed and opened, and the one before stays as it was."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.ui.chat.program import Program


def test_an_answer_begins_a_new_conversation_with_what_led_to_it(chat: Program) -> None:
    chat.ask("Hello")
    chat.ask("And then?")
    before, first = chat.tab.conversation_id, chat.ids()[1]
    with chat.qtbot.waitSignal(chat.tab.talk.opening.shown):
        chat.view.transcript.branch_requested.emit(first)
    assert chat.shown() == ["Hello", "You said: Hello"]
    assert chat.tab.conversation_id != before
    chat.wait(lambda: len(chat.listed()) == 2)
    chat.ask("Another way")
    chat.open_conversation(before)
    assert chat.shown()[2] == "And then?"


def test_a_prompt_stands_in_the_composer_of_the_new_conversation(chat: Program) -> None:
    chat.ask("Hello")
    chat.ask("And then?")
    view = chat.view.transcript.stage.view(2)
    view.setFocus(Qt.FocusReason.TabFocusReason)
    chat.wait(view.footer.branch_button.isVisible)
    view.footer.branch_button.setFocus(Qt.FocusReason.TabFocusReason)
    with chat.qtbot.waitSignal(chat.tab.talk.opening.shown):
        QTest.keyClick(view.footer.branch_button, Qt.Key.Key_Space)
    assert chat.shown() == ["Hello", "You said: Hello"]
    assert chat.composer.text() == "And then?"
    assert chat.composer.field.hasFocus()
    chat.press(Qt.Key.Key_Return)
    chat.wait(lambda: chat.shown()[2:] == ["And then?", "You said: And then?"])
    chat.wait_idle()


def test_a_message_that_is_gone_begins_nothing(chat: Program) -> None:
    chat.ask("Hello")
    chat.view.transcript.branch_requested.emit(99)
    chat.ask("Still here?")
    assert chat.shown()[2] == "Still here?"
    assert chat.failures == []

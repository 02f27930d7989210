"""What is done in the columns before the tab behind them is there: nothing of it is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.ui.chat.columns import SIDEBAR_PX, Columns
from tests.fakes.openai_server import FakeOpenAI
from tests.ui.chat.program import MODEL, Program


@pytest.fixture
def columns(qtbot: QtBot) -> Columns:
    made = Columns()
    qtbot.addWidget(made)
    made.resize(1180, 760)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


@pytest.fixture
def earlier(chat: Program) -> int:
    """A conversation that is to be on show again after the restart; the program is closed."""
    chat.ask("Hello")
    conversation_id = chat.tab.conversation_id
    assert conversation_id is not None
    chat.close()
    return conversation_id


@pytest.fixture
def start(chat: Program, columns: Columns, earlier: int) -> Iterator[Callable[[], None]]:
    """Put the tab behind the columns and show the conversation of the last time."""

    def put_behind() -> None:
        chat.open(earlier, columns)

    yield put_behind
    chat.close()


def test_what_is_typed_early_is_kept_and_nothing_comes_over_it(
    chat: Program, columns: Columns, start: Callable[[], None]
) -> None:
    QTest.keyClicks(columns.page.composer.field, "Typed early")
    start()
    assert chat.composer.text() == "Typed early"
    assert chat.view.messages == {}
    assert columns.page.pages.currentWidget() is columns.page.welcome
    chat.wait(lambda: len(chat.conversations()) == 2)
    chat.restart(max(conversation.id for conversation in chat.conversations()))
    assert chat.composer.text() == "Typed early"


def test_where_nothing_was_typed_the_last_conversation_is_there_again(
    chat: Program, columns: Columns, start: Callable[[], None], earlier: int
) -> None:
    columns.page.expect_messages()
    assert not columns.page.welcome.isVisible()
    start()
    assert chat.tab.conversation_id == earlier
    assert len(chat.view.messages) == 2
    assert chat.view.transcript.isVisible()


def test_a_conversation_that_is_gone_leaves_the_welcome(chat: Program, columns: Columns, earlier: int) -> None:
    columns.page.expect_messages()
    chat.open(earlier + 1, columns)
    assert columns.page.welcome.isVisible()


def test_enter_pressed_early_sends_as_soon_as_there_is_a_model(
    chat: Program, columns: Columns, start: Callable[[], None], server: FakeOpenAI
) -> None:
    QTest.keyClicks(columns.page.composer.field, "Sent early")
    QTest.keyClick(columns.page.composer.field, Qt.Key.Key_Return)
    start()
    chat.wait(lambda: len(chat.view.messages) == 2)
    chat.wait_idle()
    assert chat.shown()[0] == "Sent early"
    assert chat.composer.text() == ""
    chat.tab.set_model(MODEL)
    assert len(chat.view.messages) == 2


def test_writing_on_takes_an_early_enter_back(chat: Program, columns: Columns, start: Callable[[], None]) -> None:
    QTest.keyClicks(columns.page.composer.field, "Sent early")
    QTest.keyClick(columns.page.composer.field, Qt.Key.Key_Return)
    QTest.keyClicks(columns.page.composer.field, ", or not")
    start()
    assert chat.composer.text() == "Sent early, or not"
    assert chat.view.messages == {}


def test_what_is_searched_for_early_is_found(chat: Program, columns: Columns, start: Callable[[], None]) -> None:
    QTest.keyClicks(columns.sidebar.search_field, "no such words")
    start()
    chat.wait(lambda: columns.sidebar.nothing_label.text() == "Nothing found.")
    assert chat.listed() == []


def test_the_outer_columns_keep_their_width_and_the_middle_gives(qtbot: QtBot, columns: Columns) -> None:
    conversations = columns.sidebar.width()
    columns.resize(1400, 760)
    qtbot.waitUntil(lambda: columns.page.width() > 1100)
    assert columns.sidebar.width() == conversations == SIDEBAR_PX
    columns.parameters_button.setChecked(True)
    qtbot.waitUntil(columns.parameters.isVisible)
    assert columns.sidebar.width() == conversations

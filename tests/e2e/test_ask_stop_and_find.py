"""A question to the built-in engine: tokens appear, Stop keeps them, and after a restart they are there and found."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QListView

from app.model.chat import Conversation, Message, MessageState, SearchHit
from app.ui.chat.conversation_list import ENTRY_ROLE
from app.ui.chat.tab import ChatTab
from tests.driving import Driver, answered, ask, run_story
from tests.ui.chat.reading import text_of

ENGINE_S = 120.0
"""Loading a model on a busy machine; only an engine that hangs ever takes so long."""
QUESTION = "Write a long story about a lighthouse keeper named Bartholomew and his seven cats."
CHINESE_QUESTION = "灯塔为什么会发光？"


@pytest.mark.engine
def test_stop_keeps_what_came_and_a_restart_finds_it(qapp: QApplication, equipped: Path) -> None:
    kept: list[Message] = []

    async def asks_and_stops(driver: Driver) -> None:
        chat = driver.tab(ChatTab)
        await ask(driver, QUESTION)

        def arriving() -> str:
            live = chat.talk.answers.live(chat.talk.current.id)
            return "".join(live.text) if live is not None else ""

        await driver.until(lambda: len(arriving()) > 20, "words appear", ENGINE_S)
        seen = arriving()
        driver.click(chat.view.composer.send_button)
        answer = await answered(driver)
        assert answer.state is MessageState.STOPPED
        assert answer.text.startswith(seen)
        assert text_of(chat.view.transcript, answer.id) == answer.text
        kept.append(answer)
        await _asks_in_chinese(driver)

    async def comes_back_and_searches(driver: Driver) -> None:
        chat = driver.tab(ChatTab)
        await driver.until(lambda: len(_listed(driver)) == 2, "both conversations are listed")
        await _finds(driver, "bartholomew", QUESTION)
        answer = chat.view.messages[kept[0].id]
        assert (answer.state, answer.text) == (MessageState.STOPPED, kept[0].text)
        await _finds(driver, "塔", CHINESE_QUESTION)

    run_story(equipped, asks_and_stops)
    run_story(equipped, comes_back_and_searches)


async def _asks_in_chinese(driver: Driver) -> None:
    """In a new conversation, and stopped at the first words, whatever the small model makes of it."""
    chat = driver.tab(ChatTab)
    driver.click(chat.sidebar.new_button)
    await driver.until(lambda: not chat.view.messages, "a new conversation is on show")
    await ask(driver, CHINESE_QUESTION)
    await driver.until(lambda: chat.talk.answers.live(chat.talk.current.id), "it begins to answer", ENGINE_S)
    driver.press(chat.view.composer.field, Qt.Key.Key_Escape)
    await answered(driver)


async def _finds(driver: Driver, words: str, prompt: str) -> None:
    """Search for `words`: there is one conversation with them, and Enter opens it at the message."""
    chat = driver.tab(ChatTab)
    field = chat.sidebar.search_field
    field.selectAll()
    driver.type_into(field, words)
    await driver.until(lambda: _is_hit(_listed(driver), words), f"“{words}” is found")
    driver.press(field, Qt.Key.Key_Return)

    def is_open() -> bool:
        return any(message.text == prompt for message in chat.view.messages.values())

    await driver.until(is_open, "the conversation is opened")


def _listed(driver: Driver) -> list[Conversation | SearchHit]:
    """What the list at the left shows: conversations, or hits while a search is on."""
    model = driver.find(QListView, "conversation_list").model()
    return [model.index(row, 0).data(ENTRY_ROLE) for row in range(model.rowCount())]


def _is_hit(entries: list[Conversation | SearchHit], words: str) -> bool:
    return any(isinstance(entry, SearchHit) and words in entry.excerpt.casefold() for entry in entries)

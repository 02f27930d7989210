"""Quitting while something is only in memory: it is stored first, and what the disk refuses is asked about."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from app.ui import ask
from app.ui.leaving import COPY, QUIT, TRY_AGAIN, Leaving
from app.ui.tab import Tab


class Words:
    """What a tab holds unsaved, on a disk that may be full."""

    def __init__(self, text: str, refusals: int) -> None:
        self._text = text
        self.refusals = refusals
        self.tries = 0

    @property
    def may_be_lost(self) -> bool:
        return bool(self._text)

    def text(self) -> str:
        return self._text

    async def save(self) -> None:
        self.tries += 1
        if self.tries > self.refusals:
            self._text = ""


class Leave:
    def __init__(self, qtbot: QtBot, words: Words) -> None:
        self.host, self.tab = QWidget(), Tab()
        self.words = self.tab.unsaved = words
        qtbot.addWidget(self.host)
        qtbot.addWidget(self.tab)
        self.host.show()
        self.leaving = Leaving(self.host, lambda: [self.tab])
        self.allowed: list[bool] = []
        self.leaving.allowed.connect(lambda: self.allowed.append(True))


@pytest.fixture(autouse=True)
def _answers() -> Iterator[None]:
    ask.answers.clear()
    yield
    assert not ask.answers


@pytest.mark.usefixtures("loop")
def test_with_nothing_to_lose_it_closes_at_once(qtbot: QtBot) -> None:
    assert Leave(qtbot, Words("", 0)).leaving.begin()


@pytest.mark.usefixtures("loop")
def test_what_can_be_stored_is_stored_without_a_question(qtbot: QtBot) -> None:
    leave = Leave(qtbot, Words("a draft", 0))
    assert not leave.leaving.begin()
    qtbot.waitUntil(lambda: leave.allowed == [True])
    assert leave.leaving.begin(), "now it may"


@pytest.mark.usefixtures("loop")
def test_trying_again_helps_when_there_is_room(qtbot: QtBot) -> None:
    leave = Leave(qtbot, Words("a draft", 2))
    ask.answers.extend([TRY_AGAIN, TRY_AGAIN])
    leave.leaving.begin()
    qtbot.waitUntil(lambda: leave.allowed == [True])
    assert leave.words.tries == 3


@pytest.mark.usefixtures("loop")
def test_the_text_can_be_taken_along(qtbot: QtBot) -> None:
    leave = Leave(qtbot, Words("a long draft", 99))
    ask.answers.extend([COPY, QUIT])
    leave.leaving.begin()
    qtbot.waitUntil(lambda: leave.allowed == [True])
    assert QGuiApplication.clipboard().text() == "a long draft"


@pytest.mark.usefixtures("loop")
def test_whoever_cancels_stays_and_can_leave_later(qtbot: QtBot) -> None:
    leave = Leave(qtbot, Words("a draft", 99))
    ask.answers.append(None)
    leave.leaving.begin()
    qtbot.waitUntil(lambda: not ask.answers)
    qtbot.waitUntil(lambda: not leave.leaving._asking.running)
    assert not leave.allowed
    ask.answers.append(QUIT)
    leave.leaving.begin()
    qtbot.waitUntil(lambda: leave.allowed == [True])


@pytest.mark.usefixtures("loop")
def test_the_question_names_what_one_can_do(qtbot: QtBot) -> None:
    leave = Leave(qtbot, Words("a draft", 99))
    leave.leaving.begin()
    qtbot.waitUntil(lambda: leave.host.findChild(QMessageBox, "choose") is not None)
    box = leave.host.findChild(QMessageBox, "choose")
    assert isinstance(box, QMessageBox)
    texts = [button.text().replace("&", "") for button in box.buttons()]
    assert sorted(texts) == ["Cancel", "Copy the text", "Quit anyway", "Try again"]
    next(button for button in box.buttons() if button.text() == "Quit anyway").click()
    qtbot.waitUntil(lambda: leave.allowed == [True])

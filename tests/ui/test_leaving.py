"""Quitting and logging out: what can be stored is, and only what would be lost is asked about."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import SIGNAL
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from app.ui import ask
from app.ui.leaving import Leaving
from app.ui.leaving_questions import EXPORT, QUIT, QUIT_ANYWAY, RESCUE, TRY_AGAIN
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

    @property
    def is_refused(self) -> bool:
        return bool(self._text) and self.tries > 0

    def text(self) -> str:
        return self._text

    async def save(self) -> None:
        self.tries += 1
        if self.tries > self.refusals:
            self._text = ""


class Pictures:
    """Pictures that the disk refused; there is room for one more after each refusal that is left."""

    def __init__(self, count: int, refusals: int = 0) -> None:
        self.count = count
        self.refusals = refusals
        self.folders: list[Path] = []

    async def save(self) -> None:
        if self.refusals:
            self.refusals -= 1
        else:
            self.count = 0

    async def save_in(self, folder: Path) -> None:
        self.folders.append(folder)
        self.count = 0


class WorkingTab(Tab):
    work = ""

    def unfinished(self) -> str:
        return self.work


class LogOut:
    """What a desktop offers a program when its user logs out."""

    def __init__(self, *, may_ask: bool = True) -> None:
        self.may_ask = may_ask
        self.said: list[str] = []

    def allowsInteraction(self) -> bool:
        return self.may_ask

    def release(self) -> None:
        self.said.append("release")

    def cancel(self) -> None:
        self.said.append("cancel")


class Leave:
    def __init__(self, qtbot: QtBot, words: Words | None = None) -> None:
        self.host, self.tab = QWidget(), WorkingTab()
        self.words = words or Words("", 0)
        self.tab.unsaved = self.words
        qtbot.addWidget(self.host)
        qtbot.addWidget(self.tab)
        self.host.show()
        self.leaving = Leaving(self.host, lambda: [self.tab])
        self.allowed: list[bool] = []
        self.leaving.allowed.connect(lambda: self.allowed.append(True))
        self.leaving.declined.connect(lambda: self.allowed.append(False))

    def ends(self, qtbot: QtBot) -> bool:
        """Quit; whether it may be in the end."""
        if self.leaving.begin():
            return True
        qtbot.waitUntil(lambda: bool(self.allowed))
        return self.allowed.pop()


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
    ask.answers.extend([RESCUE, QUIT])
    leave.leaving.begin()
    qtbot.waitUntil(lambda: leave.allowed == [True])
    assert QGuiApplication.clipboard().text() == "a long draft"


@pytest.mark.usefixtures("loop")
def test_whoever_cancels_stays_and_can_leave_later(qtbot: QtBot) -> None:
    leave = Leave(qtbot, Words("a draft", 99))
    ask.answers.append(None)
    leave.leaving.begin()
    qtbot.waitUntil(lambda: leave.allowed == [False])
    leave.allowed.clear()
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


@pytest.mark.usefixtures("loop")
def test_work_that_would_end_for_good_is_asked_about_before_anything_is_stored(qtbot: QtBot) -> None:
    leave = Leave(qtbot, Words("a draft", 0))
    leave.tab.work = "A recording is running."
    ask.answers.append(False)
    assert not leave.ends(qtbot)
    assert leave.words.tries == 0
    ask.answers.append(True)
    assert leave.ends(qtbot)
    assert leave.words.tries == 1


@pytest.mark.usefixtures("loop")
def test_the_question_tells_what_is_at_work(qtbot: QtBot) -> None:
    leave = Leave(qtbot)
    leave.tab.work = "A recording is running."
    leave.leaving.begin()
    qtbot.waitUntil(lambda: leave.host.findChild(QMessageBox, "confirm") is not None)
    box = leave.host.findChild(QMessageBox, "confirm")
    assert isinstance(box, QMessageBox)
    assert leave.tab.work in box.text() + box.informativeText()
    box.reject()
    qtbot.waitUntil(lambda: leave.allowed == [False])


@pytest.mark.usefixtures("loop")
def test_pictures_that_the_disk_refused_can_be_saved_elsewhere(qtbot: QtBot, tmp_path: Path) -> None:
    leave = Leave(qtbot)
    pictures = leave.tab.unsaved_files = Pictures(2, refusals=1)
    ask.answers.extend([TRY_AGAIN, RESCUE, tmp_path])
    assert leave.ends(qtbot)
    assert (pictures.folders, pictures.count) == ([tmp_path], 0)


@pytest.mark.usefixtures("loop")
def test_whoever_chooses_no_folder_is_asked_again(qtbot: QtBot) -> None:
    leave = Leave(qtbot)
    leave.tab.unsaved_files = Pictures(1, refusals=9)
    ask.answers.extend([RESCUE, None, None])
    assert not leave.ends(qtbot)
    ask.answers.append(QUIT)
    assert leave.ends(qtbot)


@pytest.mark.usefixtures("loop")
def test_a_session_in_memory_can_be_taken_along(qtbot: QtBot) -> None:
    leave = Leave(qtbot)
    wanted: list[bool] = []
    leave.leaving.export_requested.connect(lambda: wanted.append(True))
    leave.leaving.is_session_lost = lambda: True
    ask.answers.append(EXPORT)
    assert not leave.ends(qtbot)
    assert wanted == [True]
    ask.answers.append(QUIT_ANYWAY)
    assert leave.ends(qtbot)
    leave = Leave(qtbot)
    leave.leaving.is_session_lost = lambda: False
    assert leave.ends(qtbot), "it was exported"


@pytest.mark.usefixtures("loop")
def test_logging_out_is_held_up_only_where_something_would_be_lost(qtbot: QtBot) -> None:
    leave, log_out = Leave(qtbot, Words("a draft that nobody tried to store yet", 0)), LogOut()
    leave.leaving.hold_up(log_out)
    assert log_out.said == [], "quitting stores it"
    leave.tab.work = "A recording is running."
    silent = LogOut(may_ask=False)
    leave.leaving.hold_up(silent)
    assert silent.said == []
    ask.answers.append(True)
    leave.leaving.hold_up(log_out)
    assert log_out.said == ["release", "cancel"]
    qtbot.waitUntil(lambda: leave.allowed == [True])
    assert leave.leaving.begin(), "it may go now"


@pytest.mark.usefixtures("loop")
def test_logging_out_is_held_up_for_what_the_disk_has_refused(qtbot: QtBot) -> None:
    leave, log_out = Leave(qtbot, Words("a draft", 1)), LogOut()
    ask.answers.append(None)
    leave.leaving.begin()
    qtbot.waitUntil(lambda: leave.allowed == [False])
    leave.leaving.hold_up(log_out)
    assert log_out.said == ["release", "cancel"]
    qtbot.waitUntil(lambda: leave.allowed == [False, True])


@pytest.mark.usefixtures("loop")
def test_a_desktop_asks_the_way_qt_says(qtbot: QtBot, qapp: QApplication) -> None:
    leave = Leave(qtbot)
    assert qapp.receivers(SIGNAL("commitDataRequest(QSessionManager&)")) > 0
    assert not leave.allowed

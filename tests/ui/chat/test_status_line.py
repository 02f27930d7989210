"""The line that says what an answer waits for."""

from __future__ import annotations

import time

from pytestqt.qtbot import QtBot

from app.model.chat import TextDelta
from app.ui.chat.answers import LiveAnswer
from app.ui.chat.status_line import QUIET_S, StatusLine


def test_a_server_that_says_nothing_is_told_with_its_time(qtbot: QtBot) -> None:
    line = StatusLine()
    qtbot.addWidget(line)
    answer = LiveAnswer(1)
    line.show_wait(answer)
    assert line.isHidden()
    answer.waits_since = time.monotonic() - QUIET_S - 2
    qtbot.waitUntil(line.isVisible)
    assert line.text().startswith("Nothing has come for 1")
    answer.note(TextDelta(text="Hello"))
    qtbot.waitUntil(line.isHidden)


def test_nothing_is_told_of_an_answer_that_is_over(qtbot: QtBot) -> None:
    line = StatusLine()
    qtbot.addWidget(line)
    answer = LiveAnswer(1, waits_since=time.monotonic() - QUIET_S - 2)
    line.show_wait(answer)
    assert line.isVisible()
    line.show_wait(None)
    assert line.isHidden()

"""LivePage: what is said while a recording is made, and while it pauses."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from app.model.audio import Level
from app.ui.audio.live_page import LivePage


def test_a_pause_is_told_and_forgotten_with_the_next_recording(qtbot: QtBot) -> None:
    page = LivePage()
    qtbot.addWidget(page)
    page.begin()
    page.show_level(Level(0.5, 0.2, 2.0))
    assert page.time_label.text() == "0:02"
    assert page.hint_label.text().startswith("Saved while you speak")
    page.show_paused(True)
    assert page.hint_label.text().startswith("Paused")
    page.begin()
    assert page.hint_label.text().startswith("Saved while you speak")

"""RecorderBar: idle, testing, recording, paused, and its warnings."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.model.audio import Level
from app.ui.audio.recorder_bar import RecorderBar


@pytest.fixture
def bar(qtbot: QtBot) -> RecorderBar:
    made = RecorderBar()
    qtbot.addWidget(made)
    made.show()
    return made


def test_what_is_shown_fits_what_can_be_done(bar: RecorderBar) -> None:
    assert bar.title_label.text() == "Record"
    assert not bar.pause_button.isVisible()
    bar.show_recording(True)
    assert bar.title_label.text() == "0:00"
    assert bar.pause_button.isVisible()
    assert not bar.device_picker.isEnabled()
    assert not bar.test_button.isVisible()
    bar.show_paused(True)
    assert bar.pause_button.text() == "Resume"
    bar.show_recording(False)
    assert bar.pause_button.text() == "Pause"
    assert bar.record_button.accessibleName() == "Record"


def test_the_button_works_by_mouse_and_keyboard(bar: RecorderBar) -> None:
    clicked: list[bool] = []
    bar.record_clicked.connect(lambda: clicked.append(True))
    QTest.mouseClick(bar.record_button, Qt.MouseButton.LeftButton)
    QTest.keyClick(bar.record_button, Qt.Key.Key_Space)
    assert len(clicked) == 2


def test_warnings_come_and_go(bar: RecorderBar) -> None:
    bar.show_recording(True)
    bar.show_level(Level(0.5, 0.2, 1.0))
    assert bar.hint_label.text() == "Recording"
    bar.show_level(Level(1.0, 0.5, 2.0, clipping=True))
    assert bar.hint_label.text().startswith("Too loud")
    bar.show_level(Level(0.4, 0.2, 5.5))
    assert bar.hint_label.text() == "Recording"
    bar.show_level(Level(0.0, 0.0, 11.0, silent_s=5.5))
    assert bar.hint_label.text().startswith("Nothing is heard")
    bar.show_recording(False)
    bar.show_recording(True)
    assert bar.hint_label.text() == "Recording"


def test_testing_shows_the_level_but_no_time(bar: RecorderBar) -> None:
    bar.show_testing(True)
    bar.show_level(Level(0.5, 0.2, 3.0, silent_s=9.0))
    assert bar.title_label.text() == "Record"
    assert bar.level_meter.position > 0
    bar.show_testing(False)
    assert bar.level_meter.position == 0


def test_a_narrow_bar_has_fewer_words(bar: RecorderBar) -> None:
    bar.resize(1200, bar.height())
    assert bar.automatic_box.text() == "Transcribe when stopped"
    bar.resize(720, bar.height())
    assert bar.automatic_box.text() == "Transcribe"
    assert bar.automatic_box.accessibleName() == bar.automatic_box.toolTip() == "Transcribe when stopped"

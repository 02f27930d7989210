"""TranscriptionBar: which button is offered when, and what the options say."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.model.audio import Segment, Transcript, TranscriptionOptions, TranscriptState
from app.model.settings import AudioSettings
from app.ui.audio.transcription_bar import TranscriptionBar
from tests.fakes.audio_desk import BUILT_IN

DONE = Transcript(1, 1, (Segment(0, 1, "Hello."),), "en", BUILT_IN, datetime.now(UTC))


@pytest.fixture
def bar(qtbot: QtBot) -> TranscriptionBar:
    made = TranscriptionBar()
    qtbot.addWidget(made)
    made.show()
    return made


def _offered(bar: TranscriptionBar) -> list[str]:
    return [b.text() for b in (bar.start_button, bar.again_button, bar.resume_button) if b.isVisible()]


@pytest.mark.parametrize(
    ("transcript", "offered"),
    [
        (None, ["Transcribe"]),
        (DONE, ["Transcribe again"]),
        (replace(DONE, segments=()), ["Transcribe again"]),
        (replace(DONE, state=TranscriptState.STOPPED), ["Transcribe again", "Continue"]),
        (replace(DONE, state=TranscriptState.FAILED), ["Transcribe again", "Continue"]),
        (replace(DONE, state=TranscriptState.FAILED, segments=()), ["Transcribe"]),
    ],
)
def test_what_is_offered_depends_on_what_there_is(
    bar: TranscriptionBar, transcript: Transcript | None, offered: list[str]
) -> None:
    bar.show_idle(transcript)
    assert _offered(bar) == offered


def test_while_it_works_there_is_progress_and_cancel(bar: TranscriptionBar, qtbot: QtBot) -> None:
    bar.show_progress("0:10 of 0:20 transcribed", 0.5)
    assert _offered(bar) == []
    assert (bar.progress_bar.value(), bar.progress_bar.maximum()) == (500, 1000)
    bar.show_progress("Waiting…", None)
    assert bar.progress_bar.maximum() == 0
    with qtbot.waitSignal(bar.cancel_clicked):
        QTest.mouseClick(bar.cancel_button, Qt.MouseButton.LeftButton)
    started: list[bool] = []
    bar.start_clicked.connect(lambda: started.append(True))
    bar.start()
    assert not started


def test_the_options_are_what_is_on_the_screen(bar: TranscriptionBar) -> None:
    assert bar.options() == TranscriptionOptions()
    assert not bar.vocabulary_edit.isVisible()
    bar.show_options(AudioSettings(language="de", vocabulary="Triptych"))
    bar.translate_box.setChecked(True)
    assert bar.options() == TranscriptionOptions("de", "Triptych", translate=True)
    assert bar.vocabulary_edit.isVisible()


def test_what_has_no_room_beside_the_options_is_below_them(bar: TranscriptionBar, qtbot: QtBot) -> None:
    start, option = bar.start_button, bar.translate_box

    def is_below() -> bool:
        return start.mapTo(bar, QPoint()).y() > option.mapTo(bar, option.rect().bottomLeft()).y()

    bar.resize(900, 120)
    qtbot.waitUntil(lambda: not is_below())
    bar.resize(330, 120)
    qtbot.waitUntil(is_below)
    assert option.width() >= option.sizeHint().width(), "no word is cut off"

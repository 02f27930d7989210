"""A sentence is spoken into the microphone, recorded, and written down by the built-in engine."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from app.model.audio import TranscriptState
from app.ui.audio.tab import AudioTab
from tests.driving import Driver, run_story
from tests.fakes.microphone import VirtualMicrophone
from tests.profiles import ROOT

SPOKEN = ROOT / "tests" / "data" / "speech" / "dashwood.wav"
TEXT = SPOKEN.with_suffix(".txt")
MOST_ERRORS = 0.10
"""Of the words of a human reader."""
ENGINE_S = 120.0


@pytest.mark.engine
@pytest.mark.microphone
def test_a_spoken_sentence_becomes_text(qapp: QApplication, equipped: Path, microphone: VirtualMicrophone) -> None:
    heard: list[str] = []

    async def dictates(driver: Driver) -> None:
        audio = driver.tab(AudioTab)
        elapsed: list[float] = []
        audio.session.level_changed.connect(lambda level: elapsed.append(level.elapsed_s))
        driver.click(audio.recorder_bar.record_button)
        await driver.until(lambda: elapsed, "the recording runs")
        await asyncio.to_thread(microphone.play, SPOKEN)
        driver.click(audio.recorder_bar.record_button)

        def is_written() -> bool:
            transcript = audio.pane.transcript
            return transcript is not None and transcript.state is TranscriptState.COMPLETE

        await driver.until(is_written, "the transcript is there", ENGINE_S)
        heard.append(audio.pane.transcript_view.edit.toPlainText())

    async def finds_it(driver: Driver) -> None:
        audio = driver.tab(AudioTab)
        await driver.until(lambda: audio.pane.transcript, "the transcript is on show again")
        assert audio.pane.transcript_view.edit.toPlainText() == heard[0]

    run_story(equipped, dictates)
    assert _share_of_errors(_words(heard[0]), _words(TEXT.read_text())) < MOST_ERRORS, heard[0]
    run_story(equipped, finds_it)


def _words(text: str) -> list[str]:
    """The words as they sound: no case, no punctuation, titles written out."""
    return ["mister" if word == "mr" else word for word in re.findall(r"[a-z']+", text.lower())]


def _share_of_errors(heard: list[str], said: list[str]) -> float:
    """Wrong, missing and added words for each word that was said."""
    costs = list(range(len(heard) + 1))
    for row, word in enumerate(said, 1):
        before, costs[0] = costs[0], row
        for column, other in enumerate(heard, 1):
            change = before + (word != other)
            before, costs[column] = costs[column], min(change, costs[column] + 1, costs[column - 1] + 1)
    return costs[-1] / len(said)

"""No microphone, one that is refused, one that is pulled out: each ends in its notice, and what was said is kept."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from app.ui.audio.tab import AudioTab
from tests.driving import Driver, run_story
from tests.fakes.microphone import VirtualMicrophone

pytestmark = pytest.mark.microphone


async def _record(driver: Driver) -> AudioTab:
    audio = driver.tab(AudioTab)
    driver.click(audio.recorder_bar.record_button)
    return audio


def test_no_microphone(qapp: QApplication, profile: Path, microphone: VirtualMicrophone) -> None:
    microphone.unplug()

    async def story(driver: Driver) -> None:
        audio = await _record(driver)
        await driver.until_notice("No microphone was found")
        await driver.until(lambda: not audio.recorder_bar.is_recording, "the recorder is ready again")
        assert audio.queue_panel.current() is None

    run_story(profile, story)


def test_a_microphone_that_the_system_refuses(
    qapp: QApplication, profile: Path, microphone: VirtualMicrophone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULSE_SOURCE", "reserved-for-others")  # listed or not, the sound server gives none of this name

    async def story(driver: Driver) -> None:
        audio = await _record(driver)
        await driver.until_notice("The microphone cannot be opened")
        await driver.until(lambda: not audio.recorder_bar.is_recording, "the recorder is ready again")
        assert audio.queue_panel.current() is None

    run_story(profile, story)


def test_a_microphone_that_is_pulled_out(qapp: QApplication, profile: Path, microphone: VirtualMicrophone) -> None:
    kept: list[float] = []

    async def loses_it(driver: Driver) -> None:
        audio = driver.tab(AudioTab)
        audio.recorder_bar.automatic_box.setChecked(False)
        elapsed: list[float] = []
        audio.session.level_changed.connect(lambda level: elapsed.append(level.elapsed_s))
        driver.click(audio.recorder_bar.record_button)
        await driver.until(lambda: elapsed and elapsed[-1] > 0.5, "half a second is recorded")
        await asyncio.to_thread(microphone.unplug)
        await driver.until_notice("The sound device failed")
        kept.append(elapsed[-1])

    async def finds_it(driver: Driver) -> None:
        audio = driver.tab(AudioTab)
        await driver.until(lambda: audio.pane.recording, "the recording is on show")
        recording = audio.pane.recording
        assert recording is not None
        assert abs(recording.duration_s - kept[0]) < 0.2

    run_story(profile, loses_it)
    run_story(profile, finds_it)

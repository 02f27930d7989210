"""A program that chats, draws, transcribes and opens all settings; it prints which addresses it had leave to call.

Started by `test_private.py` below an observer of system calls. python -m tests.e2e.private PROFILE
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from urllib.parse import urlsplit

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.main import Program
from app.model.audio import TranscriptState
from app.paths import Paths
from app.services.settings import SettingsStore
from app.ui import theme
from app.ui.audio.tab import AudioTab
from app.ui.chat.tab import ChatTab
from app.ui.images.tab import ImagesTab
from app.ui.settings.dialog import SettingsDialog
from tests.driving import Driver, answered, ask, run_story
from tests.profiles import ROOT

SPOKEN = ROOT / "tests" / "data" / "speech" / "dashwood.wav"
PAGES = ("general", "providers", "models", "restore", "about")


async def story(driver: Driver) -> None:
    await ask(driver, "Go on")
    await answered(driver)
    chat = driver.tab(ChatTab)
    assert chat.view.messages
    images = driver.tab(ImagesTab)
    await driver.until(images.maker.form.isVisible, "the form is there")
    driver.type_into(images.maker.form.prompt_box, "A lantern")
    driver.press(images.maker.form.prompt_box, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    await driver.until(images.pane.model.pictures, "the picture is in the gallery")
    await _transcribe(driver)
    for page in PAGES:
        driver.window.settings_requested.emit(page)
        await driver.until(driver.find(SettingsDialog, "settings_dialog").isVisible, f"the page {page} is open")
        await driver.picture()
    _tell_engine(driver.program)


async def _transcribe(driver: Driver) -> None:
    audio = driver.tab(AudioTab)
    driver.drop(audio, SPOKEN)
    await driver.until(lambda: audio.pane.recording, "the file is in the queue")

    def is_written() -> bool:
        transcript = audio.pane.transcript
        return transcript is not None and transcript.state is TranscriptState.COMPLETE

    driver.click(audio.pane.transcription_bar.start_button)
    await driver.until(is_written, "the transcript is there", 120)


def _tell_engine(program: Program) -> None:
    endpoint = program._assembly.engine._endpoint
    assert endpoint is not None, "the engine was used"
    print(json.dumps({"engine_port": urlsplit(endpoint.base_url).port}), flush=True)


def main(profile: Path) -> None:
    theme.new_application("private", QApplication)
    run_story(profile, story)
    assert SettingsStore(Paths.under(profile).settings_file).read().providers


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""To be killed: `python -m tests.e2e.killed STATE FOLDER` brings the real program into a state and keeps it there.

What it does is told as lines of JSON, each with the time by `time.monotonic`, which is the same for all processes.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sqlite3
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PIL import Image

from app.main import Program
from app.paths import Paths
from app.services.history.migrations import MIGRATIONS
from app.services.history.store import History
from app.ui.audio.tab import AudioTab
from app.ui.chat.tab import ChatTab
from app.ui.images.tab import ImagesTab
from app.ui.settings.dialog import SettingsDialog
from tests.driving import Driver, ask, run_story

WORDS = "She sells sea shells by the sea shore, and the shells she sells are sea shells, I am sure. "
QUESTION = "Tell me about the sea."
PROMPT = "A lighthouse in fog"
SOUND, CATALOGUE = "sound.wav", "models.json"
"""Files in the profile's folder that some states need: what is transcribed, and which models there are."""
MIGRATED = "changed by the new version"
KEY_EVERY_S = 0.02


class ProgramWithCatalogue(Program):
    """Its models are on loopback."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.catalogue = self._paths.data.parent / CATALOGUE


class NextVersion(Program):
    """Its database has one more migration, which takes very long."""

    async def _open_history(self) -> History:
        return await History.open(self._paths, migrations=(*MIGRATIONS, _endless_migration))


def tell(**facts: object) -> None:
    """What is so at this moment."""
    print(json.dumps({"at": time.monotonic(), **facts}), flush=True)


async def type_without_pause(driver: Driver) -> None:
    composer = driver.tab(ChatTab).view.composer
    while True:
        for letter in WORDS:
            driver.type_into(composer.field, letter)
            tell(text=composer.text())
            await asyncio.sleep(KEY_EVERY_S)


async def stream(driver: Driver) -> None:
    """An answer arrives, from whichever model is chosen."""
    chat = driver.tab(ChatTab)
    await ask(driver, QUESTION)

    def arrived() -> str:
        live = chat.talk.answers.live(chat.conversation_id)
        return "".join(live.text) if live is not None else ""

    await driver.until(arrived, "the first words arrive", seconds=60)
    while True:
        tell(characters=len(arrived()))
        await asyncio.sleep(KEY_EVERY_S)


async def record(driver: Driver) -> None:
    audio = driver.tab(AudioTab)
    audio.session.level_changed.connect(lambda level: tell(elapsed_s=level.elapsed_s))
    driver.click(audio.recorder_bar.record_button)
    await asyncio.Event().wait()


async def transcribe(driver: Driver) -> None:
    audio = driver.tab(AudioTab)
    driver.drop(audio, _folder(driver) / SOUND)
    await driver.until(audio.pane.transcription_bar.start_button.isVisible, "it is in the queue")
    driver.click(audio.pane.transcription_bar.start_button)
    while True:
        transcript = audio.pane.transcript
        tell(segments=0 if transcript is None else len(transcript.segments))
        await asyncio.sleep(KEY_EVERY_S)


async def make_a_picture(driver: Driver) -> None:
    images = driver.tab(ImagesTab)
    form = images.maker.form
    await driver.until(form.isVisible, "the form is there")
    driver.type_into(form.prompt_box, PROMPT)
    settings = Paths.under(_folder(driver)).settings_file
    await driver.until(lambda: PROMPT in settings.read_text("utf-8"), "what was typed is kept")
    driver.click(form.generate_button)
    await driver.until(
        lambda: images.jobs.tiles and not images.jobs.tiles[0].preview.pixmap.isNull(), "a preview is there"
    )
    await stay(driver)


async def enlarge_a_picture(driver: Driver) -> None:
    """The engine does it, in a process of its own."""
    picture = _folder(driver) / "kite.png"
    Image.linear_gradient("L").resize((400, 300)).convert("RGB").save(picture)
    images = driver.tab(ImagesTab)
    panel = images.maker.enlarge_panel
    await driver.until(lambda: images.maker.enlarges, "the engine's models are known")
    driver.drop(images, picture)
    await driver.until(panel.enlarge_button.isEnabled, "the picture can be enlarged")
    driver.click(panel.enlarge_button)
    await stay(driver)


async def download(driver: Driver) -> None:
    driver.window.settings_requested.emit("models")
    page = driver.find(SettingsDialog, "settings_dialog").models
    await driver.until(lambda: page.rows, "the models are listed")
    (row,) = page.rows.values()
    await driver.until(row.download_button.isVisible, "it can be clicked")
    driver.click(row.download_button)
    while True:
        tell(share=row.progress_bar.value())
        await asyncio.sleep(KEY_EVERY_S)


async def stay(_: Driver) -> None:
    while True:
        tell(there=True)
        await asyncio.sleep(KEY_EVERY_S)


async def write_settings(driver: Driver) -> None:
    """Something else all the time, each of them saved."""
    store = driver.program._settings
    for number in itertools.count():
        words = f"{WORDS}{number}"
        store.replace(audio=replace(store.value.audio, vocabulary=words))
        tell(vocabulary=words)
        await asyncio.sleep(KEY_EVERY_S)


@dataclass(frozen=True)
class State:
    reach: Callable[[Driver], Any]
    program: type[Program] = Program


STATES = {
    "typing": State(type_without_pause),
    "streaming": State(stream),
    "recording": State(record),
    "transcribing": State(transcribe),
    "drawing": State(make_a_picture),
    "enlarging": State(enlarge_a_picture),
    "downloading": State(download, ProgramWithCatalogue),
    "migrating": State(stay, NextVersion),
    "writing settings": State(write_settings),
}


def _endless_migration(connection: sqlite3.Connection) -> None:
    """Changes everything, so often that the changes go to the disk before they are committed; never ends."""
    rounds = 0
    while True:
        connection.execute("UPDATE messages SET text = ?", [MIGRATED + " " * 100_000])
        rounds += 1
        tell(rounds=rounds)


def _folder(driver: Driver) -> Path:
    return driver.program._paths.data.parent


if __name__ == "__main__":
    wanted = STATES[sys.argv[1]]
    run_story(Path(sys.argv[2]), wanted.reach, program_class=wanted.program)

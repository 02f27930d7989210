"""The program is killed in the middle of its work: hardly anything is lost, nothing is damaged, and all goes on."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import shutil
import sqlite3
import time
import wave
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtWidgets import QApplication, QPushButton

from app.model.audio import RecordingState, TranscriptState
from app.model.chat import MessageState
from app.model.engine import ModelState
from app.paths import Paths
from app.services.history.migrations import MIGRATIONS
from app.services.history.signs import search_signs
from app.services.settings import SettingsStore
from app.ui.audio.tab import AudioTab
from app.ui.chat.tab import ChatTab
from app.ui.images.tab import ImagesTab
from app.ui.settings.dialog import SettingsDialog
from tests.driving import Driver, Story, answered, run_story
from tests.e2e.killed import CATALOGUE, MIGRATED, PROMPT, QUESTION, SOUND, WORDS, ProgramWithCatalogue
from tests.e2e.victims import Victim
from tests.fakes.microphone import VirtualMicrophone
from tests.fakes.model_sources import FileServer, file_server
from tests.fakes.openai_server import Action, FakeOpenAI
from tests.profiles import PROVIDER, ROOT, choose_built_in

MOST_TEXT_LOST_S = 0.5
"""And what one commit takes."""
MOST_SOUND_LOST_S = 1.0
MOST_TYPING_LOST_S = 1.0
TOKEN_EVERY_S = 0.02
BUSY_FOR_S, MOST_BUSY_S = 3.0, 1.5
"""How far back a busy machine is looked for, and how much it excuses, whatever else was going on."""
LONG_ENOUGH = 900
"""Characters that take longer than all that is excused, so that something must be there."""
ENGINE_S = 60.0


@pytest.fixture
def models() -> Iterator[FileServer]:
    with file_server() as running:
        yield running


def test_while_a_draft_is_typed(qapp: QApplication, connected: Path, paths: Paths) -> None:
    with Victim("typing", connected) as victim:
        victim.until(lambda fact: len(fact["text"]) > 80)
        killed_at = victim.kill()
    typed_at = [fact["at"] for fact in victim.facts]
    least = victim.told_by(killed_at - MOST_TYPING_LOST_S - _excused_s(typed_at, killed_at, paths.data))["text"]

    async def finds_it(driver: Driver) -> None:
        composer = driver.tab(ChatTab).view.composer
        await driver.until(composer.text, "the draft is there, without looking for it")
        assert composer.text().startswith(least)
        assert victim.facts[-1]["text"].startswith(composer.text())

    _starts_again(connected, finds_it)


def test_while_an_answer_arrives(qapp: QApplication, connected: Path, paths: Paths, server: FakeOpenAI) -> None:
    server.answer(WORDS * 40, pause_s=TOKEN_EVERY_S)
    with Victim("streaming", connected) as victim:
        victim.until(lambda fact: fact["characters"] > LONG_ENOUGH)
        killed_at = victim.kill()
    victim.assert_no_child_is_left()
    excused_s = _excused_s([sent_at for sent_at, _ in server.sent], killed_at, paths.data)
    least = _sent_by(server, killed_at - MOST_TEXT_LOST_S - excused_s)
    assert least, "else nothing is asked for"
    server.answer("and so on.")

    async def finds_it(driver: Driver) -> None:
        chat = driver.tab(ChatTab)
        await driver.until(lambda: len(chat.view.messages) == 2, "the conversation is on show again")
        question, answer = chat.view.messages.values()
        assert (question.text, answer.state) == (QUESTION, MessageState.INTERRUPTED)
        assert answer.text.startswith(least), f"{len(least)} were sent in time, {len(answer.text)} are there"
        assert (WORDS * 40).startswith(answer.text)
        driver.click(await _continue_button(driver))
        ended = await answered(driver)
        assert (ended.text, ended.state) == (answer.text + "and so on.", MessageState.COMPLETE)

    _starts_again(connected, finds_it)


@pytest.mark.microphone
def test_while_sound_is_recorded(
    qapp: QApplication, profile: Path, paths: Paths, microphone: VirtualMicrophone
) -> None:
    with Victim("recording", profile) as victim:
        first = victim.until(lambda fact: fact["elapsed_s"])
        victim.until(lambda fact: fact["elapsed_s"] > 1.5)
        killed_at = victim.kill()
    spoken_s = first["elapsed_s"] + killed_at - first["at"]
    heard_at = [fact["at"] for fact in victim.facts]
    excused_s = _excused_s(heard_at, killed_at, paths.data)

    async def finds_it(driver: Driver) -> None:
        audio = driver.tab(AudioTab)
        await driver.until(lambda: audio.pane.recording, "the recording is on show")
        recording = audio.pane.recording
        assert recording is not None
        assert recording.state is RecordingState.RECOVERED
        with wave.open(str(recording.path)) as sound:
            seconds = sound.getnframes() / sound.getframerate()
        assert seconds > spoken_s - MOST_SOUND_LOST_S - excused_s
        assert abs(seconds - recording.duration_s) < 0.01
        assert audio.pane.transcription_bar.start_button.isVisible(), "it can be transcribed"

    _starts_again(profile, finds_it)
    assert len(list(paths.recordings.iterdir())) == 1


def test_while_sound_is_transcribed(qapp: QApplication, connected: Path, server: FakeOpenAI) -> None:
    _write_long_sound(connected / SOUND)
    words = {"text": "The first part", "segments": [{"start": 0.0, "end": 2.0, "text": "The first part"}]}
    server.reply(200, words, path="/audio/transcriptions")
    server.reply_raw([Action.HOLD], path="/audio/transcriptions")
    with Victim("transcribing", connected) as victim:
        begun = victim.until(lambda fact: fact["segments"])
        victim.until(lambda fact: fact["at"] > begun["at"] + MOST_TEXT_LOST_S)
        victim.kill()
    server.transcript(((0.0, 1.0, "and the second"),))

    async def goes_on(driver: Driver) -> None:
        audio = driver.tab(AudioTab)
        bar = audio.pane.transcription_bar
        await driver.until(bar.resume_button.isVisible, "the transcript can be continued")
        transcript = audio.pane.transcript
        assert transcript is not None
        assert [segment.text for segment in transcript.segments] == ["The first part"]
        assert transcript.state is TranscriptState.STOPPED
        driver.click(bar.resume_button)

        def is_complete() -> bool:
            return audio.pane.transcript is not None and audio.pane.transcript.state is TranscriptState.COMPLETE

        await driver.until(is_complete, "it is complete")
        shown = audio.pane.transcript_view.edit.toPlainText()
        assert " ".join(shown.split()) == "The first part and the second"

    _starts_again(connected, goes_on)
    assert len(server.posts("/audio/transcriptions")) == 3, "the first part was not sent again"


def test_while_a_picture_is_made(qapp: QApplication, connected: Path, paths: Paths, server: FakeOpenAI) -> None:
    server.hold()
    with Victim("drawing", connected) as victim:
        victim.until(lambda fact: fact.get("there"))
        victim.kill()
    server.release()

    async def makes_it_again(driver: Driver) -> None:
        images = driver.tab(ImagesTab)
        form = images.maker.form
        await driver.until(form.isVisible, "the form is there")
        assert form.prompt_box.toPlainText() == PROMPT
        assert not images.pane.model.pictures()
        await driver.until(lambda: images.jobs.tiles, "what was interrupted is offered")
        (tile,) = images.jobs.tiles
        assert tile.failure_title.text() == "Interrupted: Triptych had ended"
        assert not tile.running, "nothing is paid for unasked"
        await driver.until(tile.buttons.retry_button.isVisible, "it can be tried again")
        driver.click(tile.buttons.retry_button)
        await driver.until(images.pane.model.pictures, "it is in the gallery")
        await driver.until(lambda: not images.unfinished(), "nothing is being made any more")

    _starts_again(connected, makes_it_again)
    (file,) = [path for path in paths.pictures.rglob("*") if path.is_file()]
    with Image.open(file) as picture:
        picture.load()


def test_while_a_model_is_downloaded(qapp: QApplication, profile: Path, paths: Paths, models: FileServer) -> None:
    content = bytes(range(256)) * 20_000
    models.files["/kept"] = content
    models.flows.clear()
    _write_catalogue(profile / CATALOGUE, f"{models.url}/kept", content)
    with Victim("downloading", profile) as victim:
        victim.until(lambda fact: fact["share"] > 400)
        victim.kill()
    models.flows.set()

    async def goes_on(driver: Driver) -> None:
        driver.window.settings_requested.emit("models")
        page = driver.find(SettingsDialog, "settings_dialog").models
        await driver.until(lambda: page.rows, "the models are listed")
        (row,) = page.rows.values()
        assert row.download_button.text() == "Resume"
        await driver.until(row.download_button.isVisible, "it can be clicked")
        driver.click(row.download_button)
        await driver.until(lambda: row.model.state is ModelState.INSTALLED, "it is installed")

    _starts_again(profile, goes_on, ProgramWithCatalogue)
    assert (paths.models / "kept.gguf").read_bytes() == content
    start = int(models.requests[-1][1].removeprefix("bytes=").rstrip("-"))
    assert start > len(content) * 0.4, "what had arrived was not fetched again"


def test_while_the_database_is_migrated(qapp: QApplication, profile: Path, paths: Paths) -> None:
    shutil.copy(ROOT / "tests" / "data" / "history" / "v1.sqlite3", paths.database_file)
    with Victim("migrating", profile) as victim:
        victim.until(lambda fact: fact["rounds"] > 20)
        victim.kill()

    async def finds_everything(driver: Driver) -> None:
        chat = driver.tab(ChatTab)
        await driver.until(chat.sidebar.list.entries.rowCount, "the conversations are listed")
        assert not chat.view.messages

    _starts_again(profile, finds_everything)
    with closing(sqlite3.connect(paths.database_file)) as connection:
        texts = [text for (text,) in connection.execute("SELECT text FROM messages")]
        assert texts
        assert not [text for text in texts if text.startswith(MIGRATED)]
        assert connection.execute("PRAGMA user_version").fetchone()[0] == len(MIGRATIONS)
    copies = list(paths.database_file.parent.glob(f"{paths.database_file.name}.v*"))
    assert copies
    for copy in copies:
        _assert_sound(copy)


def test_while_settings_are_written(qapp: QApplication, connected: Path, paths: Paths) -> None:
    with Victim("writing settings", connected) as victim:
        victim.until(lambda fact: len(victim.facts) > 60)
        victim.kill()

    async def finds_them(driver: Driver) -> None:
        assert not driver.notices()

    _starts_again(connected, finds_them)
    store = SettingsStore(paths.settings_file)
    settings = store.read()
    assert not store.problems
    assert settings.audio.vocabulary in [fact["vocabulary"] for fact in victim.facts]
    assert [provider.id for provider in settings.providers] == [PROVIDER]


@pytest.mark.engine
@pytest.mark.parametrize("also_the_engine", [False, True])
def test_while_the_engine_answers(qapp: QApplication, equipped: Path, paths: Paths, also_the_engine: bool) -> None:
    choose_built_in(paths, "smollm2-135m-instruct")
    with Victim("streaming", equipped) as victim:
        victim.until(lambda fact: fact["characters"] > 20)
        (engine,) = victim.children()
        if also_the_engine:
            engine.kill()
        victim.kill()
    victim.assert_no_child_is_left()

    async def finds_it(driver: Driver) -> None:
        chat = driver.tab(ChatTab)
        await driver.until(lambda: len(chat.view.messages) == 2, "the conversation is on show again")
        answer = list(chat.view.messages.values())[-1]
        assert answer.state is MessageState.INTERRUPTED
        await _continue_button(driver)

    _starts_again(equipped, finds_it)


@pytest.mark.engine
def test_while_the_engine_enlarges_a_picture(qapp: QApplication, equipped: Path, paths: Paths) -> None:
    with Victim("enlarging", equipped) as victim:
        victim.until(lambda _: len(victim.children()) == 2)  # the engine, and its own child for pictures
        victim.kill()
    victim.assert_no_child_is_left()

    async def finds_nothing(driver: Driver) -> None:
        images = driver.tab(ImagesTab)
        await driver.until(images.isVisible, "the tab is there")
        assert not images.pane.model.pictures()

    _starts_again(equipped, finds_nothing)
    assert not [path for path in paths.pictures.rglob("*") if path.is_file()]


def _starts_again(profile: Path, story: Story, program: type[ProgramWithCatalogue] | None = None) -> None:
    """Nothing on the disk is damaged, before the next start and after it, and `story` holds."""
    paths = Paths.under(profile)
    for database in paths.database_file.parent.glob(paths.database_file.name):
        _assert_sound(database)
    for path in _unfinished(profile):
        os.utime(path, (0, 0))  # as if it had happened a while ago
    if program is None:
        run_story(profile, story)
    else:
        run_story(profile, story, program_class=program)
    _assert_sound(paths.database_file)
    store = SettingsStore(paths.settings_file)
    store.read()
    assert not store.problems
    assert not _unfinished(profile), "what was being written is not left behind for ever"
    assert not list(profile.rglob("*damaged*"))


def _unfinished(profile: Path) -> list[Path]:
    return [path for path in profile.rglob("*") if path.name.startswith(".new-") or path.name.endswith(".part")]


async def _continue_button(driver: Driver) -> QPushButton:
    """The one below the answer that was interrupted."""
    chat = driver.tab(ChatTab)

    def visible() -> list[QPushButton]:
        return [button for button in chat.findChildren(QPushButton, "continue_button") if button.isVisible()]

    await driver.until(visible, "Continue is offered")
    return visible()[0]


def _assert_sound(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.create_function("search_words", 1, str, deterministic=True)
        connection.create_function("search_signs", 1, search_signs, deterministic=True)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def _sent_by(server: FakeOpenAI, moment: float) -> str:
    """The text that was on its way by then."""
    text = ""
    for sent_at, piece in server.sent:
        data = piece.decode().removeprefix("data: ").strip()
        if sent_at <= moment and data != "[DONE]":
            choices = json.loads(data)["choices"]
            text += choices[0]["delta"].get("content") or "" if choices else ""
    return text


def _excused_s(moments: list[float], until: float, folder: Path) -> float:
    """What is not the program's fault: the longest that this machine, busy with something else, made everybody wait.

    Just before `until`, between things that happen every few hundredths of a second; and what a commit takes here.
    """
    late = [*(moment for moment in moments if until - BUSY_FOR_S <= moment <= until), until]
    waited_s = max((later - earlier for earlier, later in itertools.pairwise(late)), default=BUSY_FOR_S)
    return min(waited_s + _commit_s(folder), MOST_BUSY_S)


def _commit_s(folder: Path) -> float:
    """What a commit takes on this disk, at worst of a few."""
    durations = []
    with closing(sqlite3.connect(folder / "probe.sqlite3", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE probe (text TEXT)")
        for _ in range(5):
            began = time.monotonic()
            connection.execute("INSERT INTO probe VALUES ('x')")
            durations.append(time.monotonic() - began)
    return max(durations)


def _write_long_sound(file: Path) -> None:
    """Eleven minutes, more than is sent at once, with a pause now and then."""
    second = bytes(range(0, 256, 2)) * 60 + bytes(320)
    with wave.open(str(file), "wb") as sound:
        sound.setparams((1, 2, 4_000, 0, "NONE", ""))
        sound.writeframes(second * 660)


def _write_catalogue(file: Path, url: str, content: bytes) -> None:
    sha256 = hashlib.sha256(content).hexdigest()
    size = len(content)
    part = {"name": "kept.gguf", "size_bytes": size, "sha256": sha256, "sources": [{"type": "url", "url": url}]}
    model: dict[str, object] = {"id": "kept", "name": "Kept", "kind": "chat", "description": {"en": "A model"}}
    model |= {"publisher": "P", "licence": "MIT", "file": "kept.gguf", "memory_bytes": 1, "sets": ["default"]}
    model |= {"size_bytes": size, "sha256": sha256, "parts": [part]}
    file.write_text(json.dumps({"schema": 1, "models": [model]}), "utf-8")

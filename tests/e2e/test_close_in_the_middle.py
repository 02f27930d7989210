"""The window is closed in the middle of work: it ends at once and what came is stored."""

from __future__ import annotations

import wave
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QListView

from app.main import CLOSE_WITHIN_S
from app.model.audio import RecordingState
from app.model.chat import MessageState
from app.paths import Paths
from app.ui import ask as asking
from app.ui.audio.tab import AudioTab
from app.ui.chat.tab import ChatTab
from app.ui.images.tab import ImagesTab
from tests.driving import Driver, Story, ask, run_story
from tests.fakes.microphone import VirtualMicrophone
from tests.fakes.openai_server import FakeOpenAI

QUESTION = "Tell me about the sea."
ANSWER = "The sea is deep and wide and full of salt."
ARRIVED = "The sea is "
"""What comes before the server pauses."""
DRAFT = "What I was writing meanwhile"


def test_in_the_middle_of_an_answer(qapp: QApplication, connected: Path, server: FakeOpenAI) -> None:
    server.answer(ANSWER, hold_after=len(ARRIVED.split()))

    async def leaves(driver: Driver) -> None:
        chat = driver.tab(ChatTab)
        await ask(driver, QUESTION)

        def arrived() -> str:
            live = chat.talk.answers.live(chat.talk.current.id)
            return "".join(live.text) if live is not None else ""

        await driver.until(lambda: arrived() == ARRIVED, "the first words arrive")
        driver.type_into(chat.view.composer.field, DRAFT)

    assert run_story(connected, leaves) < CLOSE_WITHIN_S
    server.wait_for_departures()
    run_story(connected, _finds_the_beginning(MessageState.STOPPED, DRAFT))


def _finds_the_beginning(state: MessageState, draft: str) -> Story:
    async def story(driver: Driver) -> None:
        chat = driver.tab(ChatTab)
        conversations = driver.find(QListView, "conversation_list")
        await driver.until(lambda: conversations.model().rowCount() == 1, "the conversation is listed")
        driver.press(conversations, Qt.Key.Key_Home)
        driver.press(conversations, Qt.Key.Key_Return)
        await driver.until(lambda: len(chat.view.messages) == 2, "the conversation is on show again")
        question, answer = chat.view.messages.values()
        assert question.text == QUESTION
        assert (answer.state, answer.text) == (state, ARRIVED)
        assert chat.view.composer.text() == draft

    return story


def test_in_the_middle_of_a_picture(qapp: QApplication, connected: Path, paths: Paths, server: FakeOpenAI) -> None:
    server.hold()

    async def leaves(driver: Driver) -> None:
        images = driver.tab(ImagesTab)
        await driver.until(images.maker.form.isVisible, "the form is there")
        driver.type_into(images.maker.form.prompt_box, "A lighthouse in fog")
        driver.click(images.maker.form.generate_button)
        await driver.until(
            lambda: images.jobs.tiles and not images.jobs.tiles[0].preview.pixmap.isNull(), "a preview is there"
        )

    asking.answers.append(True)
    assert run_story(connected, leaves) < CLOSE_WITHIN_S
    assert not asking.answers, "it is lost, so that is asked"
    server.wait_for_departures()
    assert not [path for path in paths.pictures.rglob("*") if path.is_file()], "no half picture is left"


@pytest.mark.microphone
def test_in_the_middle_of_a_recording(qapp: QApplication, profile: Path, microphone: VirtualMicrophone) -> None:
    async def leaves(driver: Driver) -> None:
        audio = driver.tab(AudioTab)
        elapsed: list[float] = []
        audio.session.level_changed.connect(lambda level: elapsed.append(level.elapsed_s))
        driver.click(audio.recorder_bar.record_button)
        await driver.until(lambda: elapsed and elapsed[-1] > 1, "a second is recorded")

    async def finds_it(driver: Driver) -> None:
        audio = driver.tab(AudioTab)
        await driver.until(lambda: audio.pane.recording, "the recording is on show")
        recording = audio.pane.recording
        assert recording is not None
        assert recording.state is RecordingState.READY
        with wave.open(str(recording.path)) as sound:
            seconds = sound.getnframes() / sound.getframerate()
        assert seconds > 1
        assert abs(seconds - recording.duration_s) < 0.1

    asking.answers.append(True)
    assert run_story(profile, leaves) < CLOSE_WITHIN_S
    assert not asking.answers, "it would go on, so that is asked"
    run_story(profile, finds_it)

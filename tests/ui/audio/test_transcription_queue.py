"""TranscriptionQueue: what is said about a transcription while it waits, works, pauses and ends."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.model.audio import (
    Recording,
    RecordingOrigin,
    RecordingState,
    Transcript,
    TranscriptionEvent,
    TranscriptionOptions,
    TranscriptionProgress,
    TranscriptState,
)
from app.model.chat import EngineStarting, RetryPending
from app.model.errors import AppError, RateLimited
from app.model.providers import ModelReference
from app.ui.audio.transcription_queue import Activity, Order, TranscriptionQueue
from tests.fakes.audio_desk import BUILT_IN
from tests.ui.audio.conftest import RunAsync


class ScriptedTranscriber:
    """Says what the test wants, then waits until it is cancelled, unless it is to end."""

    def __init__(self) -> None:
        self.events: list[TranscriptionEvent | AppError] = []
        self.waits = True
        self.begun: list[int] = []
        self.resumed: list[Transcript] = []
        self.left_out: list[tuple[ModelReference, str]] = []

    async def leave_out(self, model: ModelReference, field: str) -> None:
        assert self.begun == [], "before the sound is sent"
        self.left_out.append((model, field))

    async def transcribe(
        self, recording: Recording, model: ModelReference, options: TranscriptionOptions
    ) -> AsyncGenerator[TranscriptionEvent]:
        self.begun.append(recording.id)
        for event in self.events:
            if isinstance(event, AppError):
                raise event
            yield event
        if self.waits:
            await asyncio.Event().wait()

    async def resume(
        self, recording: Recording, transcript: Transcript, model: ModelReference
    ) -> AsyncGenerator[TranscriptionEvent]:
        self.resumed.append(transcript)
        async for event in self.transcribe(recording, model, transcript.options):
            yield event


def _order(number: int, unfinished: Transcript | None = None) -> Order:
    path, now = Path(f"/{number}.wav"), datetime.now(UTC)
    recording = Recording(number, str(number), path, RecordingOrigin.FILE, RecordingState.READY, now, 60.0)
    return Order(recording, BUILT_IN, TranscriptionOptions(), unfinished)


@pytest.fixture
def transcriber() -> ScriptedTranscriber:
    return ScriptedTranscriber()


@pytest.fixture
def queue(transcriber: ScriptedTranscriber, run_async: RunAsync) -> TranscriptionQueue:
    return TranscriptionQueue(transcriber, transcriber.leave_out)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (EngineStarting(), Activity("Starting the built-in engine…")),
        (TranscriptionProgress(15, 60, reading=True), Activity("Reading the sound…", 0.25)),
        (TranscriptionProgress(5, 0, reading=True), Activity("Reading the sound…", None)),
        (TranscriptionProgress(0, 60), Activity("Transcribing…")),
        (TranscriptionProgress(30, 60), Activity("0:30 of 1:00 transcribed", 0.5)),
        (RetryPending(4.2, 1, "busy"), Activity("The server is busy; next try in 4 s")),
    ],
)
def test_every_step_has_its_words(
    queue: TranscriptionQueue,
    transcriber: ScriptedTranscriber,
    qtbot: QtBot,
    run_async: RunAsync,
    event: TranscriptionEvent,
    expected: Activity,
) -> None:
    transcriber.events = [event]
    queue.put(_order(1))
    qtbot.waitUntil(lambda: queue.activity(1) == expected)
    run_async(queue.aclose())


def test_a_pause_of_the_server_is_counted_down(
    queue: TranscriptionQueue, transcriber: ScriptedTranscriber, qtbot: QtBot, run_async: RunAsync
) -> None:
    transcriber.events = [RetryPending(1.0, 1, "busy")]
    queue.put(_order(1))
    qtbot.waitUntil(lambda: queue.activity(1) == Activity("The server is busy; next try in 1 s"))
    qtbot.waitUntil(lambda: queue.activity(1) == Activity("Trying again…"))
    run_async(queue.aclose())


def test_a_field_is_given_up_before_the_sound_is_sent(
    queue: TranscriptionQueue, transcriber: ScriptedTranscriber, qtbot: QtBot, run_async: RunAsync
) -> None:
    queue.put(replace(_order(1), without="language"))
    qtbot.waitUntil(lambda: transcriber.begun == [1])
    assert transcriber.left_out == [(BUILT_IN, "language")]
    run_async(queue.aclose())


def test_one_after_the_other_and_each_only_once(
    queue: TranscriptionQueue, transcriber: ScriptedTranscriber, qtbot: QtBot, run_async: RunAsync
) -> None:
    running: list[bool] = []
    queue.running_changed.connect(running.append)
    for number in (1, 2, 1):
        queue.put(_order(number))
    qtbot.waitUntil(lambda: transcriber.begun == [1])
    assert queue.activity(2) == Activity("Waiting for its turn")
    assert queue.activity(3) is None
    queue.cancel(1)
    qtbot.waitUntil(lambda: transcriber.begun == [1, 2])
    queue.cancel_all()
    qtbot.waitUntil(lambda: not queue.running)
    assert running[0] is True
    assert running[-1] is False
    run_async(queue.aclose())


def test_one_that_fails_is_told_and_the_next_begins(
    queue: TranscriptionQueue, transcriber: ScriptedTranscriber, qtbot: QtBot
) -> None:
    failed: list[int] = []
    queue.failed.connect(lambda _, order: failed.append(order.recording.id))
    transcriber.events = [RateLimited("slow down")]
    queue.put(_order(1))
    queue.put(_order(2))
    qtbot.waitUntil(lambda: failed == [1, 2] and not queue.running)


def test_an_unfinished_transcript_is_gone_on_with(
    queue: TranscriptionQueue, transcriber: ScriptedTranscriber, qtbot: QtBot
) -> None:
    transcriber.waits = False
    unfinished = Transcript(7, 1, (), "en", BUILT_IN, datetime.now(UTC), TranscriptState.STOPPED)
    queue.put(_order(1, unfinished))
    qtbot.waitUntil(lambda: transcriber.resumed == [unfinished] and not queue.running)


def test_closing_stops_the_work_and_takes_no_more(
    queue: TranscriptionQueue, transcriber: ScriptedTranscriber, qtbot: QtBot, run_async: RunAsync
) -> None:
    queue.put(_order(1))
    queue.put(_order(2))
    qtbot.waitUntil(lambda: transcriber.begun == [1])
    run_async(queue.aclose())
    queue.put(_order(3))
    assert transcriber.begun == [1]
    assert not queue.running

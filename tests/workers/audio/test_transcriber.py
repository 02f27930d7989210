"""Transcriber: what is sent, how parts are joined, and that nothing that arrived is lost, however it ends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from app.model.audio import (
    Recording,
    Stretch,
    Transcript,
    TranscriptionEvent,
    TranscriptionOptions,
    TranscriptionProgress,
    TranscriptState,
)
from app.model.chat import EngineStarting, RetryPending
from app.model.errors import KeyRejected, ModelMissing, NoSound, SoundUnreadable, TooLarge
from app.model.lessons import Lesson, LessonKind
from app.model.providers import ModelReference
from app.model.requests import RequestKind, RequestOutcome
from tests.fakes.audio_desk import BUILT_IN, TEXT_ONLY, WHISPER, Desk
from tests.fakes.media import chirps, write_long_speech, write_silent_film, write_sound
from tests.fakes.openai_server import FakeOpenAI
from tests.workers.audio.conftest import OpenDesk

PATH = "/audio/transcriptions"
PLAIN = TranscriptionOptions()
UPLOAD_LIMIT_BYTES = 26_214_400
"""OpenAI's limit of a request, https://platform.openai.com/docs/guides/speech-to-text; others copied it."""


@pytest.fixture
def short(tmp_path: Path) -> Path:
    return write_sound(tmp_path / "short.mp3", chirps(4))


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eleven minutes and forty seconds: two parts for a server that gives times, three or more for others."""
    return write_long_speech(tmp_path_factory.mktemp("long") / "long.wav", 700)


async def _added(at: Desk, path: Path) -> Recording:
    (added,) = [one async for one in at.worker.queue.add([path])]
    assert isinstance(added, Recording)
    return added


async def _all(events: AsyncIterator[TranscriptionEvent]) -> list[TranscriptionEvent]:
    return [event async for event in events]


async def _all_into(seen: list[TranscriptionEvent], events: AsyncIterator[TranscriptionEvent]) -> None:
    async for event in events:
        seen.append(event)


def _last(events: list[TranscriptionEvent]) -> Transcript:
    assert isinstance(events[-1], Transcript)
    return events[-1]


def test_a_short_file_goes_in_one_part_and_its_segments_come_back(
    desk: OpenDesk, server: FakeOpenAI, short: Path
) -> None:
    server.transcript(((0.0, 1.5, "Good morning."), (1.5, 3.9, "How are you?")), language="english")

    async def story() -> None:
        async with desk() as at:
            recording = await _added(at, short)
            options = TranscriptionOptions(language="en", prompt="Triptych")
            events = await _all(at.worker.transcriber.transcribe(recording, WHISPER, options))
            last = _last(events)
            assert [s.text for s in last.segments] == ["Good morning.", "How are you?"]
            assert (last.state, last.language, last.done) == (TranscriptState.COMPLETE, "en", (Stretch(0, 4.0),))
            assert (await at.worker.queue.transcripts(recording))[0] == last
            progress = [event for event in events if isinstance(event, TranscriptionProgress)]
            assert progress[-1].done_s == progress[-1].duration_s == pytest.approx(4)
            (entry,) = await at.history.requests.recent()
            assert (entry.kind, entry.outcome) == (RequestKind.TRANSCRIPTION, RequestOutcome.COMPLETE)

    asyncio.run(story())
    (request,) = server.posts(PATH)
    assert request.fields["model"] == ["whisper-1"]
    assert request.fields["language"] == ["en"]
    assert request.fields["prompt"] == ["Triptych"]
    assert request.fields["response_format"] == ["verbose_json"]
    (upload,) = request.files
    assert (upload.file_name, upload.media_type) == ("sound.mp3", "audio/mpeg")


def test_translating_asks_the_other_route(desk: OpenDesk, server: FakeOpenAI, short: Path) -> None:
    async def story() -> None:
        async with desk() as at:
            recording = await _added(at, short)
            options = TranscriptionOptions(translate=True)
            await _all(at.worker.transcriber.transcribe(recording, WHISPER, options))

    asyncio.run(story())
    assert len(server.posts("/audio/translations")) == 1


def test_a_long_file_is_cut_sent_in_parts_and_joined_in_time(desk: OpenDesk, server: FakeOpenAI, long: Path) -> None:
    server.transcript(((0.0, 2.0, "one"), (290.0, 9_999.0, "two")))
    server.transcript(((1.0, 2.0, "three"),))

    async def story() -> None:
        async with desk() as at:
            recording = await _added(at, long)
            last = _last(await _all(at.worker.transcriber.transcribe(recording, WHISPER, PLAIN)))
            (done,) = last.done
            assert (done.start_s, round(done.end_s)) == (0, 700)
            assert {s.text for s in last.segments} == {"one", "two", "three"}
            assert list(last.segments) == sorted(last.segments, key=lambda one: one.start_s)
            assert max(s.end_s for s in last.segments) <= 700.1

    asyncio.run(story())
    requests = server.posts(PATH)
    assert len(requests) == 2
    assert all(len(request.body) < UPLOAD_LIMIT_BYTES for request in requests)


def test_a_model_without_times_gets_shorter_parts_and_each_is_a_segment(
    desk: OpenDesk, server: FakeOpenAI, long: Path
) -> None:
    async def story() -> None:
        async with desk() as at:
            recording = await _added(at, long)
            last = _last(await _all(at.worker.transcriber.transcribe(recording, TEXT_ONLY, PLAIN)))
            assert len(last.segments) == len(server.posts(PATH)) >= 3
            assert last.segments[0].start_s == 0
            assert last.segments[-1].end_s == pytest.approx(700, abs=0.2)
            for one, other in zip(last.segments, last.segments[1:], strict=False):
                assert one.end_s == other.start_s

    asyncio.run(story())
    assert {request.fields["response_format"][0] for request in server.posts(PATH)} == {"json"}
    assert {request.fields["stream"][0] for request in server.posts(PATH)} == {"true"}


def test_a_server_that_gives_no_times_is_asked_for_them_only_once(
    desk: OpenDesk, server: FakeOpenAI, long: Path
) -> None:
    server.accepts_any_model = True
    words = "response_format 'verbose_json' is not compatible with model 'my-speech'. Use 'json' or 'text' instead."
    server.reply_error(400, "unsupported_value", "invalid_request_error", words, path=PATH)

    async def story() -> None:
        async with desk() as at:
            recording = await _added(at, long)
            model = ModelReference("home", "my-speech")
            last = _last(await _all(at.worker.transcriber.transcribe(recording, model, PLAIN)))
            assert last.state is TranscriptState.COMPLETE
            assert last.adjustments == (Lesson("response_format", LessonKind.REPLACED, "json"),)
            assert await at.worker.queue.transcripts(recording) == [last]

    asyncio.run(story())
    formats = [request.fields["response_format"][0] for request in server.posts(PATH)]
    assert formats.count("json") >= 2


def test_the_engine_streams_segments_and_progress(desk: OpenDesk, server: FakeOpenAI, short: Path) -> None:
    server.engine_events = True
    server.transcript(((0.0, 1.5, "Good morning."), (1.5, 3.9, "How are you?")), hold_after=2)

    async def story() -> None:
        async with desk() as at:
            recording = await _added(at, short)
            async with aclosing(at.worker.transcriber.transcribe(recording, BUILT_IN, PLAIN)) as events:
                seen: list[TranscriptionEvent] = []
                async for event in events:
                    seen.append(event)
                    if isinstance(event, Transcript) and len(event.segments) == 1:
                        server.release()
            assert any(isinstance(event, EngineStarting) for event in seen)
            assert 1.5 in [e.done_s for e in seen if isinstance(e, TranscriptionProgress)]
            assert len(_last(seen).segments) == 2

    asyncio.run(story())
    (request,) = server.posts(PATH)
    assert request.files[0].file_name == "sound.wav"


def test_stopped_in_the_middle_what_came_is_kept_and_the_next_start_goes_on_from_there(
    desk: OpenDesk, server: FakeOpenAI, short: Path
) -> None:
    server.engine_events = True
    server.transcript(((0.0, 1.5, "Good morning."), (1.5, 3.9, "How are you?")), hold_after=2)
    kept: list[Transcript] = []

    async def first_start() -> None:
        async with desk() as at:
            recording = await _added(at, short)
            async with aclosing(at.worker.transcriber.transcribe(recording, BUILT_IN, PLAIN)) as events:
                async for event in events:
                    if isinstance(event, Transcript) and event.segments:
                        break
            stored = (await at.worker.queue.transcripts(recording))[0]
            kept.append(stored)

    async def next_start() -> None:
        async with desk() as at:
            recording = (await at.worker.queue.all())[0].recording
            last = _last(await _all(at.worker.transcriber.resume(recording, kept[0], BUILT_IN)))
            assert [(s.start_s, s.text) for s in last.segments] == [
                (0.0, "Good morning."),
                (1.5, "And the rest."),
            ]
            assert last.state is TranscriptState.COMPLETE
            assert last.id == kept[0].id

    asyncio.run(first_start())
    assert (kept[0].state, kept[0].done) == (TranscriptState.STOPPED, (Stretch(0, 1.5),))
    server.release()
    server.transcript(((0.0, 2.0, "And the rest."),))
    asyncio.run(next_start())
    sizes = [len(request.files[0].data) for request in server.posts(PATH)]
    assert sizes[1] == pytest.approx(sizes[0] * 2.5 / 4, rel=0.05)


def test_a_task_cancelled_twice_keeps_what_came(desk: OpenDesk, server: FakeOpenAI, short: Path) -> None:
    server.engine_events = True
    server.transcript(((0.0, 1.5, "Good morning."), (1.5, 3.9, "How are you?")), hold_after=2)

    async def story() -> None:
        async with desk() as at:
            recording = await _added(at, short)
            arrived = asyncio.Event()

            async def work() -> None:
                async with aclosing(at.worker.transcriber.transcribe(recording, BUILT_IN, PLAIN)) as events:
                    async for event in events:
                        if isinstance(event, Transcript) and event.segments:
                            arrived.set()

            async with asyncio.TaskGroup() as group:
                task = group.create_task(work())
                await arrived.wait()
                task.cancel()
                await asyncio.sleep(0)
                task.cancel()
            stored = (await at.worker.queue.transcripts(recording))[0]
            assert (stored.state, stored.text) == (TranscriptState.STOPPED, "Good morning.")

    asyncio.run(story())
    server.wait_for_departures(1)


def test_a_part_that_fails_does_not_take_the_others_with_it(desk: OpenDesk, server: FakeOpenAI, long: Path) -> None:
    server.transcript(((0.0, 2.0, "the part that arrived"),))
    server.reply_error(401, "invalid_api_key", "invalid_request_error", "Incorrect API key", path=PATH)

    async def story() -> None:
        async with desk() as at:
            recording = await _added(at, long)
            events = at.worker.transcriber.transcribe(recording, WHISPER, PLAIN)
            seen: list[TranscriptionEvent] = []
            with pytest.raises(KeyRejected):
                await _all_into(seen, events)
            last = _last(seen)
            assert last.state is TranscriptState.FAILED
            assert "Incorrect API key" in last.error
            assert last.text == "the part that arrived"
            assert (await at.worker.queue.transcripts(recording))[0] == last
            server.transcript(((0.0, 1.0, "the other part"),))
            again = _last(await _all(at.worker.transcriber.resume(recording, last, WHISPER)))
            assert {s.text for s in again.segments} == {"the part that arrived", "the other part"}
            assert (again.state, again.error) == (TranscriptState.COMPLETE, "")

    asyncio.run(story())
    assert len(server.posts(PATH)) == 3


def test_a_part_the_server_finds_too_large_is_cut_again(desk: OpenDesk, server: FakeOpenAI, tmp_path: Path) -> None:
    path = write_sound(tmp_path / "a.mp3", chirps(100))
    server.reply_error(413, message="Maximum content size limit exceeded", path=PATH)

    async def story() -> None:
        async with desk() as at:
            recording = await _added(at, path)
            last = _last(await _all(at.worker.transcriber.transcribe(recording, WHISPER, PLAIN)))
            assert [round(one.end_s) for one in last.done] == [100]

    asyncio.run(story())
    assert len(server.posts(PATH)) == 3


def test_a_crumb_that_is_still_too_large_is_a_failure(desk: OpenDesk, server: FakeOpenAI, short: Path) -> None:
    server.reply_error(413, message="Maximum content size limit exceeded", path=PATH)

    async def story() -> None:
        async with desk() as at:
            recording = await _added(at, short)
            with pytest.raises(TooLarge):
                await _all(at.worker.transcriber.transcribe(recording, WHISPER, PLAIN))

    asyncio.run(story())


def test_waiting_for_a_busy_server_is_told(desk: OpenDesk, server: FakeOpenAI, short: Path) -> None:
    headers = {"retry-after-ms": "20"}
    server.reply(429, b'{"error": {"message": "slow down", "code": "rate_limit_exceeded"}}', headers, path=PATH)

    async def story() -> None:
        async with desk() as at:
            recording = await _added(at, short)
            events = await _all(at.worker.transcriber.transcribe(recording, WHISPER, PLAIN))
            assert [e for e in events if isinstance(e, RetryPending)]
            assert _last(events).state is TranscriptState.COMPLETE

    asyncio.run(story())


def test_a_model_that_is_not_there_yet_is_named(desk: OpenDesk, server: FakeOpenAI, short: Path) -> None:
    server.reply_error(404, "not_installed", "invalid_request_error", "The model is not installed", path=PATH)

    async def story() -> None:
        async with desk() as at:
            recording = await _added(at, short)
            with pytest.raises(ModelMissing) as failed:
                await _all(at.worker.transcriber.transcribe(recording, BUILT_IN, PLAIN))
            assert failed.value.arguments["model"] == "whisper-base"

    asyncio.run(story())


def test_files_that_are_no_sound_fail_before_anything_is_sent(
    desk: OpenDesk, server: FakeOpenAI, tmp_path: Path
) -> None:
    film = write_silent_film(tmp_path / "film.mp4")

    async def story() -> None:
        async with desk() as at:
            transcriber = at.worker.transcriber
            with pytest.raises(NoSound):
                await _all(transcriber.transcribe_file(film, WHISPER, PLAIN))
            with pytest.raises(SoundUnreadable):
                await _all(transcriber.transcribe_file(tmp_path / "gone.mp3", WHISPER, PLAIN))

    asyncio.run(story())
    assert not server.posts(PATH)


def test_the_command_line_leaves_nothing_in_the_history(desk: OpenDesk, server: FakeOpenAI, short: Path) -> None:
    async def story() -> None:
        async with desk() as at:
            last = _last(await _all(at.worker.transcriber.transcribe_file(short, WHISPER, PLAIN)))
            assert last.text == "Hello from the fake server. It heard everything."
            assert await at.worker.queue.all() == []
            assert await at.history.requests.recent() == []

    asyncio.run(story())


def test_silence_gives_an_empty_but_complete_transcript(desk: OpenDesk, server: FakeOpenAI, short: Path) -> None:
    server.transcript(())

    async def story() -> None:
        async with desk() as at:
            recording = await _added(at, short)
            last = _last(await _all(at.worker.transcriber.transcribe(recording, WHISPER, PLAIN)))
            assert (last.segments, last.state) == ((), TranscriptState.COMPLETE)

    asyncio.run(story())


def test_a_try_that_brings_nothing_does_not_hide_an_earlier_transcript(
    desk: OpenDesk, server: FakeOpenAI, short: Path
) -> None:
    async def story() -> None:
        async with desk() as at:
            recording = await _added(at, short)
            first = _last(await _all(at.worker.transcriber.transcribe(recording, WHISPER, PLAIN)))
            server.reply_error(401, "invalid_api_key", "invalid_request_error", "Incorrect API key", path=PATH)
            with pytest.raises(KeyRejected):
                await _all(at.worker.transcriber.transcribe(recording, WHISPER, PLAIN))
            assert await at.worker.queue.transcripts(recording) == [first]

    asyncio.run(story())

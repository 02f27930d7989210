"""Recorder: what was recorded is kept, however it ends: stopped, cancelled, unplugged, disk full, killed."""

import asyncio
import wave
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.model.audio import (
    Level,
    Recording,
    RecordingEnded,
    RecordingEvent,
    RecordingOrigin,
    RecordingStarted,
    RecordingState,
)
from app.model.data_errors import RecordingCut
from app.model.errors import DeviceFailed, MicrophoneRefused, NoMicrophone, StorageFailed
from app.paths import Paths
from tests.fakes.audio import FakeSoundLibrary, tone
from tests.workers.audio.conftest import OpenDesk


def _sound(path: Path) -> bytes:
    with wave.open(str(path)) as file:
        return bytes(file.readframes(file.getnframes()))


async def _until_recorded(events: AsyncIterator[RecordingEvent], seconds: float) -> None:
    """Read on until so much was recorded."""
    async for event in events:
        if isinstance(event, Level) and event.elapsed_s >= seconds - 0.001:
            return


async def _rest(events: AsyncIterator[RecordingEvent]) -> list[RecordingEvent]:
    return [event async for event in events if not isinstance(event, Level)]


def test_a_recording_is_a_row_from_its_first_moment_and_whole_at_its_end(
    desk: OpenDesk, library: FakeSoundLibrary
) -> None:
    async def story() -> None:
        async with desk() as at, aclosing(at.worker.recorder.record("", "Interview")) as events:
            started = await anext(events)
            assert isinstance(started, RecordingStarted)
            (row,) = await at.history.recordings.all()
            assert (row.state, row.name, row.origin) == (
                RecordingState.RECORDING, "Interview", RecordingOrigin.MICROPHONE,
            )  # fmt: skip
            reading = asyncio.gather(_until_recorded(events, 1.2))
            await asyncio.to_thread(library.wait_until_started)
            library.speak(tone(1.2))
            await reading
            await at.worker.recorder.stop()
            (ended,) = await _rest(events)
            assert isinstance(ended, RecordingEnded)
            assert ended.recording.duration_s == pytest.approx(1.2)
            assert await at.history.recordings.all() == [ended.recording]
            assert ended.recording.state is RecordingState.READY
            assert _sound(ended.recording.path) == tone(1.2)

    asyncio.run(story())


def test_a_pause_leaves_a_gap_out(desk: OpenDesk, library: FakeSoundLibrary) -> None:
    async def story() -> None:
        async with desk() as at, aclosing(at.worker.recorder.record("", "x")) as events:
            recorder = at.worker.recorder
            await anext(events)
            reading = asyncio.gather(_until_recorded(events, 0.6))
            await asyncio.to_thread(library.wait_until_started)
            library.speak(tone(0.6))
            await reading
            recorder.set_paused(True)
            assert recorder.paused
            library.speak(tone(0.3))
            level = await anext(events)
            assert isinstance(level, Level)
            assert level.elapsed_s == pytest.approx(0.6)
            while not isinstance(level, RecordingEnded):
                if library.streams:
                    await recorder.stop()
                level = await anext(events)
            assert level.recording.duration_s == pytest.approx(0.6)

    asyncio.run(story())


def test_cancelling_twice_keeps_the_recording(desk: OpenDesk, library: FakeSoundLibrary) -> None:
    async def story() -> None:
        async with desk() as at:
            recorder = at.worker.recorder

            async def record() -> None:
                async with aclosing(recorder.record("", "x")) as events:
                    await _rest(events)

            async with asyncio.TaskGroup() as group:
                task = group.create_task(record())
                await asyncio.to_thread(library.wait_until_started)
                library.speak(tone(0.9))
                task.cancel()
                await asyncio.sleep(0)
                task.cancel()
            (kept,) = await at.history.recordings.all()
            assert kept.state is RecordingState.READY
            assert kept.duration_s == pytest.approx(0.9)
            assert _sound(kept.path) == tone(0.9)

    asyncio.run(story())


def test_an_unplugged_microphone_leaves_what_was_recorded_and_is_said(
    desk: OpenDesk, library: FakeSoundLibrary
) -> None:
    async def story() -> None:
        async with desk() as at, aclosing(at.worker.recorder.record("", "x")) as events:
            await anext(events)
            reading = asyncio.gather(_until_recorded(events, 0.3))
            await asyncio.to_thread(library.wait_until_started)
            library.speak(tone(0.3))
            await reading
            library.unplug()
            ended = await anext(events)
            while isinstance(ended, Level):
                ended = await anext(events)
            assert isinstance(ended, RecordingEnded)
            assert ended.recording.duration_s == pytest.approx(0.3)
            with pytest.raises(DeviceFailed):
                await anext(events)

    asyncio.run(story())


def test_nothing_is_left_of_a_recording_without_sound(desk: OpenDesk, library: FakeSoundLibrary, paths: Paths) -> None:
    async def story() -> None:
        async with desk() as at:
            async with aclosing(at.worker.recorder.record("", "x")) as events:
                await anext(events)
            assert await at.history.recordings.all() == []
            library.refuses_to_start = True
            async with aclosing(at.worker.recorder.record("", "x")) as events:
                assert isinstance(await anext(events), RecordingStarted)
                with pytest.raises(DeviceFailed):
                    await anext(events)
            assert await at.history.recordings.all() == []
            assert list(paths.recordings.iterdir()) == []

    asyncio.run(story())


def test_no_microphone_a_refusal_and_no_room_are_told_apart(
    desk: OpenDesk, library: FakeSoundLibrary, paths: Paths
) -> None:
    async def story() -> None:
        async with desk() as at:
            recorder = at.worker.recorder
            paths.recordings.rmdir()
            paths.recordings.write_text("a file where the folder should be")
            with pytest.raises(StorageFailed):
                await anext(recorder.record("", "x"))
            assert not library.streams
            library.refuses_to_open = True
            with pytest.raises(MicrophoneRefused):
                await anext(recorder.record("", "x"))
            library.inputs = ()
            with pytest.raises(NoMicrophone):
                await anext(recorder.record("", "x"))
            assert await recorder.devices() == []
            assert await at.history.recordings.all() == []

    asyncio.run(story())


def test_what_was_recorded_until_the_disk_took_no_more_is_kept(desk: OpenDesk, library: FakeSoundLibrary) -> None:
    """The row is put right at the next start."""

    async def story() -> None:
        async with desk() as at, aclosing(at.worker.recorder.record("", "x")) as events:
            assert isinstance(await anext(events), RecordingStarted)
            reading = asyncio.gather(_until_recorded(events, 0.6))
            await asyncio.to_thread(library.wait_until_started)
            library.speak(tone(0.6))
            await reading
            await at.history._database.read(lambda database: database.execute("PRAGMA query_only = 1"))
            await at.worker.recorder.stop()
            ended = await anext(events)
            assert isinstance(ended, RecordingEnded)
            assert _sound(ended.recording.path) == tone(0.6)
            with pytest.raises(RecordingCut) as cut:
                await anext(events)
            assert cut.value.arguments == {"duration": "0:01", "path": str(ended.recording.path)}
        async with desk() as at:
            (recovered,) = await at.worker.recorder.recover()
            assert recovered.duration_s == pytest.approx(0.6)

    asyncio.run(story())


def test_watching_a_level_keeps_nothing(desk: OpenDesk, library: FakeSoundLibrary, paths: Paths) -> None:
    async def story() -> None:
        async with desk() as at:
            async with aclosing(at.worker.recorder.watch()) as levels:
                reading = asyncio.gather(anext(levels))
                await asyncio.to_thread(library.wait_until_started)
                library.speak(tone(0.03, volume=0.25))
                assert (await reading)[0].peak == pytest.approx(0.25, abs=0.01)
            assert not library.streams
            assert list(paths.recordings.iterdir()) == []

    asyncio.run(story())


def test_a_recording_cut_off_by_a_crash_is_repaired_at_the_next_start(
    desk: OpenDesk, library: FakeSoundLibrary, paths: Paths
) -> None:
    crashed: list[Recording] = []

    async def begin() -> None:
        from app.model.audio import SoundFormat
        from app.services.audio import RecordingFile

        async with desk() as at:
            file = RecordingFile(paths.recordings / "crashed.wav", SoundFormat())
            file.write(tone(0.7))  # and never closed: the header says 0 seconds
            left = Recording(
                0, "Interview", file.path, RecordingOrigin.MICROPHONE, RecordingState.RECORDING, datetime.now(UTC)
            )
            crashed.append(await at.history.recordings.add(left))
            empty = RecordingFile(paths.recordings / "empty.wav", SoundFormat())
            await at.history.recordings.add(replace(left, path=empty.path))
            await at.history.recordings.add(replace(left, path=paths.recordings / "gone.wav"))
            file._file.close()
            empty._file.close()

    async def next_start() -> None:
        async with desk() as at:
            (recovered,) = await at.worker.recorder.recover()
            assert recovered.duration_s == pytest.approx(0.7)
            assert recovered == replace(crashed[0], state=RecordingState.RECOVERED, duration_s=recovered.duration_s)
            assert await at.history.recordings.all() == [recovered]
            assert _sound(recovered.path) == tone(0.7)
            assert await at.worker.recorder.recover() == []

    asyncio.run(begin())
    asyncio.run(next_start())


def test_the_recording_that_runs_is_not_recovered(desk: OpenDesk, library: FakeSoundLibrary) -> None:
    async def story() -> None:
        async with desk() as at, aclosing(at.worker.recorder.record("", "x")) as events:
            await anext(events)
            assert await at.worker.recorder.recover() == []

    asyncio.run(story())

"""SoundQueue: files and folders come in once, names change, what is removed comes back, exports are written whole."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.model.audio import (
    ExportFormat,
    Headway,
    QueueEntry,
    Recording,
    RecordingOrigin,
    Segment,
    Transcript,
    TranscriptionProgress,
    TranscriptState,
    Waveform,
)
from app.model.errors import NoSound, SoundUnreadable, StorageFailed, UnreadableFile
from app.workers.audio.queue import SoundQueue
from tests.fakes.audio_desk import BUILT_IN
from tests.fakes.media import chirps, write_silent_film, write_sound
from tests.workers.audio.conftest import OpenDesk


async def _add(queue: SoundQueue, *paths: Path) -> list[Recording | UnreadableFile]:
    return [added async for added in queue.add(paths)]


def _transcript(recording: Recording, text: str = "Hello.") -> Transcript:
    return Transcript(0, recording.id, (Segment(0, 1, text),), "en", BUILT_IN, datetime.now(UTC))


def test_files_come_in_with_their_length_and_stay_untouched(desk: OpenDesk, tmp_path: Path) -> None:
    path = write_sound(tmp_path / "Meeting 会议.m4a", chirps(2.5))
    before = path.read_bytes()

    async def story() -> None:
        async with desk() as at:
            (added,) = await _add(at.worker.queue, path)
            assert isinstance(added, Recording)
            assert (added.name, added.origin, added.path) == ("Meeting 会议", RecordingOrigin.FILE, path)
            assert added.duration_s == pytest.approx(2.5, abs=0.1)
            assert await at.worker.queue.all() == [QueueEntry(added)]

    asyncio.run(story())
    assert path.read_bytes() == before


def test_the_same_file_is_not_added_twice(desk: OpenDesk, tmp_path: Path) -> None:
    path = write_sound(tmp_path / "a.wav", chirps(1))

    async def story() -> None:
        async with desk() as at:
            first = await _add(at.worker.queue, path)
            assert await _add(at.worker.queue, path, path) == first

    asyncio.run(story())


def test_a_folder_gives_its_sound_and_what_cannot_be_read_does_not_stop_the_rest(
    desk: OpenDesk, tmp_path: Path
) -> None:
    folder = tmp_path / "drop"
    (folder / "deep").mkdir(parents=True)
    (folder / ".hidden").mkdir()
    write_sound(folder / "deep" / "b.ogg", chirps(1))
    write_sound(folder / "c.MP3".lower(), chirps(1))
    write_sound(folder / ".hidden" / "d.wav", chirps(1))
    (folder / "notes.txt").write_text("no sound")
    (folder / "a.mp3").write_text("no sound either")
    write_silent_film(folder / "film.mp4")

    async def story() -> None:
        async with desk() as at:
            added = await _add(at.worker.queue, folder, tmp_path / "gone.wav")
            assert [one.name for one in added if isinstance(one, Recording)] == ["c", "b"]
            assert [type(one) for one in added if isinstance(one, UnreadableFile)] == [
                SoundUnreadable, NoSound, SoundUnreadable,
            ]  # fmt: skip

    asyncio.run(story())


def test_names_change_but_never_to_nothing(desk: OpenDesk, tmp_path: Path) -> None:
    path = write_sound(tmp_path / "a.wav", chirps(1))

    async def story() -> None:
        async with desk() as at:
            (added,) = await _add(at.worker.queue, path)
            assert isinstance(added, Recording)
            renamed = await at.worker.queue.rename(added, "  Talk ")
            assert renamed.name == "Talk"
            assert (await at.worker.queue.rename(renamed, "   ")).name == "Talk"
            assert await at.worker.queue.all() == [QueueEntry(renamed)]

    asyncio.run(story())


def test_what_is_removed_comes_back_with_its_transcript_until_it_is_purged(desk: OpenDesk, tmp_path: Path) -> None:
    path = write_sound(tmp_path / "a.wav", chirps(1))

    async def story() -> None:
        async with desk() as at:
            queue = at.worker.queue
            (added,) = await _add(queue, path)
            assert isinstance(added, Recording)
            stored = await at.history.transcripts.add(_transcript(added))
            await queue.remove(added)
            assert await queue.all() == []
            await queue.restore(added)
            assert await queue.all() == [QueueEntry(added, Headway(TranscriptState.COMPLETE))]
            assert (await queue.transcripts(added))[0] == stored
            await queue.remove(added)
            await queue.purge(added)
            await queue.restore(added)
            assert await queue.all() == []

    asyncio.run(story())
    assert path.exists()


def test_the_newest_transcript_counts(desk: OpenDesk, tmp_path: Path) -> None:
    path = write_sound(tmp_path / "a.wav", chirps(1))

    async def story() -> None:
        async with desk() as at:
            (added,) = await _add(at.worker.queue, path)
            assert isinstance(added, Recording)
            assert await at.worker.queue.transcripts(added) == []
            await at.history.transcripts.add(_transcript(added))
            newer = await at.history.transcripts.add(replace(_transcript(added), state=TranscriptState.FAILED))
            assert (await at.worker.queue.transcripts(added))[0] == newer
            assert (await at.worker.queue.all())[0].headway == Headway(TranscriptState.FAILED)
            edited = replace(newer, segments=(Segment(0, 1, "Corrected."),), state=TranscriptState.COMPLETE)
            await at.worker.queue.save_edit(edited)
            assert (await at.worker.queue.transcripts(added))[0] == edited

    asyncio.run(story())


def test_the_outline_corrects_a_length_that_the_file_told_wrongly(desk: OpenDesk, tmp_path: Path) -> None:
    path = write_sound(tmp_path / "a.wav", chirps(9))

    async def story() -> None:
        async with desk() as at:
            (added,) = await _add(at.worker.queue, path)
            assert isinstance(added, Recording)
            wrong = replace(added, duration_s=86_400)
            await at.history.recordings.save(wrong)
            events = [event async for event in at.worker.queue.outline(wrong)]
            assert isinstance(events[0], TranscriptionProgress)
            assert events[0].reading
            assert isinstance(events[-1], Waveform)
            assert (await at.worker.queue.all())[0].recording.duration_s == pytest.approx(9)
            path.unlink()
            with pytest.raises(SoundUnreadable):
                await anext(at.worker.queue.outline(added))

    asyncio.run(story())


def test_giving_up_on_an_outline_ends_its_thread(desk: OpenDesk, tmp_path: Path) -> None:
    path = write_sound(tmp_path / "a.wav", chirps(60))

    async def story() -> None:
        async with desk() as at:
            (added,) = await _add(at.worker.queue, path)
            assert isinstance(added, Recording)
            events = at.worker.queue.outline(added)
            assert isinstance(await anext(events), TranscriptionProgress)
            async with asyncio.timeout(2):
                await events.aclose()

    asyncio.run(story())


@pytest.mark.parametrize(("form", "beginning"), [(ExportFormat.TXT, "Héllo."), (ExportFormat.VTT, "WEBVTT")])
def test_an_export_is_a_whole_file(desk: OpenDesk, tmp_path: Path, form: ExportFormat, beginning: str) -> None:
    target = tmp_path / f"out.{form}"
    target.write_text("before")

    async def story() -> None:
        async with desk() as at:
            transcript = Transcript(1, 1, (Segment(0, 1, "Héllo."),), "en", BUILT_IN, datetime.now(UTC))
            await at.worker.queue.export(transcript, target, form)
            with pytest.raises(StorageFailed):
                await at.worker.queue.export(transcript, tmp_path / "missing" / "out.txt", form)

    asyncio.run(story())
    assert target.read_text("utf-8").startswith(beginning)

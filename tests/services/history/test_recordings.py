"""Recordings: stored, changed, recovered, deleted with Undo; the user's own files are never touched."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from app.model.audio import Recording, RecordingOrigin, RecordingState, Segment, Transcript
from app.paths import Paths
from app.services.history.store import History
from tests.services.history.conftest import Within
from tests.services.history.examples import MODEL


def _recording(path: Path, origin: RecordingOrigin, state: RecordingState = RecordingState.READY) -> Recording:
    path.write_bytes(b"sound")
    return Recording(0, path.stem, path, origin, state, datetime.now(UTC), 61.5, "zh")


def test_a_recording_comes_back_as_it_was_stored_and_changed(within: Within, paths: Paths) -> None:
    async def story(history: History) -> None:
        begun = _recording(paths.recordings / "memo.wav", RecordingOrigin.MICROPHONE, RecordingState.RECORDING)
        stored = await history.recordings.add(begun)
        assert stored == replace(begun, id=stored.id)
        assert await history.recordings.unfinished() == [stored]
        ended = replace(stored, state=RecordingState.READY, name="Meeting", duration_s=90.0)
        await history.recordings.save(ended)
        assert await history.recordings.get(stored.id) == ended
        assert await history.recordings.all() == [ended]
        assert await history.recordings.unfinished() == []

    within(story)


def test_the_newest_comes_first(within: Within, tmp_path: Path) -> None:
    async def story(history: History) -> list[str]:
        for name in ("first", "second"):
            await history.recordings.add(_recording(tmp_path / name, RecordingOrigin.FILE))
        return [recording.name for recording in await history.recordings.all()]

    assert within(story) == ["second", "first"]


def test_purging_takes_our_sound_and_leaves_the_users(within: Within, paths: Paths, tmp_path: Path) -> None:
    async def story(history: History) -> None:
        ours = await history.recordings.add(_recording(paths.recordings / "memo.wav", RecordingOrigin.MICROPHONE))
        theirs = await history.recordings.add(_recording(tmp_path / "song.mp3", RecordingOrigin.FILE))
        for recording in (ours, theirs):
            await history.transcripts.add(
                Transcript(0, recording.id, (Segment(0, 1, "words"),), "en", MODEL, datetime.now(UTC))
            )
            await history.recordings.delete(recording.id)
        assert await history.recordings.all() == []
        assert await history.transcripts.search("words") == []
        await history.recordings.restore(theirs.id)
        assert await history.recordings.all() == [theirs]
        assert len(await history.transcripts.search("words")) == 1
        await history.recordings.delete(theirs.id)
        await history.recordings.purge(ours.id)
        await history.recordings.purge()
        for recording in (ours, theirs):
            await history.recordings.restore(recording.id)
            assert await history.transcripts.of(recording.id) == []
            assert await history.recordings.get(recording.id) is None
        assert not ours.path.exists()
        assert theirs.path.exists()

    within(story)

"""Transcripts: segments with words come back, edits are searched, several of one recording."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from app.model.audio import (
    Headway,
    Recording,
    RecordingOrigin,
    RecordingState,
    Segment,
    Stretch,
    Transcript,
    TranscriptionOptions,
    TranscriptState,
    Word,
)
from app.model.lessons import Lesson
from app.paths import Paths
from app.services.history.store import History
from tests.services.history.conftest import Within
from tests.services.history.examples import MODEL

SEGMENTS = (
    Segment(0.0, 1.5, "Hello there.", (Word("Hello", 0.0, 0.5), Word("there.", 0.5, 1.5))),
    Segment(1.5, 3.0, "今天天气很好。"),
)


async def _recording(history: History, paths: Paths) -> Recording:
    now = datetime.now(UTC)
    recording = Recording(0, "a", paths.recordings / "a", RecordingOrigin.MICROPHONE, RecordingState.READY, now)
    return await history.recordings.add(recording)


def test_a_transcript_comes_back_as_it_was_stored(within: Within, paths: Paths) -> None:
    async def story(history: History) -> None:
        recording = await _recording(history, paths)
        options = TranscriptionOptions(language="zh", prompt="Namen: 张伟", word_times=True, temperature=0.0)
        made = Transcript(
            0, recording.id, SEGMENTS, "zh", MODEL, datetime.now(UTC), TranscriptState.FAILED, options, "cut off"
        )
        made = replace(made, done=(Stretch(0.0, 1.5), Stretch(1.5, 3.0)), adjustments=(Lesson("language"),))
        stored = await history.transcripts.add(made)
        assert stored == replace(made, id=stored.id)
        second = await history.transcripts.add(replace(made, segments=()))
        assert await history.transcripts.of(recording.id) == [second, stored]

    within(story)


def test_search_follows_edits_and_waits_for_the_end(within: Within, paths: Paths) -> None:
    async def story(history: History) -> None:
        recording = await _recording(history, paths)
        now = datetime.now(UTC)
        running = Transcript(0, recording.id, SEGMENTS, "zh", MODEL, now, TranscriptState.RUNNING)
        stored = await history.transcripts.add(running)
        assert await history.transcripts.search("天气") == []
        complete = replace(stored, state=TranscriptState.COMPLETE)
        await history.transcripts.save(complete)
        assert await history.transcripts.search("天气") == [complete]
        await history.transcripts.save(replace(complete, segments=(Segment(0, 1, "corrected"),)))
        assert await history.transcripts.search("天气") == []
        assert len(await history.transcripts.search("correct")) == 1
        await history.transcripts.delete(stored.id)
        assert await history.transcripts.search("correct") == []
        assert await history.transcripts.of(recording.id) == []

    within(story)


def test_the_newest_transcript_tells_how_far_a_recording_is(within: Within, paths: Paths) -> None:
    async def story(history: History) -> None:
        first, second = await _recording(history, paths), await _recording(history, paths)
        made = Transcript(0, first.id, SEGMENTS, "zh", MODEL, datetime.now(UTC), TranscriptState.FAILED)
        await history.transcripts.add(made)
        await history.transcripts.add(replace(made, state=TranscriptState.COMPLETE))
        await history.transcripts.add(replace(made, recording_id=second.id, segments=()))
        assert await history.transcripts.headways() == {
            first.id: Headway(TranscriptState.COMPLETE),
            second.id: Headway(TranscriptState.FAILED, has_text=False),
        }

    within(story)

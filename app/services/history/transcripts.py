"""Transcripts of recordings as rows: their segments, and the plain text that is searched."""

from __future__ import annotations

import sqlite3

from app.model.audio import Headway, Segment, Stretch, Transcript, TranscriptionOptions, TranscriptState
from app.model.lessons import Lesson
from app.model.providers import ModelReference
from app.services.history import index, rows
from app.services.history.database import Database
from app.services.history.search import in_order

_DEFAULT_OPTIONS = TranscriptionOptions()


class Transcripts:
    """Every method raises `StorageFailed` if the disk refuses; a change to a transcript that is gone does nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, transcript: Transcript) -> Transcript:
        """Store `transcript`; the result has its id."""

        def add(connection: sqlite3.Connection) -> Transcript:
            new_id = rows.insert(connection, "transcripts", _values(transcript))
            return _to_transcript(connection.execute("SELECT * FROM transcripts WHERE id = ?", (new_id,)).fetchone())

        return await self._database.write(add)

    async def save(self, transcript: Transcript) -> None:
        """Store everything of a transcript that is there already, as while it arrives or after an edit."""
        values = _values(transcript)
        await self._database.write(lambda connection: rows.update(connection, "transcripts", transcript.id, values))

    def save_soon(self, transcript: Transcript) -> None:
        """Keep what came so far; does not wait. A failure is only noted in the log, `save` at the end fails as well."""
        values = _values(transcript)
        self._database.write_soon(lambda connection: rows.update(connection, "transcripts", transcript.id, values))

    async def of(self, recording_id: int) -> list[Transcript]:
        """All of one recording, the newest first."""

        def select(connection: sqlite3.Connection) -> list[Transcript]:
            query = "SELECT * FROM transcripts WHERE recording_id = ? ORDER BY id DESC"
            return list(map(_to_transcript, connection.execute(query, (recording_id,))))

        return await self._database.read(select)

    async def headways(self) -> dict[int, Headway]:
        """By recording, how far its newest transcript came; without reading the texts."""

        def select(connection: sqlite3.Connection) -> dict[int, Headway]:
            # SQLite takes the other columns from the row with the greatest id.
            query = "SELECT recording_id, state, text <> '' AS has_text, MAX(id) FROM transcripts GROUP BY recording_id"
            found = connection.execute(query)
            return {row["recording_id"]: Headway(TranscriptState(row["state"]), bool(row["has_text"])) for row in found}

        return await self._database.read(select)

    async def search(self, text: str, limit: int = 200) -> list[Transcript]:
        """Those that hold every word of `text`, the newest first; none of a deleted recording."""

        def find(connection: sqlite3.Connection) -> list[Transcript]:
            ids = index.find(connection, index.TRANSCRIPTS, text, limit)
            return list(map(_to_transcript, in_order(connection, "SELECT * FROM transcripts WHERE id", ids)))

        return await self._database.read(find)

    async def delete(self, transcript_id: int) -> None:
        """Remove it for good."""
        await self._database.write(
            lambda connection: connection.execute("DELETE FROM transcripts WHERE id = ?", (transcript_id,)).rowcount
        )

    async def stop_unfinished(self) -> None:
        """Mark those that were being made when the program was killed; only when no other process writes."""
        query = "UPDATE transcripts SET state = ? WHERE state = 'running'"
        await self._database.write(
            lambda connection: connection.execute(query, (TranscriptState.STOPPED.value,)).rowcount
        )


def _values(transcript: Transcript) -> dict[str, object]:
    return {
        "recording_id": transcript.recording_id,
        "state": transcript.state,
        "text": transcript.text,
        "language": transcript.language,
        "provider_id": transcript.model.provider_id,
        "model_id": transcript.model.model_id,
        "created_at": rows.to_microseconds(transcript.created_at),
        "options": rows.to_json(transcript.options, _DEFAULT_OPTIONS),
        "error": transcript.error,
        "segments": rows.to_json(transcript.segments, ()),
        "done": rows.to_json(transcript.done, ()),
        "adjustments": rows.to_json(transcript.adjustments, ()),
    }


def _to_transcript(row: sqlite3.Row) -> Transcript:
    return Transcript(
        id=row["id"],
        recording_id=row["recording_id"],
        segments=rows.from_json(row["segments"], (), tuple[Segment, ...]),
        language=row["language"],
        model=ModelReference(row["provider_id"], row["model_id"]),
        created_at=rows.to_datetime(row["created_at"]),
        state=TranscriptState(row["state"]),
        options=rows.from_json(row["options"], _DEFAULT_OPTIONS, TranscriptionOptions),
        error=row["error"],
        done=rows.from_json(row["done"], (), tuple[Stretch, ...]),
        adjustments=rows.from_json(row["adjustments"], (), tuple[Lesson, ...]),
    )

"""Recordings and files in the queue as rows; the sound itself is written elsewhere."""

from __future__ import annotations

import sqlite3

from app.model.audio import Recording, RecordingOrigin, RecordingState
from app.services.history import rows
from app.services.history.database import Database


class Recordings:
    """Every method raises `StorageFailed` if the disk refuses; a change to a recording that is gone does nothing."""

    def __init__(self, database: Database, paths: rows.StoredPaths) -> None:
        self._database = database
        self._paths = paths

    async def add(self, recording: Recording) -> Recording:
        """Store `recording`; the result has its id."""

        def add(connection: sqlite3.Connection) -> Recording:
            new_id = rows.insert(connection, "recordings", self._values(recording))
            return self._to_recording(connection.execute("SELECT * FROM recordings WHERE id = ?", (new_id,)).fetchone())

        return await self._database.write(add)

    async def save(self, recording: Recording) -> None:
        """Store everything of a recording that is there already."""
        values = self._values(recording)
        await self._database.write(lambda connection: rows.update(connection, "recordings", recording.id, values))

    async def all(self) -> list[Recording]:
        """Those that are not deleted, the newest first."""

        def select(connection: sqlite3.Connection) -> list[Recording]:
            query = "SELECT * FROM recordings WHERE deleted_at IS NULL ORDER BY created_at DESC, id DESC"
            return list(map(self._to_recording, connection.execute(query)))

        return await self._database.read(select)

    async def unfinished(self) -> list[Recording]:
        """Those that were being recorded when the program was killed; the user's own files never were."""
        return [
            recording
            for recording in await self.all()
            if (recording.state, recording.origin) == (RecordingState.RECORDING, RecordingOrigin.MICROPHONE)
        ]

    async def get(self, recording_id: int) -> Recording | None:
        """None if there is no such recording or it is deleted."""

        def select(connection: sqlite3.Connection) -> Recording | None:
            query = "SELECT * FROM recordings WHERE id = ? AND deleted_at IS NULL"
            row = connection.execute(query, (recording_id,)).fetchone()
            return None if row is None else self._to_recording(row)

        return await self._database.read(select)

    async def delete(self, recording_id: int) -> None:
        """Take it out of the queue with its transcripts; `restore` undoes this until `purge`."""
        await self._set_deleted(recording_id, rows.now())

    async def restore(self, recording_id: int) -> None:
        await self._set_deleted(recording_id, None)

    async def purge(self, recording_id: int | None = None) -> None:
        """Remove this deleted recording, or every deleted one, for good with its transcripts.

        The sound goes too if it was recorded here; the user's own files are never touched.
        """

        def purge(connection: sqlite3.Connection) -> None:
            condition = "deleted_at IS NOT NULL AND (?1 IS NULL OR id = ?1)"
            query = f"SELECT path FROM recordings WHERE origin = ?2 AND {condition}"
            for row in connection.execute(query, (recording_id, RecordingOrigin.MICROPHONE.value)).fetchall():
                self._paths.to_path(row["path"]).unlink(missing_ok=True)
            connection.execute(f"DELETE FROM recordings WHERE {condition}", (recording_id,))

        await self._database.write(purge)

    async def _set_deleted(self, recording_id: int, moment: int | None) -> None:
        await self._database.write(
            lambda connection: rows.update(connection, "recordings", recording_id, {"deleted_at": moment})
        )

    def _values(self, recording: Recording) -> dict[str, object]:
        return {
            "name": recording.name,
            "path": self._paths.to_text(recording.path),
            "origin": recording.origin,
            "state": recording.state,
            "created_at": rows.to_microseconds(recording.created_at),
            "duration_s": recording.duration_s,
            "language": recording.language,
        }

    def _to_recording(self, row: sqlite3.Row) -> Recording:
        return Recording(
            id=row["id"],
            name=row["name"],
            path=self._paths.to_path(row["path"]),
            origin=RecordingOrigin(row["origin"]),
            state=RecordingState(row["state"]),
            created_at=rows.to_datetime(row["created_at"]),
            duration_s=row["duration_s"],
            language=row["language"],
        )

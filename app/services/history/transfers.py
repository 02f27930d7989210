"""Transfers: everything a person made on its way out in an export and in by an import; which files, not how written."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.model.chat import NewAttachment
from app.model.transfer import PortableConversation, PortablePicture, PortableRecording, Standing
from app.services.history import growth, portable, rows
from app.services.history.attachments import Attachments
from app.services.history.database import Database


@dataclass(frozen=True, slots=True)
class ArrivedPicture:
    """A picture whose file is at `path` already."""

    picture: PortablePicture
    path: Path


@dataclass(frozen=True, slots=True)
class ArrivedRecording:
    """A sound whose file is at `path` already."""

    recording: PortableRecording
    path: Path


class Transfers:
    """Every method raises `StorageFailed` if the disk refuses. Nothing deleted goes out."""

    def __init__(self, database: Database, attachments: Attachments, paths: rows.StoredPaths) -> None:
        self._database = database
        self._attachments = attachments
        self._paths = paths

    async def conversations(self) -> list[int]:
        """The ids of all conversations, the oldest first."""
        query = "SELECT id FROM conversations WHERE deleted_at IS NULL ORDER BY created_at, id"
        return await self._database.read(lambda connection: [row["id"] for row in connection.execute(query)])

    async def conversation(self, conversation_id: int) -> PortableConversation | None:
        """Everything of one; None if it is gone."""
        return await self._database.read(lambda connection: portable.read_conversation(connection, conversation_id))

    async def pictures(self) -> list[tuple[PortablePicture, Path]]:
        """All pictures with where their files are, the oldest first."""

        def read(connection: sqlite3.Connection) -> list[tuple[PortablePicture, Path]]:
            query = "SELECT * FROM pictures WHERE deleted_at IS NULL ORDER BY created_at, id"
            return [(portable.read_picture(row), self._paths.to_path(row["path"])) for row in connection.execute(query)]

        return await self._database.read(read)

    async def recordings(self) -> list[int]:
        """The ids of all sounds that are not being recorded just now, the oldest first."""
        query = "SELECT id FROM recordings WHERE deleted_at IS NULL AND state <> 'recording' ORDER BY created_at, id"
        return await self._database.read(lambda connection: [row["id"] for row in connection.execute(query)])

    async def recording(self, recording_id: int) -> tuple[PortableRecording, Path] | None:
        """A sound with its transcripts and where its file is; None if it is gone."""

        def read(connection: sqlite3.Connection) -> tuple[PortableRecording, Path] | None:
            query = "SELECT * FROM recordings WHERE id = ? AND deleted_at IS NULL"
            row = connection.execute(query, (recording_id,)).fetchone()
            if row is None:
                return None
            path = self._paths.to_path(row["path"])
            return portable.read_recording(connection, row, path), path

        return await self._database.read(read)

    def attachment_path(self, file: str) -> Path:
        """Where the file of an attachment of ours is."""
        return self._attachments.path_of(file)

    async def arrive(self) -> Arrival:
        """Begin an import."""

        def known(connection: sqlite3.Connection) -> Arrival:
            arrival = Arrival(self._database, self._attachments, self._paths)
            arrival.note_known(connection)
            return arrival

        return await self._database.read(known)


class Arrival:
    """Conversations, pictures and sounds on their way in: nobody sees any of it before `complete`.

    Conversations arrive as deleted ones, one transaction each, so that nothing else has to wait for long. If the
    program is killed they are removed at the next start like everything that was deleted.
    """

    def __init__(self, database: Database, attachments: Attachments, paths: rows.StoredPaths) -> None:
        """Use `Transfers.arrive`."""
        self._database = database
        self._attachments = attachments
        self._paths = paths
        self._conversations: defaultdict[int, list[int]] = defaultdict(list)
        self._pictures: set[tuple[int, str]] = set()
        self._recordings: set[tuple[int, str]] = set()
        self._new: list[int] = []
        self._continued: dict[int, int] = {}  # those among the new that go on with one that is here

    def note_known(self, connection: sqlite3.Connection) -> None:
        """Learn what is here already, by the moments at which it was made."""
        for row in connection.execute("SELECT id, created_at FROM conversations WHERE deleted_at IS NULL"):
            self._conversations[row["created_at"]].append(row["id"])
        self._pictures = _made(connection, "SELECT created_at, prompt FROM pictures WHERE deleted_at IS NULL")
        self._recordings = _made(connection, "SELECT created_at, origin FROM recordings WHERE deleted_at IS NULL")

    async def add(
        self, conversation: PortableConversation, files: Mapping[str, NewAttachment], *, even_if_known: bool = False
    ) -> Standing:
        """Take in a checked conversation with the `files` of its attachments by their names there; what that means."""
        made_at = portable.moment(conversation.created_at)

        def add(connection: sqlite3.Connection) -> tuple[Standing, int, int]:
            same = [] if even_if_known else self._conversations[made_at]
            here = {growth.standing(connection, one, conversation): one for one in same}
            standing = next(
                (one for one in (Standing.KNOWN, Standing.GROWN, Standing.BESIDE) if one in here), Standing.NEW
            )
            if standing is Standing.KNOWN:
                return standing, 0, 0
            stored = {name: (self._attachments.store(file).name, len(file.data)) for name, file in files.items()}
            new_id = portable.write_conversation(connection, conversation, stored, rows.now())
            return standing, new_id, here.get(standing, 0)

        standing, new_id, here_id = await self._database.write(add)
        if standing is Standing.GROWN:
            self._continued[new_id] = here_id
        elif new_id:
            self._conversations[made_at].append(new_id)
        if new_id:
            self._new.append(new_id)
        return standing

    def knows_picture(self, picture: PortablePicture) -> bool:
        """Whether it is in the gallery already."""
        return (portable.moment(picture.created_at), rows.clean(picture.prompt)) in self._pictures

    def knows_recording(self, recording: PortableRecording) -> bool:
        """Whether it is in the queue already."""
        return (portable.moment(recording.created_at), recording.origin.value) in self._recordings

    async def complete(
        self, pictures: Iterable[ArrivedPicture] = (), recordings: Iterable[ArrivedRecording] = ()
    ) -> list[int]:
        """Let everything that arrived be seen at once, or nothing of it; the ids of the conversations.

        Those that go on with one that is here are part of it then.
        """

        def complete(connection: sqlite3.Connection) -> None:
            for arrived in pictures:
                portable.write_picture(connection, arrived.picture, self._paths.to_text(arrived.path))
            for sound in recordings:
                portable.write_recording(connection, sound.recording, self._paths.to_text(sound.path))
            connection.executemany(
                "UPDATE conversations SET deleted_at = NULL WHERE id = ?", [(new_id,) for new_id in self._new]
            )
            for new_id, here_id in self._continued.items():
                growth.merge(connection, here_id, new_id)

        await self._database.write(complete)
        return self._new

    async def abandon(self) -> None:
        """Remove what arrived; everything is as before."""

        def remove(connection: sqlite3.Connection) -> None:
            connection.executemany(
                "DELETE FROM conversations WHERE id = ? AND deleted_at IS NOT NULL", [(new_id,) for new_id in self._new]
            )

        await self._database.write(remove)
        await self._attachments.remove_orphans()


def _made(connection: sqlite3.Connection, query: str) -> set[tuple[int, str]]:
    return {(row[0], row[1]) for row in connection.execute(query)}

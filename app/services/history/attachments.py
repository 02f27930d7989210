"""Attachments: one file on disk per content, named by its hash, and one row per use of it."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from app.files import write_whole
from app.model.chat import Attachment, AttachmentKind, NewAttachment
from app.services.history import rows
from app.services.history.database import Database
from app.services.history.spared import spared

_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}")


class Attachments:
    """Every method raises `StorageFailed` if the disk refuses."""

    def __init__(self, database: Database, folder: Path, database_file: Path | None = None) -> None:
        """Beside `database_file` may be older states of it whose files stay; without it there are none."""
        self._database = database
        self._database_file = database_file
        self._folder = folder
        self._elsewhere: Path | None = None

    def look_also_in(self, folder: Path) -> None:
        """Where files are that were stored in another session, when nothing can be stored there now."""
        self._elsewhere = folder

    @property
    def folder(self) -> Path:
        """Where the files are."""
        return self._folder

    def path_of(self, name: str) -> Path:
        """Where the file of this name is."""
        path = self._folder / name
        return path if self._elsewhere is None or path.exists() else self._elsewhere / name

    async def add(self, conversation_id: int, file: NewAttachment) -> Attachment:
        """Store `file` as part of the conversation's draft; the bytes are on disk before this returns.

        Raises:
            DiskFull, StorageFailed: nothing was stored.
        """

        def add(connection: sqlite3.Connection) -> Attachment:
            path = self.store(file)
            new_id = rows.insert(
                connection,
                "attachments",
                {
                    "conversation_id": conversation_id,
                    "kind": file.kind,
                    "name": file.name,
                    "media_type": file.media_type,
                    "file": path.name,
                    "size_bytes": len(file.data),
                    "width_px": file.width_px,
                    "height_px": file.height_px,
                },
            )
            return self._to_attachment(_row(connection, new_id))

        return await self._database.write(add)

    async def remove(self, attachment_id: int) -> None:
        """Take an attachment out of a draft; its file goes when nothing else uses it. Those of messages stay."""

        def remove(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM attachments WHERE id = ? AND message_id IS NULL", (attachment_id,))

        await self._database.write(remove)

    async def remove_orphans(self) -> None:
        """Delete files that no row names, now or in an older state of the database that is kept."""

        def remove(connection: sqlite3.Connection) -> None:
            used = {row["file"] for row in connection.execute("SELECT DISTINCT file FROM attachments")}
            older = None if self._database_file is None else spared(self._database_file)
            for path in self._folder.iterdir():
                if path.name not in used and not (older and older.holds(path)):
                    path.unlink(missing_ok=True)

        # As a write, because files are stored within writes: no other process is between a file and its row.
        await self._database.write(remove)

    def store(self, file: NewAttachment) -> Path:
        """The file that holds exactly these bytes, written completely or not at all."""
        suffix = Path(file.name).suffix
        name = hashlib.sha256(file.data).hexdigest() + (suffix.lower() if _SUFFIX.fullmatch(suffix) else "")
        path = self._folder / name
        if path.exists() and path.stat().st_size == len(file.data):
            return path
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(path, file.data)
        return path

    def of_draft(self, connection: sqlite3.Connection, conversation_id: int) -> tuple[Attachment, ...]:
        cursor = connection.execute(
            "SELECT * FROM attachments WHERE conversation_id = ? AND message_id IS NULL ORDER BY id", (conversation_id,)
        )
        return tuple(map(self._to_attachment, cursor))

    def of_messages(
        self, connection: sqlite3.Connection, conversation_id: int
    ) -> defaultdict[int, tuple[Attachment, ...]]:
        """Every attachment of a conversation's messages by message id."""
        found: defaultdict[int, tuple[Attachment, ...]] = defaultdict(tuple)
        cursor = connection.execute(
            "SELECT * FROM attachments WHERE conversation_id = ? AND message_id IS NOT NULL ORDER BY id",
            (conversation_id,),
        )
        for row in cursor:
            found[row["message_id"]] += (self._to_attachment(row),)
        return found

    def bind(self, connection: sqlite3.Connection, message_id: int, attachments: Iterable[Attachment]) -> None:
        """Give `attachments` to a message: those of a draft move there, those of another message are copied."""
        for attachment in attachments:
            moved = connection.execute(
                "UPDATE attachments SET message_id = ? WHERE id = ? AND message_id IS NULL", (message_id, attachment.id)
            )
            if not moved.rowcount:
                self.copy(connection, attachment.id, message_id)

    def copy(self, connection: sqlite3.Connection, attachment_id: int, message_id: int) -> None:
        """Another row for the same file, in the conversation of `message_id`."""
        connection.execute(
            "INSERT INTO attachments"
            " (conversation_id, message_id, kind, name, media_type, file, size_bytes, width_px, height_px)"
            " SELECT m.conversation_id, m.id, a.kind, a.name, a.media_type, a.file, a.size_bytes,"
            " a.width_px, a.height_px"
            " FROM attachments a, messages m WHERE a.id = ? AND m.id = ?",
            (attachment_id, message_id),
        )

    def copy_to_draft(self, connection: sqlite3.Connection, message_id: int, conversation_id: int) -> None:
        """Other rows for all files of a message, in the draft of a conversation."""
        connection.execute(
            "INSERT INTO attachments (conversation_id, kind, name, media_type, file, size_bytes, width_px, height_px)"
            " SELECT ?, kind, name, media_type, file, size_bytes, width_px, height_px"
            " FROM attachments WHERE message_id = ? ORDER BY id",
            (conversation_id, message_id),
        )

    def _to_attachment(self, row: sqlite3.Row) -> Attachment:
        return Attachment(
            id=row["id"],
            kind=AttachmentKind(row["kind"]),
            name=row["name"],
            media_type=row["media_type"],
            path=self.path_of(row["file"]),
            size_bytes=row["size_bytes"],
            width_px=row["width_px"],
            height_px=row["height_px"],
        )


def _row(connection: sqlite3.Connection, attachment_id: int) -> sqlite3.Row:
    row: sqlite3.Row = connection.execute("SELECT * FROM attachments WHERE id = ?", (attachment_id,)).fetchone()
    return row

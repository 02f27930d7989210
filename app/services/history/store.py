"""History: everything the user made, as one door with a part for each kind; opens, closes and recovers."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from app.model.data_errors import SessionReadOnly
from app.model.errors import AppError, SessionNotKept, StorageFailed
from app.paths import Paths
from app.services.history import opening, rows
from app.services.history.attachments import Attachments
from app.services.history.conversations import Conversations
from app.services.history.database import Database
from app.services.history.messages import Messages
from app.services.history.migrations import MIGRATIONS, Migration
from app.services.history.search import Search
from app.services.history.spared import note_missing

if TYPE_CHECKING:
    from app.services.history.pictures import Pictures
    from app.services.history.recordings import Recordings
    from app.services.history.requests import Requests
    from app.services.history.transcripts import Transcripts
    from app.services.history.transfers import Transfers


class History:
    """One SQLite connection on one thread behind awaitables; work is done in the order in which it is given.

    `problems` holds what the user has to be told after opening: a damaged file that was set aside, or a disk that takes
    nothing more.
    """

    def __init__(
        self, database: Database, data_folder: Path, attachments_folder: Path, database_file: Path | None = None
    ) -> None:
        """Use `open`; this only puts the parts together."""
        self._stored_paths = rows.StoredPaths(data_folder)
        self.problems: list[AppError] = []
        self._database = database
        self._temporary_folder: tempfile.TemporaryDirectory[str] | None = None
        self._changes_elsewhere = 0
        self.attachments = Attachments(database, attachments_folder, database_file)
        self.conversations = Conversations(database, self.attachments)
        self.messages = Messages(database, self.attachments)
        self.search = Search(database)

    # The parts below are imported when they are first used: the window shows conversations before anything else.

    @cached_property
    def pictures(self) -> Pictures:
        from app.services.history.pictures import Pictures

        return Pictures(self._database, self._stored_paths)

    @cached_property
    def recordings(self) -> Recordings:
        from app.services.history.recordings import Recordings

        return Recordings(self._database, self._stored_paths)

    @cached_property
    def transcripts(self) -> Transcripts:
        from app.services.history.transcripts import Transcripts

        return Transcripts(self._database)

    @cached_property
    def requests(self) -> Requests:
        from app.services.history.requests import Requests

        return Requests(self._database)

    @cached_property
    def transfers(self) -> Transfers:
        from app.services.history.transfers import Transfers

        return Transfers(self._database, self.attachments, self._stored_paths)

    @property
    def is_temporary(self) -> bool:
        """Whether it is gone when it is closed."""
        return self._temporary_folder is not None

    @property
    def is_lost_when_closed(self) -> bool:
        """Whether it is gone when it is closed, with something that came in since it was opened or exported."""
        return (self.is_temporary or self._database.is_gone) and self._database.changes != self._changes_elsewhere

    def note_export(self) -> None:
        """All that is here now is elsewhere, too."""
        self._changes_elsewhere = self._database.changes

    @classmethod
    async def open(
        cls,
        paths: Paths,
        *,
        is_only_process: bool = True,
        migrations: Sequence[Migration] = MIGRATIONS,
        repairing: Callable[[float], object] = lambda _share: None,
    ) -> History:
        """Open or make the history of a profile.

        While a damaged file is repaired, `repairing` is called with the share that was done, on another thread.

        With `is_only_process`, as in the window, answers that were arriving when the program was killed are marked as
        interrupted; the command line may run beside a window that is just streaming one.

        Raises:
            DataTooNew: written by a newer version and left alone.
            DiskFull, StorageFailed: the folder or the file cannot be used; it is as it was.
        """
        file = paths.database_file
        suspect = file.with_name(file.name + opening.SUSPECT_SUFFIX)
        history = cls(Database(file, suspect), paths.data, paths.attachments, file)

        def connect() -> sqlite3.Connection:
            note_missing(file, paths.attachments)
            return opening.open_database(file, history.problems, migrations, _backups(paths), repairing)

        await history._database.open(connect)
        if is_only_process:
            await history._recover()
        return history

    @classmethod
    async def open_temporary(cls, paths: Paths) -> History:
        """A history that is gone when it is closed, for a session in which the real one cannot be used."""
        folder = tempfile.TemporaryDirectory(prefix="triptych-")
        history = cls(Database(Path(folder.name)), paths.data, Path(folder.name))
        history._temporary_folder = folder
        history.problems.append(SessionNotKept(path=str(paths.database_file)))
        await history._database.open(opening.open_in_memory)
        return history

    @classmethod
    async def open_copy(cls, paths: Paths) -> History:
        """A history that begins with all that the real one holds, which is only read, and is gone when it is closed.

        Raises:
            DataTooNew: it was written by a newer version.
            DiskFull, StorageFailed: it cannot be read either.
        """
        folder = tempfile.TemporaryDirectory(prefix="triptych-")
        history = cls(Database(paths.database_file), paths.data, Path(folder.name))
        history.attachments.look_also_in(paths.attachments)
        history._temporary_folder = folder
        try:
            await history._database.open(
                lambda: opening.open_copy(paths.database_file, history.problems, _backups(paths))
            )
        except BaseException:
            folder.cleanup()
            raise
        history.problems.append(SessionReadOnly(path=str(paths.data)))
        await history._recover()
        history.note_export()
        return history

    async def _recover(self) -> None:
        """What was arriving when the program was killed gets its end; a full disk must not hinder reading the rest."""
        try:
            await self.messages.interrupt_unfinished()
        except StorageFailed as problem:
            self.problems.append(problem)

    async def tidy(self) -> None:
        """What can wait until the window is shown: end what was being transcribed, remove what was deleted for good.

        Only when no other process writes.

        Raises:
            StorageFailed: the disk refuses; nothing is worse than before.
        """
        if self.is_temporary:
            return  # the files belong to a history that stays as it is
        await self.transcripts.stop_unfinished()
        await self.conversations.purge()
        await self.pictures.purge()
        await self.recordings.purge()

    async def aclose(self) -> None:
        """Finish what was given and close; at most a few milliseconds."""
        await self._database.aclose()
        if self._temporary_folder is not None:
            self._temporary_folder.cleanup()


def _backups(paths: Paths) -> list[Path]:
    """The copies of the database in backups that are whole, the newest first."""
    made = (
        file for file in paths.backups.glob(f"*/{paths.database_file.name}") if not file.parent.name.startswith(".")
    )
    return sorted(made, key=lambda file: file.stat().st_mtime, reverse=True)

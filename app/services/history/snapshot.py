"""Whole copies of the database: making one, looking into one, and putting one in the place of the database."""

from __future__ import annotations

import errno
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from app.model.backups import Contents, StoredConversation
from app.model.data_errors import BackupFailed, BackupUnreadable
from app.model.errors import AppError, DataTooNew
from app.model.transfer import PortableConversation
from app.services.history import portable, rows
from app.services.history.failures import DAMAGE, primary_code, translated
from app.services.history.migrations import MIGRATIONS
from app.services.history.opening import open_database, open_in_memory
from app.services.history.ownership import OwnFiles, disown

STEP_PAGES = 2_000
"""Eight megabytes are copied at a time; in between the copying can be stopped."""
NEWEST_TITLES = 5
LOOKING = ".look-"
"""How the folders begin in which a copy is upgraded to be looked into; killed programs leave them."""
_COUNTS = {
    "conversations": "SELECT count(*) FROM conversations WHERE deleted_at IS NULL",
    "messages": "SELECT count(*) FROM messages m JOIN conversations c ON c.id = m.conversation_id"
    " WHERE c.deleted_at IS NULL",
    "pictures": "SELECT count(*) FROM pictures WHERE deleted_at IS NULL",
    "recordings": "SELECT count(*) FROM recordings WHERE deleted_at IS NULL",
    "transcripts": "SELECT count(*) FROM transcripts t JOIN recordings r ON r.id = t.recording_id"
    " WHERE r.deleted_at IS NULL",
}
_UNSOUND = (
    # Where these files are decides what is read and deleted later: it must be inside our own folder.
    "SELECT count(*) FROM attachments WHERE instr(file, '/') OR instr(file, '\\') OR instr(file, ':')"
    " OR instr(file, char(0)) OR file IN ('', '.', '..')",
    "SELECT count(*) FROM messages WHERE role NOT IN ('system', 'user', 'assistant') OR state NOT IN"
    " ('complete', 'streaming', 'stopped', 'interrupted', 'failed', 'truncated')",
    "SELECT count(*) FROM messages WHERE parent_id >= id",
    "SELECT count(*) FROM attachments WHERE kind NOT IN ('image', 'text')",
    "SELECT count(*) FROM pictures WHERE origin NOT IN ('generated', 'edited', 'upscaled')",
    "SELECT count(*) FROM recordings WHERE origin NOT IN ('microphone', 'file')"
    " OR state NOT IN ('recording', 'ready', 'recovered')",
    "SELECT count(*) FROM transcripts WHERE state NOT IN ('running', 'complete', 'stopped', 'failed')",
    "SELECT count(*) FROM pragma_foreign_key_check",
)
"""Each counts what no Triptych ever wrote."""


class Cancelled(Exception):
    """Nobody waits for the copy any more."""


def copy_database(source: Path, target: Path, cancelled: threading.Event) -> tuple[int, Contents]:
    """Copy the database as it is at this moment, while others write to it; its schema and contents.

    The copy is one file that was checked and needs nothing beside it.

    Raises:
        Cancelled: `target` is not whole.
        BackupFailed: the database or the copy is damaged.
        DiskFull, StorageFailed: the copy cannot be written, or the database not be read.
    """

    def go_on(_status: int, _remaining: int, _total: int) -> None:
        if cancelled.is_set():
            raise Cancelled

    with translated(target):
        try:
            with closing(_read_only(source)) as live, closing(sqlite3.connect(target, isolation_level=None)) as copy:
                # One moment for all steps: without it every write in between would begin the copying anew.
                live.execute("BEGIN")
                live.execute("SELECT count(*) FROM sqlite_master").fetchone()
                live.backup(copy, pages=STEP_PAGES, progress=go_on, sleep=0)
                copy.execute("PRAGMA journal_mode = DELETE")
                target.chmod(0o600)
                _check(copy)
                (schema,) = copy.execute("PRAGMA user_version").fetchone()
                return int(schema), _counted(copy)
        except sqlite3.Error as error:
            if primary_code(error) not in DAMAGE:
                raise
            raise BackupFailed(str(error), path=str(source)) from error


def contents(backup: Path) -> Contents | None:
    """What is in a copy of any version; None if it cannot be told."""
    try:
        with closing(_still(backup)) as connection:
            return _counted(connection)
    except sqlite3.Error:
        return None


def conversations(backup: Path) -> list[StoredConversation]:
    """What can be restored from a copy, the last changed first.

    Raises:
        BackupUnreadable, DataTooNew, StorageFailed
    """
    query = (
        "SELECT id, title, updated_at, (SELECT count(*) FROM messages m WHERE m.conversation_id = c.id) AS messages"
        " FROM conversations c WHERE deleted_at IS NULL ORDER BY updated_at DESC, id DESC"
    )
    with _upgraded(backup) as connection:
        return [
            StoredConversation(row["id"], row["title"], rows.to_datetime(row["updated_at"]), row["messages"])
            for row in connection.execute(query)
        ]


def conversation(backup: Path, conversation_id: int) -> PortableConversation:
    """One conversation with all that belongs to it.

    Raises:
        BackupUnreadable: the copy, or this part of it, is damaged.
        DataTooNew, StorageFailed
    """
    with _upgraded(backup) as connection:
        found = portable.read_conversation(connection, conversation_id)
        if found is None:
            raise BackupUnreadable(name=backup.name)
        return found


def attachment_files(backup: Path) -> set[str]:
    """The names of all files that attachments in the copy refer to.

    Raises:
        StorageFailed: it cannot be read.
    """
    with translated(backup), closing(_still(backup)) as connection:
        return {row["file"] for row in connection.execute("SELECT DISTINCT file FROM attachments")}


def stage(backup: Path, target: Path, own: OwnFiles) -> None:
    """Make of a copy of any version what may take the place of the database: checked, upgraded, without old deletions.

    Files that are not our `own` are neither changed nor deleted later, whatever the copy says of them.

    Raises:
        BackupUnreadable: it is damaged, or was not made by Triptych.
        DataTooNew: it was made by a newer Triptych.
        DiskFull, StorageFailed
    """
    with _unreadable(backup), tempfile.TemporaryDirectory(dir=target.parent, prefix=".new-") as folder:
        made = Path(folder) / target.name
        _copy_files(backup, made)
        with closing(_opened(backup, made)) as connection:
            _check(connection)
            _check_is_ours(connection, backup)
            # Files that were about to be deleted then may be others by now.
            for table in ("conversations", "pictures", "recordings"):
                connection.execute(f"DELETE FROM {table} WHERE deleted_at IS NOT NULL")
            disown(connection, own)
            connection.execute("PRAGMA journal_mode = DELETE")
        made.rename(target)


def put_in_place(staged: Path, database: Path) -> None:
    """Give the database the content of `staged`, all or nothing, whoever has it open.

    Raises:
        DiskFull, StorageFailed: the database is as it was.
    """
    with (
        translated(database),
        closing(_still(staged)) as source,
        closing(sqlite3.connect(database, timeout=10.0)) as target,
    ):
        target.execute("PRAGMA journal_mode = WAL")
        source.backup(target)


def put_back(backup: Path, database: Path, own: OwnFiles) -> None:
    """Give the database the content of a copy as the version wrote it that made it; all or nothing, as `put_in_place`.

    Nothing is upgraded, for that version is to read it. Files that are not our `own` it never changes or deletes.

    Raises:
        BackupUnreadable, DiskFull, StorageFailed: the database is as it was.
    """
    with _unreadable(backup), _workspace(backup.parent) as folder:
        made = folder / database.name
        _copy_files(backup, made)
        with closing(sqlite3.connect(made, isolation_level=None)) as connection:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA trusted_schema = OFF")
            disown(connection, own)
            connection.execute("PRAGMA journal_mode = DELETE")
        put_in_place(made, database)


def _read_only(path: Path) -> sqlite3.Connection:
    """A connection that sees what others write."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)


def _still(path: Path) -> sqlite3.Connection:
    """A connection to a file that nobody writes to; nothing is made beside it, and nothing in it is run."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection


@contextmanager
def _upgraded(backup: Path) -> Iterator[sqlite3.Connection]:
    """A connection to a copy as this version writes it; the file itself is not touched."""
    with _unreadable(backup):
        if not _log_of(backup).exists():
            with closing(_still(backup)) as connection:
                if _schema_of(connection, backup) == len(MIGRATIONS):
                    yield connection
                    return
        with _workspace(backup.parent) as folder, _copied(backup, folder / backup.name) as connection:
            yield connection


@contextmanager
def _workspace(beside: Path) -> Iterator[Path]:
    """A folder for the time of the block on the same disk: the system's own for such things is often in memory."""
    try:
        made = tempfile.TemporaryDirectory(dir=beside, prefix=LOOKING)
    except OSError as error:
        if error.errno not in (errno.EROFS, errno.EACCES, errno.EPERM):
            raise
        made = tempfile.TemporaryDirectory(prefix="triptych-")  # of a profile that may only be read
    with made as folder:
        yield Path(folder)


@contextmanager
def _copied(backup: Path, made: Path) -> Iterator[sqlite3.Connection]:
    """A connection to a copy of the copy, upgraded; a damaged one as it is, for what can be read of it is of use."""
    _copy_files(backup, made)
    with closing(sqlite3.connect(made, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        if _schema_of(connection, backup) == len(MIGRATIONS):
            yield connection
            return
    with closing(_opened(backup, made)) as connection:
        yield connection


@contextmanager
def _unreadable(backup: Path) -> Iterator[None]:
    with translated(backup):
        try:
            yield
        except sqlite3.Error as error:
            # Whatever SQLite finds wrong with a file from elsewhere: damage, missing tables, other types.
            if isinstance(error, sqlite3.OperationalError) and primary_code(error) in _OF_THE_DISK:
                raise
            raise BackupUnreadable(str(error), name=backup.name) from error
        except (ValueError, OverflowError) as error:
            raise BackupUnreadable(str(error), name=backup.name) from error


_OF_THE_DISK = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}


def _schema_of(connection: sqlite3.Connection, backup: Path) -> int:
    """How many migrations were done on a copy; the first of ours made it, or it is none."""
    (schema,) = connection.execute("PRAGMA user_version").fetchone()
    if schema < 1:
        raise BackupUnreadable("no database of ours", name=backup.name)
    return int(schema)


def _opened(backup: Path, made: Path) -> sqlite3.Connection:
    """A connection to `made`, which was copied from `backup`, after it was checked and upgraded."""
    problems: list[AppError] = []
    with closing(sqlite3.connect(made)) as connection:
        _schema_of(connection, backup)
    try:
        opened = open_database(made, problems)
    except DataTooNew as error:
        raise DataTooNew(path=backup.name) from error
    if problems:
        opened.close()
        raise BackupUnreadable(problems[0].server_words, name=backup.name)
    return opened


def _log_of(database: Path) -> Path:
    return database.with_name(f"{database.name}-wal")


def _copy_files(backup: Path, target: Path) -> None:
    shutil.copyfile(backup, target)
    if _log_of(backup).exists():
        shutil.copyfile(_log_of(backup), _log_of(target))


def _check(connection: sqlite3.Connection) -> None:
    (found,) = connection.execute("PRAGMA quick_check (1)").fetchone()
    if found != "ok":
        error = sqlite3.DatabaseError(found)
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error


def _check_is_ours(connection: sqlite3.Connection, backup: Path) -> None:
    """Tables and triggers are exactly those that we make, and values such as we write."""
    with closing(open_in_memory()) as fresh:
        if _schema(connection) != _schema(fresh):
            raise BackupUnreadable("unknown tables or triggers", name=backup.name)
    for query in _UNSOUND:
        if connection.execute(query).fetchone()[0]:
            raise BackupUnreadable("values that Triptych never writes", name=backup.name)


def _schema(connection: sqlite3.Connection) -> set[tuple[str, str, str]]:
    query = "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_stat%'"
    return {(row["type"], row["name"], row["sql"]) for row in connection.execute(query)}


def _counted(connection: sqlite3.Connection) -> Contents:
    counts = {name: int(connection.execute(query).fetchone()[0]) for name, query in _COUNTS.items()}
    titles = connection.execute(
        "SELECT title FROM conversations WHERE deleted_at IS NULL AND title <> ''"
        " ORDER BY updated_at DESC, id DESC LIMIT ?",
        (NEWEST_TITLES,),
    )
    return Contents(**counts, newest=tuple(str(title) for (title,) in titles))

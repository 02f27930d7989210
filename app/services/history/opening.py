"""Brings a database file into a state that can be used: checks it, replaces a damaged one, copies before upgrades."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from app.model.data_errors import DataMissing, DataPartlySalvaged, DataSalvaged
from app.model.errors import AppError, DataDamaged, DataTooNew
from app.services.history import index
from app.services.history.failures import DAMAGE, primary_code
from app.services.history.migrations import MIGRATIONS, Migration
from app.services.history.signs import search_signs
from app.services.history.words import search_words

if TYPE_CHECKING:
    from app.services.history.salvage import Salvaged

log = logging.getLogger(__name__)

BUSY_WAIT_S = 10.0
"""How long a write waits for another process, such as the command line, to finish its own."""
ALWAYS_CHECKED_BYTES = 16 << 20
"""Up to this size the check takes well under a tenth of a second and is made at every start."""
COPIES_KEPT = 5
SUSPECT_SUFFIX = ".suspect"
_MEMORY = Path(":memory:")
SALVAGED_SUFFIX = ".salvaged"
"""What was read out of a damaged database, whole, until that is moved away."""


def _tell_nobody(_share: float) -> None:
    pass


def open_database(
    path: Path,
    problems: list[AppError],
    migrations: Sequence[Migration] = MIGRATIONS,
    backups: Sequence[Path] = (),
    told: Callable[[float], object] = _tell_nobody,
) -> sqlite3.Connection:
    """A connection to the database at `path`, made, upgraded, or replaced by what can be read of it as needed.

    What the user has to know is added to `problems` (`DataDamaged`; `DataMissing` where only backups are left). What a
    damaged file does not give is taken from `backups`, the newest first; `told` is called with the share that was done,
    on the thread of this call.

    Raises:
        DataTooNew: written by a newer version; the file is as it was.
        OSError, sqlite3.Error: it cannot be opened or upgraded; the file is as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _check_writable(path)
    _finish_replacing(path)
    if backups and not holds_something(path):
        problems.append(DataMissing(path=str(path)))
    try:
        connection = _checked(path, len(migrations))
    except sqlite3.DatabaseError as error:
        if primary_code(error) not in DAMAGE:
            raise
        log.info("the database is damaged: %s", error)
        problems.append(_replaced(path, str(error), migrations, backups, told))
        connection = _connected(path)
    try:
        _upgrade(connection, path, migrations)
    except BaseException:
        connection.close()
        raise
    return connection


def open_copy(path: Path, problems: list[AppError], backups: Sequence[Path] = ()) -> sqlite3.Connection:
    """A database in memory with everything that is in the file at `path`, which is only read and may not be writable.

    Raises:
        DataTooNew: written by a newer version.
        OSError, sqlite3.Error: there is no such file, or it cannot be read.
    """
    connection = _connected(_MEMORY)
    try:
        try:
            _copy_into(connection, path)
        except sqlite3.DatabaseError as error:
            if primary_code(error) not in DAMAGE:
                raise
            connection.close()
            connection = open_in_memory()
            problems.append(_salvaged(path, str(error), connection, backups))
        _upgrade(connection, None, MIGRATIONS)
    except BaseException:
        connection.close()
        raise
    return connection


def holds_something(path: Path) -> bool:
    """Whether there is a database, or a log of one; what a power cut leaves of a new file is empty."""
    return any(file.exists() and file.stat().st_size for file in (path, _beside(path, "-wal")))


def _copy_into(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the file at `path` with its log into `connection`, and nothing onto the disk that it is on."""
    log_file = _beside(path, "-wal")
    with tempfile.TemporaryDirectory(prefix="triptych-") as folder:
        address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        if log_file.exists() and log_file.stat().st_size:
            # SQLite reads a log only where it can make an index of it beside.
            copy = Path(folder) / path.name
            shutil.copyfile(path, copy)
            shutil.copyfile(log_file, _beside(copy, "-wal"))
            address = f"{copy.absolute().as_uri()}?mode=rw"
        with contextlib.closing(sqlite3.connect(address, uri=True)) as source:
            if _version(source) > len(MIGRATIONS):
                raise DataTooNew(path=str(path))
            source.backup(connection)
    _check(connection)


def _check_writable(path: Path) -> None:
    """Raises:
    OSError: changes could not be kept; SQLite itself would only say so when the first one is made.
    """
    for needed in (path.parent, path):
        if needed.exists() and not os.access(needed, os.W_OK):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))


def _replaced(
    path: Path,
    words: str,
    migrations: Sequence[Migration],
    backups: Sequence[Path],
    told: Callable[[float], object],
) -> DataDamaged:
    """Set a damaged file aside and put what can be read of it in its place; what there is to say about it."""
    from app.services.history.salvage import salvage, unfinished

    with unfinished(path) as place:
        with contextlib.closing(_connected(place)) as fresh:
            _upgrade(fresh, None, migrations)
            saved = salvage(path, fresh, backups, told)
            fresh.execute("PRAGMA wal_checkpoint (TRUNCATE)")
        place.rename(_beside(path, SALVAGED_SUFFIX))
    copy = set_aside(path).name
    _finish_replacing(path)
    return _words_for(saved, words, path, copy)


def _salvaged(path: Path, words: str, fresh: sqlite3.Connection, backups: Sequence[Path]) -> DataDamaged:
    """Fill `fresh` with what can be read of a file that stays where it is."""
    from app.services.history.salvage import salvage

    return _words_for(salvage(path, fresh, backups, _tell_nobody), words, path, path.name)


def _words_for(saved: Salvaged, words: str, path: Path, copy: str) -> DataDamaged:
    if not saved.rows:
        return DataDamaged(words, path=str(path), copy=copy)
    if saved.is_whole:
        return DataSalvaged(words, saved=str(saved.conversations), copy=copy)
    return DataPartlySalvaged(
        words,
        saved=str(saved.conversations),
        conversations=str(saved.lost_conversations),
        messages=str(saved.lost_messages),
        copy=copy,
    )


def _finish_replacing(path: Path) -> None:
    """The last step, also when the program was killed before it; what was salvaged before another step is done anew."""
    salvaged = _beside(path, SALVAGED_SUFFIX)
    if salvaged.exists():
        if path.exists():
            salvaged.unlink()
        else:
            salvaged.rename(path)


def open_in_memory() -> sqlite3.Connection:
    """A fresh database that is gone when it is closed."""
    connection = _connected(_MEMORY)
    _upgrade(connection, None, MIGRATIONS)
    return connection


def _checked(path: Path, newest: int) -> sqlite3.Connection:
    """Connect; a file that is too new or damaged is closed again before anything was written to it."""
    if path.exists() and _version_of(path) > newest:
        raise DataTooNew(path=str(path))
    connection = _connected(path)
    try:
        suspect = _beside(path, SUSPECT_SUFFIX)
        if suspect.exists() or path.stat().st_size <= ALWAYS_CHECKED_BYTES:
            _check(connection)
        if suspect.exists() and _version(connection) == newest:
            index.rebuild(connection)  # the check does not see damage inside of them
        suspect.unlink(missing_ok=True)
    except BaseException:
        connection.close()
        raise
    return connection


def _version_of(path: Path) -> int:
    """The number of migrations done, read without changing a byte of the file."""
    with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        return _version(connection)


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_WAIT_S, isolation_level=None)
    try:
        connection.row_factory = sqlite3.Row
        connection.create_function("search_words", 1, search_words, deterministic=True)
        connection.create_function("search_signs", 1, search_signs, deterministic=True)
        connection.execute("PRAGMA trusted_schema = ON")  # triggers use these functions
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA journal_mode = WAL")
        # NORMAL would survive `kill -9` too, but a power cut could take minutes. FULL costs a flush per commit, on a
        # thread of its own, four times a second at most: nobody waits for it.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA cache_size = -16000")  # 16 MB
    except BaseException:
        connection.close()
        raise
    if path != _MEMORY:
        os.chmod(path, 0o600)
    return connection


def _check(connection: sqlite3.Connection) -> None:
    """Raises:
    sqlite3.DatabaseError: the file is damaged (code SQLITE_CORRUPT or SQLITE_NOTADB).
    """
    (found,) = connection.execute("PRAGMA quick_check (1)").fetchone()
    if found != "ok":
        error = sqlite3.DatabaseError(found)
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error


def set_aside(path: Path) -> Path:
    """Move the database with its log away; the name tells when."""
    copy = _beside(path, f".damaged-{_now()}")
    # The log goes with its database and keeps its ending, so that both can be opened together for a rescue.
    for ending in ("-wal", "-shm", ""):
        part = _beside(path, ending)
        if part.exists():
            part.rename(_beside(copy, ending))
    _beside(path, SUSPECT_SUFFIX).unlink(missing_ok=True)
    return copy


def take_back(copy: Path, path: Path) -> None:
    """Undo `set_aside`; what is at `path` by now goes."""
    for ending in ("-wal", "-shm", ""):
        _beside(path, ending).unlink(missing_ok=True)
        if _beside(copy, ending).exists():
            _beside(copy, ending).rename(_beside(path, ending))


def _upgrade(connection: sqlite3.Connection, path: Path | None, migrations: Sequence[Migration]) -> None:
    """All missing steps or, if one fails, none; another process that opens the file meanwhile waits."""
    if _version(connection) >= len(migrations):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = _version(connection)  # again: another process may have been faster
        if 0 < version < len(migrations) and path is not None:
            _copy(path, version)
        for number, migration in enumerate(migrations[version:], version + 1):
            migration(connection)
            connection.execute(f"PRAGMA user_version = {number}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _copy(path: Path, version: int) -> None:
    """A verified copy beside the database before an upgrade; the oldest beyond `COPIES_KEPT` go.

    Raises:
        sqlite3.Error, OSError: no sound copy could be made; the upgrade must not start.
    """
    copy = _beside(path, f".v{version}-{_now()}")
    try:
        # Through a connection of its own: SQLite copies nothing through one that holds the lock.
        with contextlib.closing(sqlite3.connect(path)) as source, contextlib.closing(sqlite3.connect(copy)) as target:
            source.backup(target)
            _check(target)
        os.chmod(copy, 0o600)
    except BaseException:
        copy.unlink(missing_ok=True)
        raise
    copies = sorted(path.parent.glob(f"{path.name}.v*"), key=lambda file: file.stat().st_mtime_ns)
    for old in copies[:-COPIES_KEPT]:
        with contextlib.suppress(OSError):  # one too many does not hinder the upgrade
            old.unlink()


def _version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")

"""The one place where what SQLite and the disk say becomes words for the user."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.model.errors import DiskFull, StorageFailed, storage_failure

DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_FAILURES = DAMAGE | {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOLFS,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_TOOBIG,
}


def primary_code(error: sqlite3.Error) -> int:
    """SQLite's result code without its extension; 0 for what Python's own module complains of."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn failures of the disk and of the database at `path` into `StorageFailed`; bugs pass unchanged.

    Raises:
        DiskFull: nothing was written.
        StorageFailed: any other refusal, damage met in the middle included.
    """
    try:
        yield
    except OSError as error:
        raise storage_failure(error, Path(error.filename or path)) from error
    except sqlite3.Error as error:
        code = primary_code(error)
        if code not in _FAILURES:
            raise
        kind = DiskFull if code == sqlite3.SQLITE_FULL else StorageFailed
        raise kind(str(error), path=str(path)) from error

"""What SQLite and the system say, as words for the user."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

import pytest

from app.model.errors import DiskFull, StorageFailed
from app.services.history.failures import translated


def _sqlite(code: int) -> sqlite3.Error:
    error = sqlite3.OperationalError("words")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), DiskFull),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), DiskFull),
        (PermissionError(errno.EACCES, "Permission denied"), StorageFailed),
        (_sqlite(sqlite3.SQLITE_FULL), DiskFull),
        (_sqlite(sqlite3.SQLITE_READONLY_DBMOVED), StorageFailed),
        (_sqlite(sqlite3.SQLITE_IOERR_WRITE), StorageFailed),
        (_sqlite(sqlite3.SQLITE_CORRUPT_VTAB), StorageFailed),
        (_sqlite(sqlite3.SQLITE_BUSY), StorageFailed),
    ],
)
def test_refusals_become_words_with_the_path(error: Exception, kind: type[StorageFailed]) -> None:
    with pytest.raises(StorageFailed) as failure, translated(Path("history.sqlite3")):
        raise error
    assert type(failure.value) is kind
    assert failure.value.arguments["path"] == "history.sqlite3"
    assert failure.value.__cause__ is error


@pytest.mark.parametrize("bug", [_sqlite(sqlite3.SQLITE_ERROR), sqlite3.ProgrammingError("closed"), KeyError("x")])
def test_bugs_pass_unchanged(bug: Exception) -> None:
    with pytest.raises(type(bug)), translated(Path("history.sqlite3")):
        raise bug


def test_the_failing_file_is_named_if_it_is_another(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    with pytest.raises(StorageFailed) as failure, translated(Path("history.sqlite3")):
        missing.read_bytes()
    assert failure.value.arguments["path"] == str(missing)

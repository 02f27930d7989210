"""Which files a database from elsewhere may have us write and delete; what is in the files is not its business."""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from app.model.audio import RecordingOrigin, RecordingState
from app.model.shares import is_share
from app.services.history import rows

log = logging.getLogger(__name__)

_TABLES = ("pictures", "recordings")
_OURS = {
    "pictures": "SELECT path FROM pictures",
    "recordings": f"SELECT path FROM recordings WHERE origin = '{RecordingOrigin.MICROPHONE}'",
}


@dataclass(frozen=True, slots=True)
class OwnFiles:
    """What this computer knows as files of ours, whatever a backup says of them.

    By table: the folders into which we write, and the paths in the present database. `named` are all paths in that, the
    user's own files included.
    """

    paths: rows.StoredPaths
    folders: Mapping[str, tuple[Path, ...]]
    known: Mapping[str, frozenset[str]]
    named: frozenset[Path] = frozenset()

    def holds(self, table: str, text: str) -> bool:
        """Whether the path of a row leads to such a file."""
        if text in self.known[table]:
            return True
        path = Path(os.path.abspath(self.paths.to_path(text)))
        return any(path != folder and path.is_relative_to(folder) for folder in self.folders[table])

    def may_be_opened(self, table: str, text: str) -> bool:
        """Whether the path of a row leads to this computer, or to another one that is used today."""
        return not is_share(rows.as_written(text)) or self.paths.to_path(text) in self.named or self.holds(table, text)


def own_files(database: Path, pictures: tuple[Path, ...], recordings: Path) -> OwnFiles:
    """What is ours by the present `database`, which may be damaged or not be there, and by our folders."""
    paths = rows.StoredPaths(database.parent)
    named = [paths.to_path(text) for table in _TABLES for text in _paths_in(database, f"SELECT path FROM {table}")]
    return OwnFiles(
        paths,
        {"pictures": tuple(Path(os.path.abspath(folder)) for folder in pictures), "recordings": (recordings,)},
        {table: _paths_in(database, query) for table, query in _OURS.items()},
        frozenset(named),
    )


def files_below(data: Path) -> OwnFiles:
    """What is ours by the usual folders alone."""
    return OwnFiles(
        rows.StoredPaths(data),
        {table: (Path(os.path.abspath(data / table)),) for table in _TABLES},
        dict.fromkeys(_TABLES, frozenset()),
    )


def ids_in(connection: sqlite3.Connection) -> dict[str, frozenset[int]]:
    """By table, the rows that name files which may be ours."""
    return {
        table: frozenset(number for (number,) in connection.execute(f"SELECT id FROM {table}")) for table in _TABLES
    }


def disown(connection: sqlite3.Connection, own: OwnFiles, trusted: Mapping[str, frozenset[int]] | None = None) -> None:
    """Rows of files that are not known as ours still show them, but never change or delete them; `trusted` ones may.

    Rows that lead to no file at all go; those that lead to another computer lead nowhere from now on.
    """
    for table in _TABLES:
        for row in connection.execute(f"SELECT * FROM {table}").fetchall():
            if trusted is not None and row["id"] in trusted[table]:
                continue
            if "\0" in str(own.paths.to_path(row["path"])):
                connection.execute(f"DELETE FROM {table} WHERE id = ?", (row["id"],))
            elif not own.may_be_opened(table, row["path"]):
                nowhere = _nowhere(table, row["path"])
                rows.update(connection, table, row["id"], {**_AS_THEIRS[table](row), "path": nowhere})
            elif not own.holds(table, row["path"]):
                rows.update(connection, table, row["id"], _AS_THEIRS[table](row))


def _nowhere(table: str, path: str) -> str:
    """The stored form of a path with the same name where no file is: ours lie in their folder, not in one inside."""
    return rows.not_ours(f"{table}/elsewhere/{PureWindowsPath(rows.as_written(path)).name or 'missing'}")


def _paths_in(database: Path, query: str) -> frozenset[str]:
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            return frozenset(path for (path,) in connection.execute(query))
    except sqlite3.Error as error:
        log.info("the present database names no files: %s", error)
        return frozenset()


def _picture_as_theirs(row: sqlite3.Row) -> dict[str, object]:
    return {"path": rows.not_ours(row["path"])}


def _recording_as_theirs(row: sqlite3.Row) -> dict[str, object]:
    is_unfinished = row["state"] == RecordingState.RECORDING
    return {"origin": RecordingOrigin.FILE, "state": RecordingState.READY if is_unfinished else row["state"]}


_AS_THEIRS = {"pictures": _picture_as_theirs, "recordings": _recording_as_theirs}

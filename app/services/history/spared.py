"""Which files of attachments stay although the database does not name them: an older state of it that is kept may."""

from __future__ import annotations

import logging
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from app.services.history.opening import SALVAGED_SUFFIX, holds_something

log = logging.getLogger(__name__)

MISSING = ".missing-"
STAMP = "%Y%m%d-%H%M%S-%f"
_STAMP_FORM = re.compile(r"\d{8}-\d{6}-\d{6}")


@dataclass(frozen=True, slots=True)
class Spared:
    """Files of these names, and all that were there at the moment `until`."""

    names: frozenset[str]
    until: datetime

    def holds(self, file: Path) -> bool:
        return file.name in self.names or datetime.fromtimestamp(file.stat().st_mtime, UTC) <= self.until


def spared(database: Path) -> Spared:
    """By the copies that lie beside the database: what each names, or everything older than one that cannot be read.

    A damaged one may be read in parts later, and one that was missing may come back.
    """
    names: set[str] = set()
    until = datetime.fromtimestamp(0, UTC)
    for copy in database.parent.glob(f"{database.name}.*-*"):
        named = _names_in(copy) if copy.name.startswith(f"{database.name}.v") else None
        if named is not None:
            names |= named
        elif not copy.name.endswith(("-wal", "-shm", "-journal")):
            until = max(until, _moment_of(copy))
    return Spared(frozenset(names), until)


def note_missing(database: Path, attachments: Path) -> None:
    """Before a new database is begun: remember that there were files of one that is gone.

    Raises:
        OSError: that cannot be written down.
    """
    is_there = holds_something(database) or database.with_name(database.name + SALVAGED_SUFFIX).exists()
    if not is_there and attachments.is_dir() and any(attachments.iterdir()):
        log.info("there are attachments but no database: they stay")
        database.with_name(f"{database.name}{MISSING}{datetime.now(UTC).strftime(STAMP)}").touch(mode=0o600)


def _names_in(copy: Path) -> set[str] | None:
    try:
        with closing(sqlite3.connect(f"{copy.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            return set(_files(connection))
    except sqlite3.Error as error:
        log.info("%s names no files: %s", copy.name, error)
        return None


def _files(connection: sqlite3.Connection) -> Iterator[str]:
    for (file,) in connection.execute("SELECT DISTINCT file FROM attachments"):
        yield str(file)


def _moment_of(copy: Path) -> datetime:
    """The moment in a name; that of the file if there is none."""
    found = _STAMP_FORM.search(copy.name)
    try:
        if found:
            return datetime.strptime(found.group(), STAMP).replace(tzinfo=UTC)
    except ValueError:
        pass
    return datetime.fromtimestamp(copy.stat().st_mtime, UTC)

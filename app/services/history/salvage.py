"""Brings what can be read of a damaged database, and what a backup has of the rest, into a fresh one."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import batched
from pathlib import Path

from app.model.audio import RecordingOrigin, RecordingState, TranscriptState
from app.model.chat import AttachmentKind, MessageState, Role
from app.model.images import PictureOrigin
from app.model.title import automatic_title
from app.services.history.damaged_file import LARGEST_ID, DamagedFile, Gap, Row, Value
from app.services.history.ownership import disown, files_below, ids_in

log = logging.getLogger(__name__)

WITHIN_S = 300.0
"""So long it may take; what was not read by then counts as lost. A hundred thousand messages take half a minute."""
TABLES = ("conversations", "messages", "attachments", "pictures", "recordings", "transcripts", "requests")
_KNOWN = {
    ("messages", "role"): Role,
    ("messages", "state"): MessageState,
    ("attachments", "kind"): AttachmentKind,
    ("pictures", "origin"): PictureOrigin,
    ("recordings", "origin"): RecordingOrigin,
    ("recordings", "state"): RecordingState,
    ("transcripts", "state"): TranscriptState,
}
_TYPES: dict[str, type | tuple[type, ...]] = {"INTEGER": int, "REAL": (int, float), "TEXT": str}
_LATEST_MICROSECONDS = 253_402_300_799_000_000  # the end of the year 9999
_AT_ONCE = 200
LOST_QUESTION = "…"
"""Stands where the question of an answer that was saved cannot be read any more."""

type Told = Callable[[float], object]
"""Is given the share of the pages that were read, between 0 and 1."""


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What there is again: rows in all, and conversations that are not deleted; how many more there may have been."""

    rows: int
    conversations: int
    lost_conversations: int
    lost_messages: int

    @property
    def is_whole(self) -> bool:
        return not self.lost_conversations and not self.lost_messages


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table as this version makes it."""

    name: str
    kind: str
    may_be_empty: bool
    has_default: bool
    known: frozenset[str] = field(default=frozenset())

    def fits(self, value: Value) -> bool:
        """Whether this may have been written by us."""
        if value is None:
            return self.may_be_empty
        if not isinstance(value, _TYPES[self.kind]):
            return False
        if self.name == "file" and isinstance(value, str):  # a name in our own folder and nowhere else
            return Path(value).name == value and "\\" not in value
        if self.name.endswith("_at") and isinstance(value, int):
            return 0 <= value <= _LATEST_MICROSECONDS
        return not self.known or value in self.known


def salvage(damaged: Path, fresh: sqlite3.Connection, backups: Sequence[Path], told: Told) -> Salvaged:
    """Fill `fresh`, a new database of this version, in one transaction; nothing of `damaged` is changed.

    What cannot be read there is taken from the first of `backups` that can be opened.

    Raises:
        sqlite3.Error, OSError: `fresh` cannot be written, or nothing at all be read; nothing is in it.
    """
    fresh.execute("PRAGMA foreign_keys = OFF")
    fresh.execute("BEGIN IMMEDIATE")
    try:
        with closing(DamagedFile(damaged)) as file:
            rescue = Rescue(file, fresh, told)
            rescue.bring_tables()
        for backup in backups:
            if rescue.has_gaps and _bring_rest(fresh, rescue, backup, damaged.parent):
                break
        lost_messages = rescue.missing("messages")  # before some are filled in
        _join(fresh)
        saved = Salvaged(
            sum(_count(fresh, f"SELECT count(*) FROM {table}") for table in TABLES),
            _count(fresh, "SELECT count(*) FROM conversations WHERE deleted_at IS NULL"),
            rescue.missing("conversations"),
            lost_messages,
        )
        fresh.execute("COMMIT")
    except BaseException:
        fresh.execute("ROLLBACK")
        raise
    fresh.execute("PRAGMA foreign_keys = ON")
    return saved


class Rescue:
    """The rows of one damaged file on their way into a fresh database, and which of them may be missing."""

    def __init__(self, file: DamagedFile, fresh: sqlite3.Connection, told: Told) -> None:
        self._file = file
        self._fresh = fresh
        self._told = told
        self._until = time.monotonic() + WITHIN_S
        self._seen = file.free_pages()
        self._gaps: dict[str, list[Gap]] = {}
        self._columns = {table: columns_of(fresh, table) for table in TABLES}
        self._last_ids: dict[str, int] = {}
        self._kept: dict[tuple[str, int], list[tuple[Value, ...]]] = {}

    @property
    def has_gaps(self) -> bool:
        return any(self._gaps.values())

    def bring_tables(self) -> None:
        """Everything that the file still gives."""
        roots = self._roots()
        for table in TABLES:
            self._gaps[table] = []
            if table in roots:
                self._insert(table, self._followed(table, roots[table]))
            else:
                self._gaps[table].append(Gap(1, LARGEST_ID, has_lost_pages=True))
        if any(gap.has_lost_pages for gaps in self._gaps.values() for gap in gaps):
            self._insert_strays()

    def lost(self, table: str, row_id: int) -> bool:
        """Whether this row may have been on a page that cannot be read."""
        return any(gap.first <= row_id <= gap.last for gap in self._gaps[table])

    def missing(self, table: str) -> int:
        """How many rows at most there were that are not there now."""
        last = self._last_id(table)
        return sum(
            max(0, min(gap.last, last) - max(gap.first, 1) + 1)
            - _count(self._fresh, f"SELECT count(*) FROM {table} WHERE id BETWEEN ? AND ?", gap.first, gap.last)
            for gap in self._gaps[table]
            if gap.first <= last
        )

    def insert(self, table: str, names: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Rows that are not there yet; those whose time is up are left out."""
        places = ", ".join("?" * len(names))
        statement = f"INSERT OR IGNORE INTO {table} ({', '.join(names)}) VALUES ({places})"
        for some in batched(rows, _AT_ONCE):
            self._fresh.executemany(statement, some)

    def _roots(self) -> dict[str, int]:
        """Where the tables begin: as the file says, or where they do in every database that we make."""
        query = "SELECT name, rootpage FROM sqlite_master WHERE type = 'table'"
        usual = {str(row["name"]): int(row["rootpage"]) for row in self._fresh.execute(query)}
        told = self._file.roots()
        if "sqlite_sequence" in told or "sqlite_sequence" in usual:
            for item in self._file.rows(told.get("sqlite_sequence", usual["sqlite_sequence"]), set()):
                match item:
                    case Row(_, (str(name), int(last))) if name in TABLES:
                        self._last_ids[name] = last
        return told | {
            table: root
            for table, root in usual.items()
            if table in TABLES and table not in told and root not in told.values() and self._begins(table, root)
        }

    def _begins(self, table: str, root: int) -> bool:
        """Whether what is below a page looks like this table."""
        first = next((item for item in self._file.rows(root, set()) if isinstance(item, Row)), None)
        return first is not None and self._fits(table, first)

    def _followed(self, table: str, root: int) -> Iterator[Row]:
        for item in self._file.rows(root, self._seen):
            if isinstance(item, Gap):
                self._gaps[table].append(item)
            elif not self._fits(table, item):
                self._gaps[table].append(Gap(item.id, item.id, has_lost_pages=False))
            elif time.monotonic() > self._until:
                self._gaps[table].append(Gap(item.id, LARGEST_ID, has_lost_pages=False))
                return
            else:
                yield item

    def _insert_strays(self) -> None:
        """Rows on pages to which nothing leads any more, where their values fit and something is missing."""
        for row in self._file.stray_rows(self._seen):
            if time.monotonic() > self._until:
                break
            table = next((one for one in TABLES if self._fits(one, row) and self.lost(one, row.id)), None)
            if table is not None:
                self._keep(table, row)
        self._insert_kept()

    def _insert(self, table: str, rows: Iterable[Row]) -> None:
        for row in rows:
            self._keep(table, row)
        self._insert_kept()

    def _keep(self, table: str, row: Row) -> None:
        """Insert a row, together with others that have as many columns."""
        some = self._kept.setdefault((table, len(row.values)), [])
        some.append((row.id, *row.values[1:]))
        if len(some) >= _AT_ONCE:
            self._insert_kept()

    def _insert_kept(self) -> None:
        for (table, length), some in self._kept.items():
            self.insert(table, [column.name for column in self._columns[table]][:length], some)
        self._kept.clear()
        self._told(min(1.0, len(self._seen) / max(1, self._file.pages)))

    def _fits(self, table: str, row: Row) -> bool:
        """Whether a row has the columns of the table as this or an older version wrote them: they only get more."""
        columns = self._columns[table]
        own, others = row.values[:1], row.values[1:]
        return (
            own == (None,)  # the id is not written twice
            and row.id > 0
            and len(row.values) <= len(columns)
            and all(column.fits(value) for column, value in zip(columns[1:], others, strict=False))
            and all(column.has_default or column.may_be_empty for column in columns[len(row.values) :])
        )

    def _last_id(self, table: str) -> int:
        """The highest id that was ever given, as far as anything tells."""
        known = [self._last_ids.get(table, 0), _count(self._fresh, f"SELECT coalesce(max(id), 0) FROM {table}")]
        if table == "conversations":
            known.append(_count(self._fresh, "SELECT coalesce(max(conversation_id), 0) FROM messages"))
        return max(known)


def columns_of(connection: sqlite3.Connection, table: str) -> list[Column]:
    """In the order in which a row holds them."""
    return [
        Column(
            row["name"],
            row["type"],
            not row["notnull"],
            row["dflt_value"] is not None,
            frozenset(map(str, _KNOWN.get((table, row["name"]), ()))),
        )
        for row in connection.execute(f"PRAGMA table_info ({table})")
    ]


def _bring_rest(fresh: sqlite3.Connection, rescue: Rescue, backup: Path, data: Path) -> bool:
    """Take what may be missing from a backup, which owns nothing outside of `data`; whether it could be opened."""
    trusted = ids_in(fresh)
    address = f"{backup.absolute().as_uri()}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(address, uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA trusted_schema = OFF")
            for table in TABLES:
                here = {column.name: column for column in columns_of(fresh, table)}
                names = [column.name for column in columns_of(connection, table) if column.name in here]
                rows = (
                    tuple(row)
                    for row in connection.execute(f"SELECT {', '.join(names)} FROM {table}")
                    if rescue.lost(table, row["id"]) and all(here[name].fits(row[name]) for name in names)
                )
                rescue.insert(table, names, rows)
    except sqlite3.DatabaseError as error:
        log.info("a backup could not help: %s", error)
        return False
    finally:
        disown(fresh, files_below(data), trusted)
    return True


def _join(fresh: sqlite3.Connection) -> None:
    """Give what was saved what it refers to: a conversation, the message before, the end of the branch on show."""
    fresh.execute(
        "INSERT INTO conversations (id, created_at, updated_at) SELECT conversation_id, min(created_at),"
        " max(created_at) FROM messages WHERE conversation_id NOT IN (SELECT id FROM conversations) GROUP BY 1"
    )
    # Every answer has a question: one that was lost is filled in under its own number.
    fresh.execute(
        "INSERT OR IGNORE INTO messages (id, conversation_id, parent_id, role, text, state, created_at, last_use)"
        " SELECT parent_id, conversation_id, (SELECT max(above.id) FROM messages above"
        " WHERE above.id < answer.parent_id AND above.conversation_id = answer.conversation_id),"
        " 'user', ?, 'complete', created_at, 0"
        " FROM messages answer WHERE role = 'assistant' AND parent_id BETWEEN 1 AND id - 1"
        " AND parent_id NOT IN (SELECT id FROM messages) ORDER BY parent_id",
        (LOST_QUESTION,),
    )
    # Messages are numbered as they come: the one before a lost one most likely was the one above it.
    fresh.execute(
        "UPDATE messages SET parent_id = (SELECT max(above.id) FROM messages above"
        " WHERE above.conversation_id = messages.conversation_id AND above.id < min(messages.parent_id, messages.id))"
        " WHERE parent_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM messages above WHERE above.id = messages.parent_id"
        " AND above.id < messages.id AND above.conversation_id = messages.conversation_id)"
    )
    fresh.execute(
        "UPDATE conversations SET leaf_id = (SELECT id FROM messages WHERE conversation_id = conversations.id"
        " ORDER BY last_use DESC, id DESC LIMIT 1)"
        " WHERE NOT EXISTS (SELECT 1 FROM messages m WHERE m.id = leaf_id AND m.conversation_id = conversations.id)"
    )
    for table, column, other in (
        ("attachments", "conversation_id", "conversations"),
        ("attachments", "message_id", "messages"),
        ("transcripts", "recording_id", "recordings"),
    ):
        fresh.execute(f"DELETE FROM {table} WHERE {column} IS NOT NULL AND {column} NOT IN (SELECT id FROM {other})")
    _name(fresh)


def _name(fresh: sqlite3.Connection) -> None:
    """Conversations whose name was lost are called after their first question."""
    query = (
        "SELECT c.id, (SELECT text FROM messages m WHERE m.conversation_id = c.id AND m.role = 'user'"
        " ORDER BY m.id LIMIT 1) AS question FROM conversations c WHERE title = '' AND title_is_automatic"
    )
    for row in fresh.execute(query).fetchall():
        if row["question"]:
            title = automatic_title(row["question"])
            fresh.execute("UPDATE conversations SET title = ? WHERE id = ?", (title, row["id"]))


def _count(connection: sqlite3.Connection, query: str, *arguments: int) -> int:
    return int(connection.execute(query, arguments).fetchone()[0])


@contextlib.contextmanager
def unfinished(target: Path) -> Iterator[Path]:
    """A place for a new database that goes away with all that lies beside it unless it was moved to `target`."""
    place = target.with_name(f".new-{target.name}")
    parts = [place.with_name(place.name + ending) for ending in ("", "-wal", "-shm", "-journal")]
    for part in parts:
        part.unlink(missing_ok=True)
    try:
        yield place
    finally:
        for part in parts:
            part.unlink(missing_ok=True)

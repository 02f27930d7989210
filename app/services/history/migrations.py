"""Every form the database ever had, as steps from one to the next; a step that was released is never changed.

`user_version` is the number of steps done. A step gets a connection inside a transaction and imports nothing of ours,
so that it means the same for ever. The functions `search_words(text)` and `search_signs(text)` are registered on every
connection.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

type Migration = Callable[[sqlite3.Connection], None]

# Times of day are microseconds since 1970 in UTC, durations seconds. Ids are never given twice (AUTOINCREMENT): one
# that is remembered elsewhere, as by the restored window, never comes to mean something else.
_M001_TABLES = (
    """
    CREATE TABLE conversations (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        title TEXT NOT NULL DEFAULT '',
        title_is_automatic INTEGER NOT NULL DEFAULT 1,
        pinned INTEGER NOT NULL DEFAULT 0,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        deleted_at INTEGER,
        leaf_id INTEGER,
        system_prompt TEXT NOT NULL DEFAULT '',
        parameters TEXT NOT NULL DEFAULT '',
        provider_id TEXT,
        model_id TEXT,
        draft TEXT NOT NULL DEFAULT ''
    ) STRICT
    """,
    "CREATE INDEX conversations_by_place ON conversations (pinned DESC, updated_at DESC, id DESC)"
    " WHERE deleted_at IS NULL",
    # A parent outlives its children within a conversation, which goes as a whole. Not ON DELETE CASCADE: it would
    # recurse as deep as the conversation is long, and SQLite allows a depth of 1,000.
    """
    CREATE TABLE messages (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        conversation_id INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
        parent_id INTEGER REFERENCES messages (id) DEFERRABLE INITIALLY DEFERRED,
        role TEXT NOT NULL,
        text TEXT NOT NULL DEFAULT '',
        state TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        last_use INTEGER NOT NULL,
        reasoning TEXT NOT NULL DEFAULT '',
        reasoning_s REAL,
        provider_id TEXT,
        model_id TEXT,
        finish_reason TEXT NOT NULL DEFAULT '',
        error TEXT NOT NULL DEFAULT '',
        input_tokens INTEGER,
        output_tokens INTEGER,
        reasoning_tokens INTEGER,
        cached_tokens INTEGER,
        first_token_s REAL,
        total_s REAL
    ) STRICT
    """,
    "CREATE INDEX messages_by_parent ON messages (parent_id)",
    "CREATE INDEX messages_by_conversation ON messages (conversation_id, parent_id)",
    "CREATE INDEX messages_by_use ON messages (conversation_id, last_use)",
    "CREATE INDEX messages_unfinished ON messages (id) WHERE state = 'streaming'",
    # Without a message it belongs to the conversation's draft.
    """
    CREATE TABLE attachments (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        conversation_id INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
        message_id INTEGER REFERENCES messages (id) ON DELETE CASCADE,
        kind TEXT NOT NULL,
        name TEXT NOT NULL,
        media_type TEXT NOT NULL,
        file TEXT NOT NULL,
        size_bytes INTEGER NOT NULL,
        width_px INTEGER NOT NULL DEFAULT 0,
        height_px INTEGER NOT NULL DEFAULT 0
    ) STRICT
    """,
    "CREATE INDEX attachments_by_message ON attachments (message_id)",
    "CREATE INDEX attachments_by_conversation ON attachments (conversation_id)",
    "CREATE INDEX attachments_by_file ON attachments (file)",
    """
    CREATE TABLE pictures (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        path TEXT NOT NULL,
        origin TEXT NOT NULL,
        prompt TEXT NOT NULL DEFAULT '',
        revised_prompt TEXT NOT NULL DEFAULT '',
        provider_id TEXT NOT NULL,
        model_id TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        deleted_at INTEGER,
        width_px INTEGER NOT NULL,
        height_px INTEGER NOT NULL,
        size_bytes INTEGER NOT NULL,
        settings TEXT NOT NULL DEFAULT '',
        source_names TEXT NOT NULL DEFAULT ''
    ) STRICT
    """,
    "CREATE INDEX pictures_by_time ON pictures (created_at DESC, id DESC) WHERE deleted_at IS NULL",
    """
    CREATE TABLE recordings (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL,
        path TEXT NOT NULL,
        origin TEXT NOT NULL,
        state TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        deleted_at INTEGER,
        duration_s REAL NOT NULL DEFAULT 0,
        language TEXT NOT NULL DEFAULT ''
    ) STRICT
    """,
    "CREATE INDEX recordings_by_time ON recordings (created_at DESC, id DESC) WHERE deleted_at IS NULL",
    """
    CREATE TABLE transcripts (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        recording_id INTEGER NOT NULL REFERENCES recordings (id) ON DELETE CASCADE,
        state TEXT NOT NULL,
        text TEXT NOT NULL DEFAULT '',
        language TEXT NOT NULL DEFAULT '',
        provider_id TEXT NOT NULL,
        model_id TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        options TEXT NOT NULL DEFAULT '',
        error TEXT NOT NULL DEFAULT '',
        segments TEXT NOT NULL DEFAULT '',
        done TEXT NOT NULL DEFAULT ''
    ) STRICT
    """,
    "CREATE INDEX transcripts_by_recording ON transcripts (recording_id)",
    """
    CREATE TABLE requests (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL,
        provider_id TEXT NOT NULL,
        model_id TEXT NOT NULL,
        started_at INTEGER NOT NULL,
        outcome TEXT NOT NULL,
        status INTEGER,
        error TEXT NOT NULL DEFAULT '',
        request_id TEXT NOT NULL DEFAULT '',
        input_tokens INTEGER,
        output_tokens INTEGER,
        reasoning_tokens INTEGER,
        cached_tokens INTEGER,
        first_token_s REAL,
        total_s REAL
    ) STRICT
    """,
    "CREATE INDEX requests_by_time ON requests (started_at)",
)
# Text that still arrives is not indexed: each quarter of a second it would be taken out and put in again.
_M001_INDEXED = (
    ("conversations", "title", "1"),
    ("messages", "text", "{row}.state <> 'streaming'"),
    ("pictures", "prompt", "1"),
    ("transcripts", "text", "{row}.state <> 'running'"),
)


def m001_everything(connection: sqlite3.Connection) -> None:
    """The first released form."""
    connection.execute("PRAGMA application_id = 0x54726970")  # "Trip", for the `file` command
    for statement in _M001_TABLES:
        connection.execute(statement)
    for table, column, condition in _M001_INDEXED:
        _m001_index(connection, table, column, condition)


def _m001_index(connection: sqlite3.Connection, table: str, column: str, condition: str) -> None:
    """A full-text index that holds words but no text, keyed by the row's id and kept by triggers."""
    index = f"{table}_index"
    put = f"INSERT INTO {index} (rowid, words) SELECT new.id, search_words(new.{column}) WHERE {condition}"
    take = (
        f"INSERT INTO {index} ({index}, rowid, words)"
        f" SELECT 'delete', old.id, search_words(old.{column}) WHERE {condition}"
    )
    put, take = put.format(row="new"), take.format(row="old")
    changing = f"{column}, state" if "state" in condition else column
    connection.execute(
        f"CREATE VIRTUAL TABLE {index} USING fts5 (words, content='', prefix='1',"
        " tokenize=\"unicode61 remove_diacritics 2 categories 'L* N* Co M*'\")"
    )
    connection.execute(f"CREATE TRIGGER {index}_put AFTER INSERT ON {table} BEGIN {put}; END")
    connection.execute(f"CREATE TRIGGER {index}_take AFTER DELETE ON {table} BEGIN {take}; END")
    connection.execute(f"CREATE TRIGGER {index}_change AFTER UPDATE OF {changing} ON {table} BEGIN {take}; {put}; END")


def m002_adjustments(connection: sqlite3.Connection) -> None:
    """What of an answer's request was sent otherwise than it was asked for, as JSON."""
    connection.execute("ALTER TABLE messages ADD COLUMN adjustments TEXT NOT NULL DEFAULT ''")


def m003_signs(connection: sqlite3.Connection) -> None:
    """Indexes of the signs in texts, which the indexes of words leave out."""
    for table, column, condition in _M001_INDEXED:
        index = f"{table}_signs"
        put = f"INSERT INTO {index} (rowid, signs) SELECT {{row}}.id, search_signs({{row}}.{column})"
        take = (
            f"INSERT INTO {index} ({index}, rowid, signs)"
            f" SELECT 'delete', old.id, search_signs(old.{column}) WHERE {condition.format(row='old')}"
        )
        fill = f"{put.format(row=table)} FROM {table} WHERE {condition.format(row=table)}"
        put = f"{put.format(row='new')} WHERE {condition.format(row='new')}"
        changing = f"{column}, state" if "state" in condition else column
        # Without positions (detail) and lengths: it is only asked which texts have all of some words.
        connection.execute(
            f"CREATE VIRTUAL TABLE {index} USING fts5 (signs, content='', detail=none, columnsize=0, tokenize='ascii')"
        )
        connection.execute(fill)
        connection.execute(f"CREATE TRIGGER {index}_put AFTER INSERT ON {table} BEGIN {put}; END")
        connection.execute(f"CREATE TRIGGER {index}_take AFTER DELETE ON {table} BEGIN {take}; END")
        connection.execute(
            f"CREATE TRIGGER {index}_change AFTER UPDATE OF {changing} ON {table} BEGIN {take}; {put}; END"
        )


def m004_adjustments_elsewhere(connection: sqlite3.Connection) -> None:
    """The same of the requests for pictures and transcripts."""
    for table in ("pictures", "transcripts"):
        connection.execute(f"ALTER TABLE {table} ADD COLUMN adjustments TEXT NOT NULL DEFAULT ''")


MIGRATIONS: tuple[Migration, ...] = (m001_everything, m002_adjustments, m003_signs, m004_adjustments_elsewhere)

"""The full-text indexes: which column of which table they hold, how they are asked and how they are built anew."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from app.services.history import rows
from app.services.history.signs import signs_query
from app.services.history.words import read_query


@dataclass(frozen=True, slots=True)
class Index:
    """`held` says which rows the triggers of the migrations put in, `visible` which may be found (alias t)."""

    table: str
    column: str
    held: str
    visible: str


TITLES = Index("conversations", "title", "1", "t.deleted_at IS NULL")
MESSAGES = Index(
    "messages",
    "text",
    "state <> 'streaming'",
    "(SELECT c.deleted_at IS NULL FROM conversations c WHERE c.id = t.conversation_id)",
)
PICTURES = Index("pictures", "prompt", "1", "t.deleted_at IS NULL")
TRANSCRIPTS = Index(
    "transcripts",
    "text",
    "state <> 'running'",
    "(SELECT r.deleted_at IS NULL FROM recordings r WHERE r.id = t.recording_id)",
)
FEW = 1_000
"""So many texts are read in a few milliseconds."""
ALL = (TITLES, MESSAGES, PICTURES, TRANSCRIPTS)


def find(connection: sqlite3.Connection, index: Index, text: str, limit: int) -> list[int]:
    """Ids of the rows that hold every word of `text`: what was typed side by side first, and the newest first.

    What no index knows, such as letters that are younger than it, is looked for in the texts themselves if nothing
    else was found.
    """
    found: dict[int, None] = {}
    for match, literal in _questions(rows.clean(text)):
        if len(found) < limit and (match or not found):
            found.update(dict.fromkeys(_ask(connection, index, match, literal, limit)))
    return list(found)[:limit]


def rebuild(connection: sqlite3.Connection) -> None:
    """Fill every index anew from the texts."""
    connection.execute("BEGIN IMMEDIATE")
    for index in ALL:
        for name, words in ((f"{index.table}_index", "words"), (f"{index.table}_signs", "signs")):
            connection.execute(f"INSERT INTO {name} ({name}) VALUES ('delete-all')")
            connection.execute(
                f"INSERT INTO {name} (rowid, {words})"
                f" SELECT id, search_{words}({index.column}) FROM {index.table} WHERE {index.held}"
            )
    connection.execute("COMMIT")


def _questions(text: str) -> Iterator[tuple[str, str]]:
    """Pairs of an expression for MATCH and a literal text, both to be fulfilled, either may be empty."""
    query = read_query(text)
    if query.matches and query.literal:
        yield query.matches[0], query.literal
    for match in query.matches:
        yield match, ""
    if query.literal:
        yield "", query.literal


def _ask(connection: sqlite3.Connection, index: Index, match: str, literal: str, limit: int) -> list[int]:
    signs = signs_query(literal)
    if signs and (not match or _is_rare(connection, index, signs)):
        # Whoever has the text as it was typed has its words: the few with these signs are soon looked through.
        name, asked = f"{index.table}_signs", signs
    else:
        name, asked = f"{index.table}_index", match
    source = f"{name} JOIN {index.table} t ON t.id = {name}.rowid" if asked else f"{index.table} t"
    conditions = []
    if asked:
        conditions.append(f"{name} MATCH :asked")
    if literal:
        has_letters = any(character.isascii() and character.isalpha() for character in literal)
        text = f"lower(t.{index.column})" if has_letters else f"t.{index.column}"
        conditions.append(f"instr({text}, :literal)")
    conditions.append(index.visible)  # last, because it looks something up
    newest_first = f"{name}.rowid" if asked else "t.id"
    cursor = connection.execute(
        f"SELECT t.id FROM {source} WHERE {' AND '.join(conditions)} ORDER BY {newest_first} DESC LIMIT :limit",
        {"asked": asked, "literal": _lower(literal), "limit": limit},
    )
    return [row["id"] for row in cursor]


def _is_rare(connection: sqlite3.Connection, index: Index, signs: str) -> bool:
    name = f"{index.table}_signs"
    query = f"SELECT count(*) FROM (SELECT 1 FROM {name} WHERE {name} MATCH ? LIMIT ?)"
    (count,) = connection.execute(query, (signs, FEW)).fetchone()
    return int(count) < FEW


def _lower(text: str) -> str:
    """As SQLite's own lower(): only the letters of ASCII."""
    return "".join(character.lower() if character.isascii() else character for character in text)

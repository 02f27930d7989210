"""Search over conversations: titles and messages; pictures and transcripts are searched where they are kept."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from app.model.chat import SearchHit
from app.services.history import index
from app.services.history.database import Database
from app.services.history.words import excerpt

_TITLES = "SELECT id, id AS conversation_id, NULL AS message_id, title, title AS text FROM conversations"
_MESSAGES = """
    SELECT m.id, m.conversation_id, m.id AS message_id, c.title, m.text
    FROM messages m JOIN conversations c ON c.id = m.conversation_id
"""


class Search:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, text: str, limit: int = 50) -> list[SearchHit]:
        """Titles, then messages, that hold every word of `text`; the words side by side first, and the newest first.

        The end of a word may be missing. Any text may be asked for; an empty one finds nothing.

        Raises:
            StorageFailed: the history cannot be read.
        """

        def find(connection: sqlite3.Connection) -> list[SearchHit]:
            titles = index.find(connection, index.TITLES, text, limit)
            messages = index.find(connection, index.MESSAGES, text, limit - len(titles))
            found = [
                *in_order(connection, f"{_TITLES} WHERE id", titles),
                *in_order(connection, f"{_MESSAGES} WHERE m.id", messages),
            ]
            return [_to_hit(row, text) for row in found]

        return await self._database.read(find)


def in_order(connection: sqlite3.Connection, select: str, ids: Iterable[int]) -> list[sqlite3.Row]:
    """The rows of `select`, which ends in the name of the id, in the order of `ids`."""
    wanted = list(ids)
    cursor = connection.execute(f"{select} IN (SELECT value FROM json_each(?))", (json.dumps(wanted),))
    by_id = {row["id"]: row for row in cursor}
    return [by_id[row_id] for row_id in wanted if row_id in by_id]


def _to_hit(row: sqlite3.Row, query: str) -> SearchHit:
    return SearchHit(row["conversation_id"], row["message_id"], row["title"], excerpt(row["text"], query))

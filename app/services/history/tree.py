"""The tree of a conversation in SQL: paths, versions and which branch is on show; rows only, no model types."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from app.services.history import rows

COPIED_COLUMNS = (
    "role",
    "text",
    "state",
    "created_at",
    "reasoning",
    "reasoning_s",
    "provider_id",
    "model_id",
    "finish_reason",
    "error",
    "input_tokens",
    "output_tokens",
    "reasoning_tokens",
    "cached_tokens",
    "first_token_s",
    "total_s",
    "adjustments",
)

# Versions of each other are the children of one parent; the first messages of a conversation have none.
_WITH_VERSIONS = """
    SELECT m.*,
        (SELECT count(*) FROM messages s WHERE s.conversation_id = m.conversation_id
            AND s.parent_id IS m.parent_id AND s.id <= m.id) AS version,
        (SELECT count(*) FROM messages s WHERE s.conversation_id = m.conversation_id
            AND s.parent_id IS m.parent_id) AS versions
    FROM messages m
"""
_PATH_TO = f"""
    WITH RECURSIVE path (id, parent_id, depth) AS (
        SELECT id, parent_id, 0 FROM messages WHERE id = ?
        UNION ALL
        SELECT above.id, above.parent_id, path.depth + 1 FROM messages above JOIN path ON above.id = path.parent_id
        LIMIT ?
    )
    {_WITH_VERSIONS} JOIN path ON path.id = m.id ORDER BY path.depth DESC
"""
# Every message gets a higher number than its parent when it is made, and the end of a branch a new one whenever the
# branch is shown. So the highest number below a message is the end of the branch last shown there.
_LAST_USED_BELOW = """
    WITH RECURSIVE below (id, last_use) AS (
        SELECT id, last_use FROM messages WHERE id = ?
        UNION ALL
        SELECT child.id, child.last_use FROM messages child JOIN below ON child.parent_id = below.id
    )
    SELECT id FROM below ORDER BY last_use DESC LIMIT 1
"""


def row_of(connection: sqlite3.Connection, message_id: int) -> sqlite3.Row:
    """One message with its version.

    Raises:
        LookupError: there is no such message.
    """
    row: sqlite3.Row | None = connection.execute(f"{_WITH_VERSIONS} WHERE m.id = ?", (message_id,)).fetchone()
    if row is None:
        raise LookupError(f"no message {message_id}")
    return row


def every_message(connection: sqlite3.Connection, conversation_id: int) -> list[sqlite3.Row]:
    return connection.execute(
        f"{_WITH_VERSIONS} WHERE m.conversation_id = ? ORDER BY m.id", (conversation_id,)
    ).fetchall()


def path_to(connection: sqlite3.Connection, message_id: int, limit: int = -1) -> list[sqlite3.Row]:
    """The messages from the first one down to this; only the last `limit` of them if it is not negative."""
    return connection.execute(_PATH_TO, (message_id, limit)).fetchall()


def leaf_of(connection: sqlite3.Connection, conversation_id: int) -> int | None:
    """The last message of the branch on show; None for an empty or unknown conversation."""
    row = connection.execute("SELECT leaf_id FROM conversations WHERE id = ?", (conversation_id,)).fetchone()
    return None if row is None else row["leaf_id"]


def sibling(connection: sqlite3.Connection, row: sqlite3.Row, step: int) -> int:
    """The version `step` away from `row`, at most the first or the last one."""
    place = min(max(row["version"] + step, 1), row["versions"])
    found = connection.execute(
        "SELECT id FROM messages WHERE conversation_id = ? AND parent_id IS ? ORDER BY id LIMIT 1 OFFSET ?",
        (row["conversation_id"], row["parent_id"], place - 1),
    ).fetchone()
    return int(found["id"])


def show(connection: sqlite3.Connection, message_id: int) -> None:
    """Make the branch on show the one through this message that was last shown."""
    conversation_id = row_of(connection, message_id)["conversation_id"]
    (leaf_id,) = connection.execute(_LAST_USED_BELOW, (message_id,)).fetchone()
    rows.update(connection, "messages", leaf_id, {"last_use": _next_use(connection, conversation_id)})
    rows.update(connection, "conversations", conversation_id, {"leaf_id": leaf_id})


def insert_message(
    connection: sqlite3.Connection, conversation_id: int, parent_id: int | None, values: Mapping[str, object]
) -> int:
    """Add a message below `parent_id` as the end of the branch on show and return its id."""
    new_id = rows.insert(
        connection,
        "messages",
        {
            "created_at": rows.now(),
            **values,
            "conversation_id": conversation_id,
            "parent_id": parent_id,
            "last_use": _next_use(connection, conversation_id),
        },
    )
    rows.update(connection, "conversations", conversation_id, {"leaf_id": new_id})
    touch(connection, conversation_id)
    return new_id


def touch(connection: sqlite3.Connection, conversation_id: int) -> None:
    """Make it the last one that was changed, also when the clock was set back since another was."""
    newest = max(
        connection.execute(
            "SELECT coalesce(max(updated_at), 0) FROM conversations WHERE deleted_at IS NULL AND pinned = ?", (pinned,)
        ).fetchone()[0]
        for pinned in (0, 1)
    )
    rows.update(connection, "conversations", conversation_id, {"updated_at": max(rows.now(), newest + 1)})


def _next_use(connection: sqlite3.Connection, conversation_id: int) -> int:
    (last,) = connection.execute(
        "SELECT max(last_use) FROM messages WHERE conversation_id = ?", (conversation_id,)
    ).fetchone()
    return (last or 0) + 1

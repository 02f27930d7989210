"""Growth: how a conversation that comes in stands to one that is here, and the same one going on; rows only."""

from __future__ import annotations

import sqlite3
from collections import defaultdict

from app.model.transfer import PortableConversation, Standing
from app.services.history import portable, rows

type _Sign = tuple[object, ...]


def standing(connection: sqlite3.Connection, conversation_id: int, conversation: PortableConversation) -> Standing:
    """What bringing in `conversation` means for the stored one, which began at the same moment."""
    if not conversation.messages:
        query = "SELECT title FROM conversations WHERE id = ?"
        title = connection.execute(query, (conversation_id,)).fetchone()["title"]
        return Standing.KNOWN if title == rows.clean(conversation.title) else Standing.NEW
    query = "SELECT role, created_at, text FROM messages WHERE conversation_id = ?"
    stored = {tuple(row) for row in connection.execute(query, (conversation_id,))}
    arriving = {
        (message.role.value, portable.moment(message.created_at), rows.clean(message.text))
        for message in conversation.messages
    }
    if arriving <= stored:
        return Standing.KNOWN
    if not arriving & stored:
        return Standing.NEW
    return Standing.GROWN if stored < arriving else Standing.BESIDE


def merge(connection: sqlite3.Connection, conversation_id: int, longer_id: int) -> bool:
    """Move what a conversation lacks of a longer one into it, and remove that; False if it is gone meanwhile.

    What was given to it here stays: its name, options, draft and the ids of its messages. If it went on here meanwhile,
    also the branch on show.
    """
    head = connection.execute(
        "SELECT updated_at FROM conversations WHERE id = ? AND deleted_at IS NULL", (conversation_id,)
    ).fetchone()
    if head is None:
        return False
    longer = connection.execute("SELECT leaf_id, updated_at FROM conversations WHERE id = ?", (longer_id,)).fetchone()
    places, went_on_here = _move_messages(connection, conversation_id, longer_id)
    values: dict[str, object] = {"updated_at": max(head["updated_at"], longer["updated_at"])}
    if not went_on_here:
        values["leaf_id"] = places.get(longer["leaf_id"])
    rows.update(connection, "conversations", conversation_id, values)
    connection.execute("DELETE FROM conversations WHERE id = ?", (longer_id,))
    return True


def _move_messages(
    connection: sqlite3.Connection, conversation_id: int, longer_id: int
) -> tuple[dict[int | None, int | None], bool]:
    """Where each message of the longer one is now, and whether the other has some that the longer one lacks."""
    known: defaultdict[_Sign, list[int]] = defaultdict(list)
    last_use = 0
    for row in _messages(connection, conversation_id):
        known[_sign(row, row["parent_id"])].append(row["id"])
        last_use = max(last_use, row["last_use"])
    places: dict[int | None, int | None] = {None: None}
    for row in _messages(connection, longer_id):
        parent_id = places[row["parent_id"]]
        same = known[_sign(row, parent_id)]
        if same:
            places[row["id"]] = same.pop(0)
            continue
        values: dict[str, object] = {"conversation_id": conversation_id, "parent_id": parent_id}
        rows.update(connection, "messages", row["id"], {**values, "last_use": last_use + row["last_use"]})
        connection.execute(
            "UPDATE attachments SET conversation_id = ? WHERE message_id = ?", (conversation_id, row["id"])
        )
        places[row["id"]] = row["id"]
    return places, any(known.values())


def _messages(connection: sqlite3.Connection, conversation_id: int) -> list[sqlite3.Row]:
    query = "SELECT id, parent_id, role, created_at, text, last_use FROM messages WHERE conversation_id = ? ORDER BY id"
    return connection.execute(query, (conversation_id,)).fetchall()


def _sign(row: sqlite3.Row, parent_id: int | None) -> _Sign:
    return (parent_id, row["role"], row["created_at"], row["text"])

"""Conversations as rows: the list, what each is set to, its draft, branching off; messages otherwise elsewhere."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime

from app.model.chat import ChatParameters, Conversation, Draft, MessageState, Role
from app.model.providers import ModelReference
from app.services.history import rows, tree
from app.services.history.attachments import Attachments
from app.services.history.database import Database

_DEFAULT_PARAMETERS = ChatParameters()


class Conversations:
    """Every method raises `StorageFailed` if the disk refuses; a change to a conversation that is gone does nothing."""

    def __init__(self, database: Database, attachments: Attachments) -> None:
        self._database = database
        self._attachments = attachments

    async def create(
        self,
        *,
        title: str = "",
        system_prompt: str = "",
        parameters: ChatParameters = _DEFAULT_PARAMETERS,
        model: ModelReference | None = None,
    ) -> Conversation:
        """An empty conversation; without a title it gets one from its first prompt."""

        now = datetime.now(UTC)
        given = Conversation(0, title, now, now, system_prompt=system_prompt, parameters=parameters, model=model)
        return await self._database.write(lambda connection: _existing(connection, _insert(connection, given)))

    async def branch(self, message_id: int) -> Conversation:
        """A new conversation that begins like this one, with the same settings.

        It holds copies of an answer and all before it. Of a prompt it holds copies of all before it, and the prompt
        as its draft, to be sent again or otherwise.

        Raises:
            LookupError: there is no such message.
        """

        def branch(connection: sqlite3.Connection) -> Conversation:
            source = _existing(connection, tree.row_of(connection, message_id)["conversation_id"])
            path = tree.path_to(connection, message_id)
            prompt = path.pop() if path[-1]["role"] == Role.USER else None
            new_id = _insert(connection, source if path else replace(source, title=""))
            parent_id: int | None = None
            for row in path:
                parent_id = self._copy(connection, row, new_id, parent_id)
            if prompt is not None:
                rows.update(connection, "conversations", new_id, {"draft": prompt["text"]})
                self._attachments.copy_to_draft(connection, prompt["id"], new_id)
            return _existing(connection, new_id)

        return await self._database.write(branch)

    async def all(self, limit: int = -1, offset: int = 0) -> list[Conversation]:
        """Those that are not deleted: pinned first, then by last change."""

        def select(connection: sqlite3.Connection) -> list[Conversation]:
            cursor = connection.execute(
                "SELECT * FROM conversations WHERE deleted_at IS NULL"
                " ORDER BY pinned DESC, updated_at DESC, id DESC LIMIT ? OFFSET ?",
                (limit, offset),
            )
            return [_to_conversation(row) for row in cursor]

        return await self._database.read(select)

    async def get(self, conversation_id: int) -> Conversation | None:
        """None if there is no such conversation or it is deleted."""

        def select(connection: sqlite3.Connection) -> Conversation | None:
            query = "SELECT * FROM conversations WHERE id = ? AND deleted_at IS NULL"
            row = connection.execute(query, (conversation_id,)).fetchone()
            return None if row is None else _to_conversation(row)

        return await self._database.read(select)

    async def rename(self, conversation_id: int, title: str) -> None:
        """An empty title makes it automatic again, taken from the next prompt."""
        title = title.strip()
        await self._set(conversation_id, title=title, title_is_automatic=not title)

    async def set_pinned(self, conversation_id: int, pinned: bool) -> None:
        await self._set(conversation_id, pinned=pinned)

    async def configure(self, conversation: Conversation) -> None:
        """Store the system prompt, the parameters and the model of `conversation`, nothing else of it."""
        provider_id, model_id = rows.from_model(conversation.model)
        await self._set(
            conversation.id,
            system_prompt=conversation.system_prompt,
            parameters=rows.to_json(conversation.parameters, _DEFAULT_PARAMETERS),
            provider_id=provider_id,
            model_id=model_id,
        )

    async def set_draft(self, conversation_id: int, text: str) -> None:
        """Keep what stands in the composer; its attachments are kept as they are added."""
        await self._set(conversation_id, draft=text)

    async def draft(self, conversation_id: int) -> Draft:
        """What stood in the composer, attachments included."""

        def select(connection: sqlite3.Connection) -> Draft:
            row = connection.execute("SELECT draft FROM conversations WHERE id = ?", (conversation_id,)).fetchone()
            text = "" if row is None else str(row["draft"])
            return Draft(text, self._attachments.of_draft(connection, conversation_id))

        return await self._database.read(select)

    async def delete(self, conversation_id: int) -> None:
        """Take it out of lists and search; `restore` undoes this until `purge`."""
        await self._set(conversation_id, deleted_at=rows.now())

    async def restore(self, conversation_id: int) -> None:
        await self._set(conversation_id, deleted_at=None)

    async def purge(self, conversation_id: int | None = None) -> None:
        """Remove this deleted conversation, or every deleted one, for good, with files that nothing else uses."""

        def purge(connection: sqlite3.Connection) -> None:
            connection.execute(
                "DELETE FROM conversations WHERE deleted_at IS NOT NULL AND (?1 IS NULL OR id = ?1)", (conversation_id,)
            )

        await self._database.write(purge)
        await self._attachments.remove_orphans()

    def _copy(
        self, connection: sqlite3.Connection, row: sqlite3.Row, conversation_id: int, parent_id: int | None
    ) -> int:
        values = {column: row[column] for column in tree.COPIED_COLUMNS}
        if values["state"] == MessageState.STREAMING:
            values["state"] = MessageState.STOPPED
        new_id = tree.insert_message(connection, conversation_id, parent_id, values)
        for attachment in connection.execute(
            "SELECT id FROM attachments WHERE message_id = ?", (row["id"],)
        ).fetchall():
            self._attachments.copy(connection, attachment["id"], new_id)
        return new_id

    async def _set(self, conversation_id: int, **values: object) -> None:
        def change(connection: sqlite3.Connection) -> None:
            rows.update(connection, "conversations", conversation_id, values)

        await self._database.write(change)


def _insert(connection: sqlite3.Connection, given: Conversation) -> int:
    """Add an empty conversation with the title and the settings of `given` and return its id."""
    provider_id, model_id = rows.from_model(given.model)
    created_at = rows.now()
    return rows.insert(
        connection,
        "conversations",
        {
            "title": given.title,
            "title_is_automatic": not given.title,
            "created_at": created_at,
            "updated_at": created_at,
            "system_prompt": given.system_prompt,
            "parameters": rows.to_json(given.parameters, _DEFAULT_PARAMETERS),
            "provider_id": provider_id,
            "model_id": model_id,
        },
    )


def _to_conversation(row: sqlite3.Row) -> Conversation:
    return Conversation(
        id=row["id"],
        title=row["title"],
        created_at=rows.to_datetime(row["created_at"]),
        updated_at=rows.to_datetime(row["updated_at"]),
        pinned=bool(row["pinned"]),
        leaf_id=row["leaf_id"],
        system_prompt=row["system_prompt"],
        parameters=rows.from_json(row["parameters"], _DEFAULT_PARAMETERS, ChatParameters),
        model=rows.to_model(row),
        draft=row["draft"],
    )


def _existing(connection: sqlite3.Connection, conversation_id: int) -> Conversation:
    return _to_conversation(
        connection.execute("SELECT * FROM conversations WHERE id = ?", (conversation_id,)).fetchone()
    )

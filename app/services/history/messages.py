"""Messages as trees: prompts and answers, their versions, and the branch of each conversation that is on show."""

from __future__ import annotations

import sqlite3

from app.model.chat import Attachment, Draft, Message, MessageState, Role
from app.model.providers import ModelReference
from app.model.title import automatic_title
from app.services.history import columns, rows, tree
from app.services.history.attachments import Attachments
from app.services.history.database import Database


class Messages:
    """Every method raises `StorageFailed` if the disk refuses, and `LookupError` for an id that does not exist.

    What a method changes is committed when it returns.
    """

    def __init__(self, database: Database, attachments: Attachments) -> None:
        self._database = database
        self._attachments = attachments

    async def path(self, conversation_id: int, limit: int = -1) -> list[Message]:
        """The branch on show, from the first message to the last; empty for an empty or unknown conversation.

        A `limit` that is not negative gives only so many from its end.
        """
        return await self._database.read(
            lambda connection: self._path(connection, tree.leaf_of(connection, conversation_id), limit)
        )

    async def path_to(self, message_id: int, limit: int) -> list[Message]:
        """This message below those above it, `limit` in all at most."""

        def select(connection: sqlite3.Connection) -> list[Message]:
            return self._path(connection, tree.row_of(connection, message_id)["id"], limit)

        return await self._database.read(select)

    async def all(self, conversation_id: int) -> list[Message]:
        """Every message of every branch, in the order in which they were made."""

        def select(connection: sqlite3.Connection) -> list[Message]:
            attachments = self._attachments.of_messages(connection, conversation_id)
            found = tree.every_message(connection, conversation_id)
            return [_to_message(row, attachments[row["id"]]) for row in found]

        return await self._database.read(select)

    async def get(self, message_id: int) -> Message:
        return (await self.path_to(message_id, 1))[0]

    async def add_turn(self, conversation_id: int, draft: Draft, model: ModelReference) -> tuple[Message, Message]:
        """What the composer sends: a prompt below the branch on show and its answer, still empty and streaming.

        The composer's draft is cleared and a missing title is made in the same transaction, so at no moment is the
        prompt in both places or in none.
        """

        def add(connection: sqlite3.Connection) -> tuple[Message, Message]:
            leaf_id = tree.leaf_of(connection, conversation_id)
            connection.execute("UPDATE conversations SET draft = '' WHERE id = ?", (conversation_id,))
            return self._add_turn(connection, conversation_id, leaf_id, draft, model)

        return await self._database.write(add)

    async def edit_prompt(self, message_id: int, draft: Draft, model: ModelReference) -> tuple[Message, Message]:
        """Another version of a prompt and its answer; the old version and what followed it stay."""

        def add(connection: sqlite3.Connection) -> tuple[Message, Message]:
            old = tree.row_of(connection, message_id)
            return self._add_turn(connection, old["conversation_id"], old["parent_id"], draft, model)

        return await self._database.write(add)

    async def add_answer(self, prompt_id: int, model: ModelReference) -> Message:
        """Another answer to a prompt, empty and streaming; it becomes the version on show."""

        def add(connection: sqlite3.Connection) -> Message:
            conversation_id = tree.row_of(connection, prompt_id)["conversation_id"]
            new_id = _insert_answer(connection, conversation_id, prompt_id, model)
            return self._path(connection, new_id, 1)[0]

        return await self._database.write(add)

    async def resume(self, message_id: int) -> Message:
        """Make an ended answer stream again, to continue it; what it has stays."""

        def resume(connection: sqlite3.Connection) -> Message:
            rows.update(connection, "messages", message_id, {"state": MessageState.STREAMING, "error": ""})
            return self._path(connection, message_id, 1)[0]

        return await self._database.write(resume)

    def save_partial_soon(self, message_id: int, text: str, reasoning: str = "") -> None:
        """Keep the whole of what arrived so far of a streaming answer; called every quarter of a second.

        Does not wait. A failure is only noted in the log: `finish`, which everybody waits for, would fail as well.
        """
        values: dict[str, object] = {"text": text, "reasoning": reasoning}
        self._database.write_soon(lambda connection: rows.update(connection, "messages", message_id, values))

    async def finish(self, answer: Message) -> Message:
        """Store an answer as it ended, whatever its state; `answer` unchanged if it was deleted meanwhile."""

        def finish(connection: sqlite3.Connection) -> Message:
            if not rows.update(connection, "messages", answer.id, columns.from_message(answer)):
                return answer
            tree.touch(connection, answer.conversation_id)
            return self._path(connection, answer.id, 1)[0]

        return await self._database.write(finish)

    async def switch_version(self, message_id: int, step: int) -> list[Message]:
        """Show the version `step` further (1 or -1) of a message with what last followed it; the new branch.

        At the first and the last version nothing changes.
        """

        def switch(connection: sqlite3.Connection) -> list[Message]:
            row = tree.row_of(connection, message_id)
            tree.show(connection, tree.sibling(connection, row, step))
            return self._path(connection, tree.leaf_of(connection, row["conversation_id"]))

        return await self._database.write(switch)

    async def show(self, message_id: int) -> list[Message]:
        """Put a message on show, as a found one, with what last followed it; the new branch."""

        def show(connection: sqlite3.Connection) -> list[Message]:
            tree.show(connection, message_id)
            conversation_id = tree.row_of(connection, message_id)["conversation_id"]
            return self._path(connection, tree.leaf_of(connection, conversation_id))

        return await self._database.write(show)

    async def interrupt_unfinished(self) -> None:
        """Mark the answers that were streaming when the program was killed; only when no other process writes."""

        def interrupt(connection: sqlite3.Connection) -> None:
            connection.execute(
                "UPDATE messages SET state = ? WHERE state = 'streaming'", (MessageState.INTERRUPTED.value,)
            )

        await self._database.write(interrupt)

    def _add_turn(
        self,
        connection: sqlite3.Connection,
        conversation_id: int,
        parent_id: int | None,
        draft: Draft,
        model: ModelReference,
    ) -> tuple[Message, Message]:
        prompt: dict[str, object] = {"role": Role.USER, "text": draft.text, "state": MessageState.COMPLETE}
        prompt_id = tree.insert_message(connection, conversation_id, parent_id, prompt)
        self._attachments.bind(connection, prompt_id, draft.attachments)
        answer_id = _insert_answer(connection, conversation_id, prompt_id, model)
        _title(connection, conversation_id, draft)
        return self._path(connection, prompt_id, 1)[0], self._path(connection, answer_id, 1)[0]

    def _path(self, connection: sqlite3.Connection, last_id: int | None, limit: int = -1) -> list[Message]:
        found = [] if last_id is None else tree.path_to(connection, last_id, limit)
        if not found:
            return []
        attachments = self._attachments.of_messages(connection, found[0]["conversation_id"])
        return [_to_message(row, attachments[row["id"]]) for row in found]


def _insert_answer(connection: sqlite3.Connection, conversation_id: int, prompt_id: int, model: ModelReference) -> int:
    answer: dict[str, object] = {
        "role": Role.ASSISTANT,
        "state": MessageState.STREAMING,
        "provider_id": model.provider_id,
        "model_id": model.model_id,
    }
    return tree.insert_message(connection, conversation_id, prompt_id, answer)


def _title(connection: sqlite3.Connection, conversation_id: int, draft: Draft) -> None:
    """Name a conversation after its first prompt, or its first file, unless the user named it."""
    names = [attachment.name for attachment in draft.attachments]
    title = automatic_title(draft.text) or automatic_title(names[0] if names else "")
    connection.execute(
        "UPDATE conversations SET title = ? WHERE id = ? AND title = '' AND title_is_automatic",
        (rows.clean(title), conversation_id),
    )


def _to_message(row: sqlite3.Row, attachments: tuple[Attachment, ...]) -> Message:
    return Message(
        id=row["id"],
        conversation_id=row["conversation_id"],
        parent_id=row["parent_id"],
        created_at=rows.to_datetime(row["created_at"]),
        attachments=attachments,
        version=(row["version"], row["versions"]),
        **columns.to_message(row),
    )

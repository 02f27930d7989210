"""LibraryWorker: what a person can do with stored conversations; it asks no model anything."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from app.files import PUBLIC, write_whole
from app.model.chat import ChatParameters, Conversation, Draft, Message, OpenConversation, SearchHit
from app.model.conversation_text import to_json, to_markdown
from app.model.errors import storage_failure
from app.model.providers import ModelReference

if TYPE_CHECKING:
    from app.services.history.store import History

_UNSET = ChatParameters()


class LibraryWorker:
    """Every method raises `StorageFailed` if the disk refuses."""

    def __init__(self, history: History) -> None:
        self._history = history

    async def conversations(self, limit: int = -1, offset: int = 0) -> list[Conversation]:
        """Pinned first, then by last change."""
        return await self._history.conversations.all(limit, offset)

    async def search(self, text: str, limit: int = 50) -> list[SearchHit]:
        """Titles and messages that hold every word of `text`; an empty text finds nothing."""
        return await self._history.search.find(text, limit)

    async def create(self, model: ModelReference | None = None) -> Conversation:
        """An empty conversation; it is named after its first prompt."""
        return await self._history.conversations.create(model=model)

    async def open(
        self, conversation_id: int, message_id: int = 0, newest: int | None = None
    ) -> OpenConversation | None:
        """What is shown of a conversation, on the branch of `message_id` if one is named; None if it is gone.

        With `newest` only so many messages from the end; `branch_to` brings the others.
        """
        if message_id:
            with suppress(LookupError):  # deleted since it was found
                await self._history.messages.show(message_id)
        conversation = await self._history.conversations.get(conversation_id)
        if conversation is None:
            return None
        messages = await self._history.messages.path(conversation_id, -1 if newest is None else newest)
        draft = await self._history.conversations.draft(conversation_id)
        return OpenConversation(conversation, tuple(messages), draft)

    async def branch_to(self, message_id: int, newest: int = 1) -> list[Message]:
        """This message below those above it, `newest` in all at most.

        Raises:
            LookupError: the message is gone.
        """
        return await self._history.messages.path_to(message_id, newest)

    async def keep_answer(self, answer: Message) -> Message:
        """Store an answer whose end could not be stored when it came.

        Raises:
            StorageFailed: it still cannot be stored.
        """
        return await self._history.messages.finish(answer)

    async def configure(self, conversation: Conversation) -> None:
        """Store the system prompt, the parameters and the model of `conversation`."""
        await self._history.conversations.configure(conversation)

    async def set_draft(self, conversation_id: int, text: str) -> None:
        """Keep what stands in the composer."""
        await self._history.conversations.set_draft(conversation_id, text)

    async def rename(self, conversation_id: int, title: str) -> None:
        """An empty title makes it automatic again."""
        await self._history.conversations.rename(conversation_id, title)

    async def set_pinned(self, conversation_id: int, pinned: bool) -> None:
        await self._history.conversations.set_pinned(conversation_id, pinned)

    async def set_deleted(self, conversation_id: int, deleted: bool) -> None:
        """Take it out of list and search, or bring it back; both until `purge`."""
        conversations = self._history.conversations
        await (conversations.delete if deleted else conversations.restore)(conversation_id)

    async def purge(self, conversation_id: int | None = None) -> None:
        """Remove this deleted conversation for good, or every one, as after a start."""
        await self._history.conversations.purge(conversation_id)

    async def discard_if_empty(self, conversation_id: int) -> bool:
        """Remove a conversation for good if nothing was said, written, named or set in it; whether it is gone."""
        opened = await self.open(conversation_id, newest=1)
        if opened is None or opened.messages or opened.draft != Draft(""):
            return False
        conversation = opened.conversation
        if conversation.title or conversation.pinned or conversation.system_prompt or conversation.parameters != _UNSET:
            return False
        await self.set_deleted(conversation_id, True)
        await self.purge(conversation_id)
        return True

    async def switch_version(self, message_id: int, step: int) -> list[Message]:
        """Show the version before (-1) or after (1) this one with what last followed it; the new branch."""
        return await self._history.messages.switch_version(message_id, step)

    async def export(self, conversation_id: int, target: Path, you: str = "You") -> None:
        """Write the branch on show as Markdown or, to a `.json` file, the whole tree.

        `you` is the heading of prompts. Attachments appear by name.

        Raises:
            LookupError: the conversation is gone.
            StorageFailed: nothing was written.
        """
        conversation = await self._history.conversations.get(conversation_id)
        if conversation is None:
            raise LookupError(f"no conversation {conversation_id}")
        if target.suffix.lower() == ".json":
            text = to_json(conversation, await self._history.messages.all(conversation_id))
        else:
            text = to_markdown(conversation, await self._history.messages.path(conversation_id), you)
        try:
            await asyncio.to_thread(write_whole, target, text.encode(), PUBLIC)
        except OSError as error:
            raise storage_failure(error, target) from error

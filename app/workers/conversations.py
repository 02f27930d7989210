"""ConversationWorker: opens a conversation, walks its versions and keeps its draft and settings; it asks no model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.model.chat import ChatParameters, Conversation, Draft, Message
from app.model.providers import ModelReference

if TYPE_CHECKING:
    from app.services.history.store import History


@dataclass(frozen=True, slots=True)
class OpenedConversation:
    """All that is needed to show a conversation."""

    conversation: Conversation
    messages: list[Message]
    draft: Draft


class ConversationWorker:
    """Every method raises `StorageFailed` if the disk refuses."""

    def __init__(self, history: History) -> None:
        self._history = history

    async def create(self, model: ModelReference | None) -> Conversation:
        """A new, empty conversation."""
        return await self._history.conversations.create(model=model)

    async def open(self, conversation_id: int, message_id: int = 0) -> OpenedConversation | None:
        """A conversation with the branch on show, or the one that holds `message_id`; None if it is gone."""
        conversation = await self._history.conversations.get(conversation_id)
        if conversation is None:
            return None
        messages = self._history.messages
        path = await (messages.show(message_id) if message_id else messages.path(conversation_id))
        return OpenedConversation(conversation, path, await self._history.conversations.draft(conversation_id))

    async def message(self, message_id: int) -> Message:
        return await self._history.messages.get(message_id)

    async def switch_version(self, message_id: int, step: int) -> list[Message]:
        """Show the next (1) or former (-1) version of a message; the branch that is then on show."""
        return await self._history.messages.switch_version(message_id, step)

    async def branch(self, message_id: int) -> Conversation:
        """A new conversation that begins with copies of everything up to this message."""
        return await self._history.messages.branch(message_id)

    async def save_draft(self, conversation_id: int, text: str) -> None:
        await self._history.conversations.set_draft(conversation_id, text)

    async def set_up(self, conversation_id: int, system_prompt: str, parameters: ChatParameters) -> None:
        """Keep what the parameter panel says; it holds from the next message on."""
        conversation = await self._history.conversations.get(conversation_id)
        if conversation is not None:
            changed = replace(conversation, system_prompt=system_prompt, parameters=parameters)
            await self._history.conversations.configure(changed)

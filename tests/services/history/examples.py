"""Values that many tests of the history need."""

from __future__ import annotations

from dataclasses import replace

from app.model.chat import AttachmentKind, Conversation, Draft, Message, MessageState, NewAttachment
from app.model.providers import ModelReference
from app.services.history.store import History

MODEL = ModelReference("openai", "gpt-test")
PNG = NewAttachment(AttachmentKind.IMAGE, "Holiday.PNG", "image/png", b"\x89PNG not really", 640, 480)


async def ask(history: History, question: str, answer: str, conversation: Conversation | None = None) -> Message:
    """A finished turn in a new conversation, or at the end of an old one; the answer."""
    conversation = conversation or await history.conversations.create()
    _, started = await history.messages.add_turn(conversation.id, Draft(question), MODEL)
    return await history.messages.finish(replace(started, text=answer, state=MessageState.COMPLETE))

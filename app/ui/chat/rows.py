"""Turns stored messages into the rows of the transcript, with the words for their state and small print."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLocale

from app.model.chat import AttachmentKind, Message, MessageState, Role
from app.ui.chat.transcript_model import AttachmentItem, MessageRow, RowState
from app.ui.translation import lesson_words, shown_model

_FAST = 100.0
"""Tokens a second from which nobody counts tenths."""
_STATES: dict[MessageState, RowState] = {
    MessageState.COMPLETE: "complete",
    MessageState.STREAMING: "streaming",
    MessageState.STOPPED: "stopped",
    MessageState.INTERRUPTED: "interrupted",
    MessageState.FAILED: "failed",
    MessageState.TRUNCATED: "truncated",
}


def as_row(message: Message) -> MessageRow:
    """`message` as the transcript shows it, in the language in force."""
    return MessageRow(
        id=message.id,
        role="user" if message.role is Role.USER else "assistant",
        text=message.text,
        reasoning=message.reasoning,
        reasoning_s=message.reasoning_s,
        state=_STATES[message.state],
        state_note=QCoreApplication.translate("Errors", message.error),
        small_print=small_print(message),
        version=message.version if message.version[1] > 1 else None,
        attachments=tuple(
            AttachmentItem(
                id=attachment.id,
                name=attachment.name,
                kind="image" if attachment.kind is AttachmentKind.IMAGE else "text",
                path=attachment.path,
            )
            for attachment in message.attachments
        ),
        model=shown_model(message.model) if message.model else "",
        finish_reason=message.finish_reason,
    )


def small_print(message: Message) -> str:
    """Model, tokens, speed, and what was sent otherwise than asked for, as far as it is known."""
    if message.role is not Role.ASSISTANT or message.model is None:
        return ""
    locale = QLocale()
    parts = [shown_model(message.model)]
    tokens = message.usage.output_tokens
    if tokens is not None:
        text = QCoreApplication.translate("ChatRows", "%n token(s)", "", tokens)
        parts.append(text)
        seconds = (message.timing.total_s or 0.0) - (message.timing.first_token_s or 0.0)
        if seconds > 0 and tokens > 1 and _was_streamed(message):
            per_second = (tokens - 1) / seconds
            speed = locale.toString(per_second, "f", 1 if per_second < _FAST else 0)
            parts.append(QCoreApplication.translate("ChatRows", "{speed} tokens/s").format(speed=speed))
    return " · ".join([*parts, *lesson_words(message.adjustments)])


def _was_streamed(message: Message) -> bool:
    """An answer that came whole tells nothing about its speed."""
    return not any(lesson.field == "stream" for lesson in message.adjustments)

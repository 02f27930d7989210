"""A conversation as text to be kept or read elsewhere: Markdown for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from app.model.chat import ChatParameters, Conversation, Message, Role

JSON_FORMAT = "triptych-conversation-1"


def to_markdown(conversation: Conversation, messages: Sequence[Message], you: str = "You") -> str:
    """The given messages under headings; `you` is the heading of prompts. Attachments appear by name."""
    parts = [f"# {conversation.title}"] if conversation.title else []
    if conversation.system_prompt:
        parts.append("\n".join(f"> {line}".rstrip() for line in conversation.system_prompt.splitlines()))
    for message in messages:
        parts.append(f"## {_speaker(message, you)}")
        parts += [f"- {attachment.name}" for attachment in message.attachments]
        if message.text:
            parts.append(message.text.strip("\n"))
    return "\n\n".join(parts) + "\n"


def to_json(conversation: Conversation, messages: Sequence[Message]) -> str:
    """Everything, all versions included; `parent_id` tells the tree, `leaf_id` the end of the branch on show."""
    unset = asdict(ChatParameters())
    told = {
        "format": JSON_FORMAT,
        "title": conversation.title,
        "created_at": conversation.created_at.isoformat(),
        "updated_at": conversation.updated_at.isoformat(),
        "system_prompt": conversation.system_prompt,
        "parameters": {key: value for key, value in asdict(conversation.parameters).items() if value != unset[key]},
        "leaf_id": conversation.leaf_id,
        "messages": [_as_json(message) for message in messages],
    }
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def _speaker(message: Message, you: str) -> str:
    if message.role is Role.USER:
        return you
    return message.model.model_id if message.model else message.role.value.capitalize()


def _as_json(message: Message) -> dict[str, Any]:
    return {
        "id": message.id,
        "parent_id": message.parent_id,
        "role": message.role,
        "state": message.state,
        "created_at": message.created_at.isoformat(),
        "text": message.text,
        "reasoning": message.reasoning,
        "model": asdict(message.model) if message.model else None,
        "error": message.error,
        "usage": asdict(message.usage),
        "timing": asdict(message.timing),
        "attachments": [attachment.name for attachment in message.attachments],
    }

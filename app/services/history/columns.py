"""Columns of messages and pictures that mean the same here and in an export; not their ids, places and moments."""

from __future__ import annotations

import sqlite3
from typing import TypedDict

from app.model.chat import Message, MessageState, Role, Timing, Usage
from app.model.images import ImageSettings, Picture, PictureOrigin
from app.model.lessons import Lesson
from app.model.providers import ModelReference
from app.model.transfer import PortableMessage, PortablePicture
from app.services.history import rows

_SETTINGS = ImageSettings()


class MessageParts(TypedDict):
    role: Role
    text: str
    state: MessageState
    reasoning: str
    reasoning_s: float | None
    model: ModelReference | None
    finish_reason: str
    error: str
    usage: Usage
    timing: Timing
    adjustments: tuple[Lesson, ...]


class PictureParts(TypedDict):
    origin: PictureOrigin
    prompt: str
    model: ModelReference
    width_px: int
    height_px: int
    size_bytes: int
    settings: ImageSettings
    source_names: tuple[str, ...]
    revised_prompt: str
    adjustments: tuple[Lesson, ...]


def to_message(row: sqlite3.Row) -> MessageParts:
    return MessageParts(
        role=Role(row["role"]),
        text=row["text"],
        state=MessageState(row["state"]),
        reasoning=row["reasoning"],
        reasoning_s=row["reasoning_s"],
        model=rows.to_model(row),
        finish_reason=row["finish_reason"],
        error=row["error"],
        usage=rows.to_usage(row),
        timing=rows.to_timing(row),
        adjustments=rows.from_json(row["adjustments"], (), tuple[Lesson, ...]),
    )


def from_message(message: Message | PortableMessage) -> dict[str, object]:
    """Without the role: all of this may change while an answer arrives."""
    provider_id, model_id = rows.from_model(message.model)
    return {
        "text": message.text,
        "state": message.state,
        "reasoning": message.reasoning,
        "reasoning_s": message.reasoning_s,
        "provider_id": provider_id,
        "model_id": model_id,
        "finish_reason": message.finish_reason,
        "error": message.error,
        "adjustments": rows.to_json(message.adjustments, ()),
        **rows.from_usage(message.usage),
        **rows.from_timing(message.timing),
    }


def to_picture(row: sqlite3.Row) -> PictureParts:
    return PictureParts(
        origin=PictureOrigin(row["origin"]),
        prompt=row["prompt"],
        model=ModelReference(row["provider_id"], row["model_id"]),
        width_px=row["width_px"],
        height_px=row["height_px"],
        size_bytes=row["size_bytes"],
        settings=rows.from_json(row["settings"], _SETTINGS, ImageSettings),
        source_names=rows.from_json(row["source_names"], (), tuple[str, ...]),
        revised_prompt=row["revised_prompt"],
        adjustments=rows.from_json(row["adjustments"], (), tuple[Lesson, ...]),
    )


def from_picture(picture: Picture | PortablePicture) -> dict[str, object]:
    return {
        "origin": picture.origin,
        "prompt": picture.prompt,
        "revised_prompt": picture.revised_prompt,
        "provider_id": picture.model.provider_id,
        "model_id": picture.model.model_id,
        "width_px": picture.width_px,
        "height_px": picture.height_px,
        "size_bytes": picture.size_bytes,
        "settings": rows.to_json(picture.settings, _SETTINGS),
        "source_names": rows.to_json(picture.source_names, ()),
        "adjustments": rows.to_json(picture.adjustments, ()),
    }

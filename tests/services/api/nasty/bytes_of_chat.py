"""The bytes of a chat's stream, for the cases in which every one of them counts."""

from __future__ import annotations

import json
from typing import Any

from tests.fakes.openai_server import event

DONE = event("[DONE]")


def chunk(finish: str | None = None, **delta: Any) -> dict[str, Any]:
    """One chunk of a chat's stream."""
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def said(text: str, finish: str | None = None) -> bytes:
    """An event that says `text`."""
    return event(chunk(finish, content=text))


def whole(text: str, **message: Any) -> dict[str, Any]:
    """A chat's answer in one piece."""
    return {"choices": [{"index": 0, "message": {"content": text, **message}, "finish_reason": "stop"}]}


def as_json(value: object) -> bytes:
    """JSON whose characters stand for themselves, as most servers write it."""
    return json.dumps(value, ensure_ascii=False).encode()

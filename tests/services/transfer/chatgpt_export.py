"""Exports as ChatGPT makes them, put together by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

PNG = b"\x89PNG\r\n\x1a\n and the rest of a picture"


def message(role: str, *parts: Any, **more: Any) -> dict[str, Any]:
    """A message; `content`, `metadata`, `create_time` and `name` replace the usual."""
    content = {"content_type": "text", "parts": list(parts)}
    return {
        "id": "x",
        "author": {"role": role, "name": more.get("name"), "metadata": {}},
        "create_time": more.get("create_time", 1700000001.25),
        "content": more.get("content", content),
        "status": "finished_successfully",
        "weight": 1.0,
        "metadata": more.get("metadata", {"model_slug": "gpt-4o"} if role == "assistant" else {}),
        "recipient": "all",
    }


def node(parent: str | None, said: dict[str, Any] | None = None, *children: str) -> dict[str, Any]:
    return {"id": "x", "parent": parent, "message": said, "children": list(children)}


def conversation(mapping: dict[str, Any], current: str | None = None, **more: Any) -> dict[str, Any]:
    return {
        "title": "Lighthouses",
        "create_time": 1700000000.5,
        "update_time": 1700000100.0,
        "mapping": mapping,
        "current_node": current,
        "conversation_id": "abc",
        **more,
    }


def two_versions(**more: Any) -> dict[str, Any]:
    """A question with two answers; the first is on show."""
    mapping = {
        "root": node(None, None, "system"),
        "system": node("root", message("system", ""), "ask"),
        "ask": node("system", message("user", "Why do they blink?"), "first", "second"),
        "first": node("ask", message("assistant", "So that ships see them.")),
        "second": node("ask", message("assistant", "To tell one from another.")),
    }
    return conversation(mapping, "first", **more)


def write(path: Path, *conversations: dict[str, Any]) -> Path:
    path.write_text(json.dumps(list(conversations)), "utf-8")
    return path

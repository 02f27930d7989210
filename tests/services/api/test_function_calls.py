"""Merging the pieces of function calls."""

from __future__ import annotations

from typing import Any

import pytest

from app.model.chat import FunctionCall
from app.services.api.function_calls import FunctionCalls

CASES: dict[str, tuple[list[dict[str, Any]], list[FunctionCall]]] = {
    "a new id for every piece of one call": (
        [
            {"index": 0, "id": "a", "function": {"name": "f", "arguments": "{"}},
            {"index": 0, "id": "b", "function": {"arguments": "}"}},
        ],
        [FunctionCall("a", "f", "{}")],
    ),
    "no arguments at all": ([{"index": 0, "id": "a", "function": {"name": "f"}}], [FunctionCall("a", "f", "")]),
    "a custom tool": (
        [{"index": 0, "id": "a", "type": "custom", "custom": {"name": "f", "input": "free text"}}],
        [FunctionCall("a", "f", "free text")],
    ),
    "nonsense": ([{"index": "x", "function": 5}], [FunctionCall("", "", "")]),
}


@pytest.mark.parametrize("name", CASES)
def test_merging(name: str) -> None:
    pieces, expected = CASES[name]
    calls = FunctionCalls()
    for piece in pieces:
        calls.add(piece)
    assert list(calls.collected()) == expected

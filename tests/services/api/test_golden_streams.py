"""Recorded shapes of many servers, replayed over loopback: what each must become. One pair of files for each;
what is nasty without belonging to a server is in `nasty`.

The streams are in tests/data/streams: `NAME.sse` is what the server sends, `NAME.json` what the user must get.
"""

from __future__ import annotations

import json
import random
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from app.model.providers import Dialect
from tests.fakes.openai_server import FakeOpenAI
from tests.services.api.asking import chat

STREAMS = Path(__file__).parents[2] / "data" / "streams"
NAMES = sorted(path.stem for path in STREAMS.glob("*.sse"))


def dialect_of(name: str) -> Dialect:
    by_prefix = {"responses": Dialect.RESPONSES, "legacy": Dialect.COMPLETIONS}
    return by_prefix.get(name.partition("_")[0], Dialect.CHAT)


def pieces_of(data: bytes, seed: int) -> list[bytes]:
    """`data` cut at random places, anew for each seed."""
    chance = random.Random(seed)
    edges = sorted({0, len(data), *(chance.randrange(len(data) + 1) for _ in range(20))})
    return [data[start:end] for start, end in pairwise(edges)]


@pytest.mark.parametrize("name", NAMES)
def test_golden_stream(server: FakeOpenAI, name: str) -> None:
    stream = (STREAMS / f"{name}.sse").read_bytes()
    expected: dict[str, Any] = json.loads((STREAMS / f"{name}.json").read_text("utf-8"))
    server.reply_bytes(pieces_of(stream, len(stream)))
    outcome = chat(server, dialect=dialect_of(name))

    assert outcome.text == expected["text"]
    assert outcome.reasoning == expected.get("reasoning", "")
    assert "".join(delta.refusal for delta in outcome.deltas) == expected.get("refusal", "")
    assert (type(outcome.error).__name__ if outcome.error else "") == expected.get("error", "")
    if outcome.error:
        assert outcome.error.server_words == expected.get("words", outcome.error.server_words)
        return
    last = outcome.deltas[-1]
    assert last.finish_reason == expected["finish_reason"]
    assert [(c.id, c.name, c.arguments) for c in last.function_calls] == [tuple(c) for c in expected.get("calls", [])]
    if "model_id" in expected:
        assert last.model_id == expected["model_id"]
    usage = last.usage
    found = [usage.input_tokens, usage.output_tokens, usage.reasoning_tokens, usage.cached_tokens] if usage else None
    assert found == expected.get("usage")


def test_there_are_streams_to_replay() -> None:
    assert len(NAMES) > 20

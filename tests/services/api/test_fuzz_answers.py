"""Whatever a server answers, in whatever pieces: it is read, or refused with words; nothing else comes out."""

from __future__ import annotations

import json
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.services.api.retry import advice_of
from tests.services.api.hostile import Asking, Hostile, answered, readers

STREAMS = Path(__file__).parents[2] / "data" / "streams"
READERS = readers()
EXAMPLES = 40
"""For each reader; enough to find what breaks often. Run more of them when a reader has changed."""

RECORDED = [path.read_bytes() for path in sorted(STREAMS.glob("*.sse"))]
WORDS = [
    "choices",
    "data",
    "delta",
    "message",
    "content",
    "text",
    "reasoning",
    "reasoning_content",
    "reasoning_details",
    "tool_calls",
    "function",
    "arguments",
    "index",
    "id",
    "name",
    "usage",
    "prompt_tokens",
    "completion_tokens_details",
    "finish_reason",
    "error",
    "code",
    "type",
    "param",
    "detail",
    "loc",
    "msg",
    "errors",
    "metadata",
    "raw",
    "output",
    "item",
    "response",
    "summary",
    "status",
    "incomplete_details",
    "reason",
    "output_index",
    "summary_index",
    "part",
    "thinking",
    "b64_json",
    "url",
    "revised_prompt",
    "partial_image_index",
    "fraction",
    "segments",
    "words",
    "word",
    "start",
    "end",
    "language",
    "duration",
    "seconds",
    "segment",
    "models",
    "meta",
    "n_ctx_train",
    "context_length",
    "shutdown_date",
    "model",
    "object",
    "refusal",
]
KINDS = [
    "thinking",
    "text",
    "output_text",
    "reasoning",
    "message",
    "function_call",
    "error",
    "response.completed",
    "response.failed",
    "response.output_text.delta",
    "response.output_text.done",
    "response.output_item.done",
    "response.reasoning_text.delta",
    "response.incomplete",
    "image_generation.partial_image",
    "image_generation.completed",
    "image_generation.progress",
    "transcript.text.delta",
    "transcript.text.done",
    "transcript.text.segment",
    "transcript.progress",
    "response",
]
NUMBERS = st.one_of(st.integers(), st.floats(), st.sampled_from([0, 1, -1, 1e308, 2**63, 10**300]))
TEXTS = st.one_of(
    st.sampled_from(
        [*KINDS, "data:image/png;base64,iVBORw0KGgo=", "http://[", "/pictures/1.png", "iVBORw0KGgo=", "-1"]
    ),
    st.sampled_from(['{"error":{"message":"no"}}', "[[[", "<think>", "</think>", "\ud83d", "\x00", "9" * 5000]),
    st.text(max_size=12),
)
LEAVES = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(WORDS), inner, max_size=5)),
    max_leaves=25,
)
ANSWERS = st.dictionaries(st.sampled_from(WORDS), VALUES, max_size=6)
STATUSES = st.sampled_from([200] * 6 + [400, 401, 402, 403, 404, 405, 413, 418, 422, 429, 500, 501, 502, 503, 520, 301])


@st.composite
def streams(draw: st.DrawFn) -> bytes:
    """An event stream of the protocol's words in the wrong places."""
    lines = []
    for value in draw(st.lists(ANSWERS, max_size=5)):
        name = draw(st.sampled_from(["", "", "event: error\n", "event: " + KINDS[-2] + "\n", "id: 1\n", ": hm\n"]))
        lines.append(f"{name}data: {json.dumps(value)}\n\n")
    return "".join(lines).encode() + draw(st.sampled_from([b"", b"data: [DONE]\n\n", b"data: [DONE"]))


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A recorded stream with pieces of it, or of another, put where they do not belong."""
    data = draw(st.sampled_from(RECORDED))
    for _ in range(draw(st.integers(1, 4))):
        at, to = sorted(draw(st.tuples(st.integers(0, len(data)), st.integers(0, len(data)))))
        other = draw(st.sampled_from(RECORDED))
        spot = draw(st.integers(0, len(other)))
        data = data[:at] + draw(st.sampled_from([b"", b"\n", b"\xff", other[spot : spot + 80]])) + data[to:]
    return data


BODIES = st.one_of(
    st.binary(max_size=300),
    streams(),
    damaged(),
    ANSWERS.map(lambda value: json.dumps(value).encode()),
    VALUES.map(lambda value: json.dumps(value).encode()),
    st.sampled_from([b"", b"\n" * 50, b"<html><title>No", b"WEBVTT\n\n", b"1\n00:00:01,000 --> 00:00:02,000\nhm\n"]),
)
TYPES = st.sampled_from(["application/json", "text/event-stream", "text/html", "", "text/plain; charset=utf-16"])
LOCATIONS = st.sampled_from(["http://[", "//", "http://h/v1/models", "\x00", "ftp://x", "http://h:99999999/", "?"])
CODINGS = st.sampled_from(["", "", "", "gzip", "deflate", "gzip, gzip", "br", "nonsense"])


@st.composite
def hostiles(draw: st.DrawFn) -> Hostile:
    body = draw(BODIES)
    edges = sorted({0, len(body), *draw(st.lists(st.integers(0, len(body)), max_size=6))})
    headers = {"Content-Type": draw(TYPES), "Location": draw(LOCATIONS), "Content-Encoding": draw(CODINGS)}
    pieces = [body[start:end] for start, end in pairwise(edges)]
    status = draw(STATUSES)
    return Hostile(pieces, status, {name: value for name, value in headers.items() if value})


@pytest.mark.parametrize("asking", READERS.values(), ids=READERS)
@settings(deadline=None, max_examples=EXAMPLES)
@given(hostile=hostiles())
def test_nothing_but_words_comes_out(asking: Asking, hostile: Hostile) -> None:
    outcome = answered(asking, hostile)
    for item in outcome.items:
        json.dumps(asdict(item), ensure_ascii=False, default=repr).encode()  # half a character could not be stored
    if outcome.error is not None:
        outcome.error.server_words.encode()


@given(st.dictionaries(st.sampled_from(["retry-after", "retry-after-ms", "x-should-retry"]), st.text(max_size=40)))
def test_any_advice_is_a_sensible_pause_or_none(headers: dict[str, Any]) -> None:
    delay_s = advice_of(headers).delay_s
    assert delay_s is None or delay_s > 0

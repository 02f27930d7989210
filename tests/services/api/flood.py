"""Measures what 20,000 small deltas cost beside the least possible; prints the ratio of processor times."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing

import httpx

from app.model.chat import TextDelta
from app.services.api.client import ApiService
from tests.fakes.openai_server import FakeOpenAI, event
from tests.services.api.asking import endpoint_of, question, run

EVENTS = 20_000
ROUNDS = 3


def long_stream() -> list[bytes]:
    """The answer as a network brings it, in pieces of 16 KB."""
    shell = {"id": "chatcmpl-x", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    deltas = [
        event({**shell, "choices": [{"index": 0, "delta": {"content": f"w{n} "}, "finish_reason": None}]})
        for n in range(EVENTS)
    ]
    end = event({**shell, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    stream = b"".join([*deltas, end, event("[DONE]")])
    return [stream[at : at + 16_384] for at in range(0, len(stream), 16_384)]


async def read_plainly(server: FakeOpenAI) -> int:
    """The least that anyone could do: httpx, a split and json."""
    count, rest = 0, b""
    async with (
        httpx.AsyncClient(trust_env=False) as client,
        client.stream("POST", f"{server.base_url}/chat/completions", json={}) as response,
    ):
        async for piece in response.aiter_bytes():
            *events, rest = (rest + piece).split(b"\n\n")
            deltas = [json.loads(each[6:])["choices"][0]["delta"] for each in events if each != b"data: [DONE]"]
            count += len([delta for delta in deltas if delta])
    return count


async def read_ours(api: ApiService, server: FakeOpenAI) -> int:
    """The words, for pieces that come together are given together."""
    async with aclosing(api.chat(endpoint_of(server), question())) as answer:
        return len("".join([item.text async for item in answer if isinstance(item, TextDelta)]).split())


async def ratio(api: ApiService, server: FakeOpenAI) -> float:
    """Our processor time for one answer, as a multiple of the least."""
    pieces = long_stream()

    async def measured(work: Callable[[], Awaitable[int]]) -> float:
        server.reply_bytes(pieces)
        started = time.thread_time()
        assert await work() == EVENTS
        return time.thread_time() - started

    await api.models(endpoint_of(server))  # the certificates are read once, not in the measured time
    ours = min([await measured(lambda: read_ours(api, server)) for _ in range(ROUNDS)])
    least = min([await measured(lambda: read_plainly(server)) for _ in range(ROUNDS)])
    return ours / least


if __name__ == "__main__":
    with FakeOpenAI() as fake:
        print(run(lambda api: ratio(api, fake)))

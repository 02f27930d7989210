"""The service as a whole: light, quiet, and not much dearer than HTTP and JSON themselves."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing

import httpx
import pytest

from app.model.providers import Endpoint
from app.services.api.client import ApiService
from tests.fakes.openai_server import FakeOpenAI, event
from tests.services.api.asking import KEY, chat, endpoint_of, question, run

EVENTS = 20_000


def long_stream() -> list[bytes]:
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
            count += len([json.loads(each[6:]) for each in events if each != b"data: [DONE]"])
    return count


def test_a_flood_of_small_deltas_costs_less_than_three_times_the_minimum(server: FakeOpenAI) -> None:
    pieces = long_stream()

    async def read_ours(api: ApiService) -> int:
        async with aclosing(api.chat(endpoint_of(server), question())) as answer:
            return len([item async for item in answer])

    async def measured(work: Callable[[], Awaitable[int]]) -> float:
        server.reply_bytes(pieces)
        started = time.thread_time()
        assert await work() == EVENTS + 1
        return time.thread_time() - started

    async def use(api: ApiService) -> float:
        await api.models(endpoint_of(server))  # the certificates are read once, not in the measured time
        ours = min([await measured(lambda: read_ours(api)) for _ in range(3)])
        least = min([await measured(lambda: read_plainly(server)) for _ in range(3)])
        return ours / least

    assert run(use) < 3


def test_no_key_and_no_prompt_reaches_the_log(server: FakeOpenAI, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        chat(server, question("a private question"))
    assert KEY not in caplog.text
    assert "private" not in caplog.text


def test_an_endpoint_does_not_show_its_secrets() -> None:
    endpoint = Endpoint("http://h/v1", KEY, extra_headers={"X": "hidden1"}, proxy_url="http://me:hidden2@p")
    assert not any(secret in repr(endpoint) for secret in (KEY, "hidden1", "hidden2"))


def test_the_address_module_is_light() -> None:
    """The providers page puts addresses in order without loading the network library."""
    code = "import sys, app.services.api.address; print('httpx' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"

"""The service as a whole: light, quiet, and not much dearer than HTTP and JSON themselves."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Callable
from contextlib import aclosing
from typing import Any

import pytest

from app.model.providers import Endpoint
from app.services.api.client import ApiService
from tests.fakes.openai_server import FakeOpenAI, event
from tests.services.api.asking import KEY, chat, endpoint_of, question


def test_small_deltas_that_come_together_are_given_together(server: FakeOpenAI) -> None:
    """What each of them costs above this reader is then paid once for many; `make bench` measures how much it is."""
    number = 2_000
    deltas = [event({"choices": [{"index": 0, "delta": {"content": f"w{n} "}}]}) for n in range(number)]
    end = event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    server.reply_bytes([b"".join([*deltas, end, event("[DONE]")])])
    outcome = chat(server)
    assert outcome.text.split() == [f"w{n}" for n in range(number)]
    assert len(outcome.items) < number / 10


def test_the_windows_loop_streams_and_stops(server: FakeOpenAI, run_async: Callable[[Any], Any]) -> None:
    """The same service on Qt's loop: pieces arrive, and closing the generator hangs up."""
    server.answer("one two three", hold_after=2)

    async def use() -> str:
        api, words = ApiService(), ""
        async with aclosing(api.chat(endpoint_of(server), question())) as answer:
            async for item in answer:
                words += getattr(item, "text", "")
                if words == "one two ":
                    break
        await api.aclose()
        return words

    assert run_async(use()) == "one two "
    server.wait_for_departures()


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

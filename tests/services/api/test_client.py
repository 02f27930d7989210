"""The service as a whole: light, quiet, and not much dearer than HTTP and JSON themselves."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from app.model.providers import Endpoint
from app.services.api.client import ApiService
from tests.fakes.openai_server import FakeOpenAI
from tests.services.api.asking import KEY, chat, endpoint_of, question

ROOT = Path(__file__).parents[3]
MOST_COSTLY = 3.0
"""How many times the processor time of httpx and json alone a flood of small deltas may take."""


def test_a_flood_of_small_deltas_is_cheap() -> None:
    """Measured in a process of its own, where nothing traces every line."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.services.api.flood"], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert float(done.stdout) < MOST_COSTLY


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

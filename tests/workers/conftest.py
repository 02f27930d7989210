"""The fake server and the stories of a chat, for the tests of workers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from app.paths import Paths
from tests.fakes.openai_server import FakeOpenAI
from tests.workers.chatting import Tell, told


@pytest.fixture
def server() -> Iterator[FakeOpenAI]:
    """A running fake server that takes any key."""
    with FakeOpenAI() as running:
        yield running


@pytest.fixture
def tell(paths: Paths, server: FakeOpenAI) -> Tell:
    """Tell a story about a chat in the test's profile."""
    return lambda story: asyncio.run(told(story, paths, server))

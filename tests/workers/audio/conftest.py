"""A whole AudioWorker over the test's profile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager

import pytest

from app.paths import Paths
from tests.fakes.audio import FakeSoundLibrary
from tests.fakes.audio_desk import Desk, audio_desk
from tests.fakes.openai_server import FakeOpenAI

type OpenDesk = Callable[[], AbstractAsyncContextManager[Desk]]


@pytest.fixture
def library() -> FakeSoundLibrary:
    return FakeSoundLibrary()


@pytest.fixture
def server() -> Iterator[FakeOpenAI]:
    with FakeOpenAI() as running:
        yield running


@pytest.fixture
def desk(paths: Paths, library: FakeSoundLibrary, server: FakeOpenAI) -> OpenDesk:
    """Opens the worker; opening it again is the next start of the program."""
    return lambda: audio_desk(paths, library, server)

"""The fake server that the tests of the API service share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes.openai_server import FakeOpenAI


@pytest.fixture
def server() -> Iterator[FakeOpenAI]:
    """A running fake server that takes any key."""
    with FakeOpenAI() as running:
        yield running

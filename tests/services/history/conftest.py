"""A history in a fresh profile, for stories told as coroutines."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from app.paths import Paths
from app.services.history.store import History

type Story = Callable[[History], Awaitable[Any]]
type Within = Callable[[Story], Any]


@pytest.fixture
def within(paths: Paths) -> Within:
    """Open the history of the test's profile, run the story, close; the next call opens the same one again."""

    def run(story: Story) -> Any:
        return asyncio.run(_tell(History.open(paths), story))

    return run


async def _tell(opening: Awaitable[History], story: Story) -> Any:
    history = await opening
    try:
        return await story(history)
    finally:
        await history.aclose()


def in_memory(paths: Paths, story: Story) -> Any:
    """As `within`, with a history that is gone afterwards: fast enough for property tests."""
    return asyncio.run(_tell(History.open_temporary(paths), story))

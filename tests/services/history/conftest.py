"""A history in a fresh profile, for stories told as coroutines."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import textwrap
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from app.paths import Paths
from app.services.history.store import History

type Story = Callable[[History], Awaitable[Any]]
type Within = Callable[[Story], Any]

ROOT = Path(__file__).parents[3]

needs_size_limit = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows cannot limit the size of a process's files; run this on Linux or macOS"
)
"""For tests in which a process may write no file beyond a size, as on a full disk."""


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


def start_python(program: str, *arguments: str) -> subprocess.Popen[str]:
    """Another process of ours, whose lines can be read."""
    command = [sys.executable, "-c", textwrap.dedent(program), *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def run_python(program: str, *arguments: str) -> str:
    """What such a process prints, when it ends well."""
    with start_python(program, *arguments) as process:
        told, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    return told

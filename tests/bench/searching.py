"""Searching many messages, half of them English and half Chinese, for all that people type."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from statistics import median

from app.paths import Paths
from app.services.history.opening import open_database
from app.services.history.store import History
from tests.bench.figure import Figure
from tests.bench.texts import LETTERS, Language

MESSAGES = 100_000
MESSAGES_EACH = 50
_CODE_EVERY = 40
"""So rare, and only in the older half, is a message with signs: to find it much has to be looked at."""


def measure() -> dict[str, Figure]:
    """The slowest kind of query counts."""
    times = asyncio.run(_ask(Paths.under(library(MESSAGES))))
    raw = {kind: percentile_95(found) for kind, found in times.items()}
    return {"search_100k_p95_ms": Figure(max(raw.values()), 50.0, raw=raw)}


def median_ms(folder: Path) -> float:
    """Of all kinds of queries together, in the library of `folder`."""
    times = asyncio.run(_ask(Paths.under(folder)))
    return median(took for found in times.values() for took in found)


def percentile_95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]


@cache
def _libraries() -> tempfile.TemporaryDirectory[str]:
    """Kept until the bench ends: several parts search and start with them."""
    return tempfile.TemporaryDirectory(prefix="triptych-bench-")


@cache
def library(messages: int) -> Path:
    """A profile with so many messages."""
    folder = Path(_libraries().name) / str(messages)
    paths = Paths.under(folder)
    paths.ensure()
    with closing(open_database(paths.database_file, [])) as connection:
        _fill(connection, Language(), messages)
    return folder


def _fill(connection: sqlite3.Connection, language: Language, count: int) -> None:
    def messages() -> Iterator[tuple[int, str, int]]:
        for number in range(count):
            text = language.english(80) if number % 2 else language.chinese(150)
            if number < count // 2 and not number % _CODE_EVERY:
                text += f"\n{language.code()}"
            yield number // MESSAGES_EACH + 1, text, number

    connection.execute("BEGIN")
    connection.executemany(
        "INSERT INTO conversations (title, created_at, updated_at) VALUES (?, 0, ?)",
        [(language.english(6), number) for number in range(-(-count // MESSAGES_EACH))],
    )
    connection.executemany(
        "INSERT INTO messages (conversation_id, role, text, state, created_at, last_use)"
        " VALUES (?, 'user', ?, 'complete', 0, ?)",
        messages(),
    )
    connection.execute("COMMIT")


def _queries() -> dict[str, list[str]]:
    language, some = Language(), range(50)
    return {
        "an English word": [language.english(1) for _ in some],
        "two English words": [language.english(2) for _ in some],
        "one letter": list(LETTERS),
        "the beginning of a word": [language.english(1)[:3] for _ in some],
        "one Chinese character": [language.chinese(1) for _ in some],
        "two Chinese characters": [language.chinese(2) for _ in some],
        "four Chinese characters": [language.chinese(4) for _ in some],
        "nothing that is there": ["zzzzzzzzzzzz", "龘龘"],
        "symbols": ["++", "😀", "->", "==", ");", "[", "= [", "c++", "if a=="],
    }


async def _ask(paths: Paths) -> dict[str, list[float]]:
    """Milliseconds of every query, by its kind."""
    history = await History.open(paths)
    found: dict[str, list[float]] = {}
    try:
        for kind, queries in _queries().items():
            for query in queries:
                started = time.perf_counter()
                await history.search.find(query)
                found.setdefault(kind, []).append((time.perf_counter() - started) * 1000)
    finally:
        await history.aclose()
    return found

"""How fast search is with 100,000 messages, half English and half Chinese; prints, asserts nothing.

Run it with `python -m tests.services.history.measure_search`.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from app.paths import Paths
from app.services.history.opening import open_database
from app.services.history.store import History

CONVERSATIONS = 2_000
MESSAGES_EACH = 50
LETTERS = "etaoinshrdlucmfwypvbgkjqxz"


class Language:
    """Words as frequent as in real texts: the n-th most frequent one n times rarer than the first."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self.latin = ["".join(chance.choices(LETTERS, k=chance.randint(2, 10))) for _ in range(30_000)]
        self.han = [chr(0x4E00 + number) for number in chance.sample(range(6_000), 3_500)]
        self._latin_weights = [1 / rank for rank in range(1, len(self.latin) + 1)]
        self._han_weights = [1 / (rank + 5) for rank in range(len(self.han))]

    def english(self, words: int) -> str:
        return " ".join(self._chance.choices(self.latin, self._latin_weights, k=words))

    def chinese(self, characters: int) -> str:
        return "".join(self._chance.choices(self.han, self._han_weights, k=characters))

    def queries(self) -> dict[str, list[str]]:
        some = range(50)
        return {
            "an English word": [self.english(1) for _ in some],
            "two English words": [self.english(2) for _ in some],
            "one letter": list(LETTERS),
            "the beginning of a word": [self.english(1)[:3] for _ in some],
            "one Chinese character": [self.chinese(1) for _ in some],
            "two Chinese characters": [self.chinese(2) for _ in some],
            "four Chinese characters": [self.chinese(4) for _ in some],
            "nothing that is there": ["zzzzzzzzzzzz", "龘龘"],
            "symbols": ["++", "😀", "->"],
        }


def _fill(connection: sqlite3.Connection, language: Language) -> None:
    def messages() -> Iterator[tuple[int, str, int]]:
        for number in range(CONVERSATIONS * MESSAGES_EACH):
            text = language.english(80) if number % 2 else language.chinese(150)
            yield number // MESSAGES_EACH + 1, text, number

    connection.execute("BEGIN")
    connection.executemany(
        "INSERT INTO conversations (title, created_at, updated_at) VALUES (?, 0, ?)",
        [(language.english(6), number) for number in range(CONVERSATIONS)],
    )
    connection.executemany(
        "INSERT INTO messages (conversation_id, role, text, state, created_at, last_use)"
        " VALUES (?, 'user', ?, 'complete', 0, ?)",
        messages(),
    )
    connection.execute("COMMIT")


async def _measure(paths: Paths, language: Language) -> None:
    started = time.perf_counter()
    history = await History.open(paths)
    print(f"open: {(time.perf_counter() - started) * 1000:.1f} ms")
    for name, queries in language.queries().items():
        times = []
        for query in queries:
            started = time.perf_counter()
            await history.search.find(query)
            times.append((time.perf_counter() - started) * 1000)
        percentile = sorted(times)[int(len(times) * 0.95)]
        print(f"{name}: median {statistics.median(times):.1f} ms, 95th percentile {percentile:.1f} ms")
    await history.aclose()


def main() -> None:
    language = Language(random.Random(1))
    with tempfile.TemporaryDirectory() as folder:
        paths = Paths.under(Path(folder))
        with closing(open_database(paths.database_file, [])) as connection:
            _fill(connection, language)
        print(f"size: {paths.database_file.stat().st_size / 1e6:.0f} MB")
        asyncio.run(_measure(paths, language))


if __name__ == "__main__":
    main()

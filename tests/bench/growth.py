"""Curves: what one unit costs when conversations, databases and answers grow, the largest against the smallest."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path
from statistics import median

from app.model.chat import Draft
from app.model.providers import ModelReference
from app.paths import Paths
from app.services.history.store import History
from tests.bench import chat_program, searching, startup, token_server
from tests.bench.figure import Figure
from tests.bench.profile import make_profile

CONVERSATIONS = (10, 100, 1_000, 10_000)
DATABASES = (1_000, 10_000, 100_000)
ANSWERS = (1_000, 5_000, 10_000, 50_000)
TOKENS_PER_SECOND = 2_500
OPEN_ROUNDS, APPEND_ROUNDS, START_ROUNDS = 7, 40, 5
MOST = 1.5


def measure() -> dict[str, Figure]:
    """The unit is a message for opening and searching, and one message, one token, one start for the others."""
    with tempfile.TemporaryDirectory() as folder, token_server.running() as url:
        ids = make_profile(Path(folder), CONVERSATIONS, url)
        opened = chat_program.measured("opening", Path(folder), conversations=ids, rounds=OPEN_ROUNDS)
        appended = _appended(Path(folder), ids)
        model = token_server.model(max(ANSWERS), TOKENS_PER_SECOND)
        streamed = chat_program.measured("growing", Path(folder), model=model, sizes=ANSWERS)
    open_ms = {size: min(opened[str(number)]) for size, number in zip(CONVERSATIONS, ids, strict=True)}
    search_ms = {size: searching.median_ms(searching.library(size)) for size in DATABASES}
    return {
        "growth_open_ratio": _figure({size: took / size for size, took in open_ms.items()}),
        "growth_append_ratio": _figure(appended),
        "growth_stream_ratio": _figure({int(size): took for size, took in streamed.items()}),
        "growth_search_ratio": _figure({size: took / size for size, took in search_ms.items()}),
        "growth_start_ratio": _figure({n: startup.ready_s(searching.library(n), START_ROUNDS) for n in DATABASES}),
    }


def _appended(folder: Path, ids: list[int]) -> dict[int, float]:
    """Milliseconds to store a question and its answer, and to show one more message."""
    stored = asyncio.run(_stored(Paths.under(folder), ids))
    found = {}
    for size, number in zip(CONVERSATIONS, ids, strict=True):
        shown = chat_program.measured("appending", folder, conversation=number, count=APPEND_ROUNDS)
        found[size] = shown["ms"] + stored[number]
    return found


async def _stored(paths: Paths, ids: list[int]) -> dict[int, float]:
    """In turn, so that every conversation meets the same disk."""
    history = await History.open(paths)
    model, times = ModelReference("loopback", "gpt-4o"), {number: list[float]() for number in ids}
    try:
        for _round in range(APPEND_ROUNDS):
            for number in ids:
                started = time.perf_counter()
                _, answer = await history.messages.add_turn(number, Draft("Go on."), model)
                await history.messages.finish(answer)
                times[number].append((time.perf_counter() - started) * 1000)
    finally:
        await history.aclose()
    return {number: median(found) for number, found in times.items()}


def _figure(curve: dict[int, float]) -> Figure:
    sizes = sorted(curve)
    return Figure(curve[sizes[-1]] / curve[sizes[0]], MOST, raw={str(size): curve[size] for size in sizes})

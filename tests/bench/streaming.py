"""An answer that arrives: what it costs, how smooth the window stays, how soon the first word is on the screen."""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import median

from tests.bench import chat_program, least, token_server
from tests.bench.figure import Figure
from tests.bench.profile import make_profile

FLOOD_TOKENS = 20_000
FLOOD_ROUNDS = 7
PACE_PER_SECOND = 500
PACE_TOKENS = 4_000
PACE_ROUNDS = 3
LONG_CONVERSATION = 2_000
FIRST_TOKENS = 20
FIRST_ROUNDS = 3


def measure_flood() -> dict[str, Figure]:
    """Processor time of the whole program for an answer sent as fast as the line takes, against reading it alone.

    The quickest of the rounds counts: on a busy machine the answer takes longer and is drawn more often meanwhile.
    """
    model = token_server.model(FLOOD_TOKENS)
    ours, alone = [], []
    with tempfile.TemporaryDirectory() as folder, token_server.running() as url:
        make_profile(Path(folder), [20], url)
        for _round in range(FLOOD_ROUNDS):
            ours.append(chat_program.measured("flood", Path(folder), model=model)["cpu_s"])
            alone.append(least.measured(url, model)["cpu_s"])
    raw = {"program_s": min(ours), "alone_s": min(alone), "median_s": median(ours), "alone_median_s": median(alone)}
    return {"stream_cpu_ratio": Figure(raw["program_s"] / raw["alone_s"], 3.0, raw=raw)}


def measure_pace() -> dict[str, Figure]:
    """A steady stream into a long conversation; the round counts in which the idle timer was disturbed least.

    Frames are counted in processor time: drawing waits for nothing, and on a busy machine the clock would count what
    other programs do meanwhile.
    """
    model = token_server.model(PACE_TOKENS, PACE_PER_SECOND)
    with tempfile.TemporaryDirectory() as folder, token_server.running() as url:
        (conversation,) = make_profile(Path(folder), [LONG_CONVERSATION], url)
        rounds = [
            chat_program.measured("pace", Path(folder), model=model, conversation=conversation)
            for _round in range(PACE_ROUNDS)
        ]
    found = min(rounds, key=lambda one: float(one["idle_tick_p99_ms"]))
    frames = {name: value for name, value in found.items() if name.startswith("frame")}
    ticks = {name: found[name] for name in ("idle_tick_p99_ms", "tick_p99_ms", "idle_longest_ms", "longest_ms")}
    return {
        "stream_cpu_share": Figure(median(one["cpu_share"] for one in rounds), 0.3, raw=frames),
        "frame_p99_ms": Figure(found["frame_p99_ms"], 17.0, raw=frames),
        "tick_p99_ratio": Figure(found["tick_p99_ms"] / found["idle_tick_p99_ms"], 1.5, raw=ticks),
        "longest_stall_ms": Figure(found["longest_ms"], 60.0, raw=ticks),
    }


def measure_first_token() -> dict[str, Figure]:
    """From the first byte on the wire to the painted word, less what httpx alone needs to read it."""
    ours, alone = list[float](), list[float]()
    with tempfile.TemporaryDirectory() as folder, token_server.running() as url:
        make_profile(Path(folder), [20], url)
        for _round in range(FIRST_ROUNDS):
            found = chat_program.measured("first_token", Path(folder), model=token_server.STAMPS, times=FIRST_TOKENS)
            ours += found["ms"]
            alone.append(least.measured(url, token_server.STAMPS)["first_ms"])
    raw = {"painted_ms": median(ours), "read_ms": median(alone), "painted_slowest_ms": max(ours)}
    return {"ttft_overhead_ms": Figure(raw["painted_ms"] - raw["read_ms"], 25.0, raw=raw)}

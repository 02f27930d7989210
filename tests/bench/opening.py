"""Opening a conversation: how much longer a long one takes than a short one, and what its transcript weighs."""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import median

from tests.bench.chat_program import measured
from tests.bench.figure import Figure
from tests.bench.profile import make_profile

SHORT, LONG, LONGEST = 20, 2_000, 10_000
ROUNDS = 15


def measure() -> dict[str, Figure]:
    """Until its end is on the screen and can be used; earlier messages are put above it afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        ids = make_profile(Path(folder), [SHORT, LONG])
        found = measured("opening", Path(folder), conversations=ids, rounds=ROUNDS)
    short_ms, long_ms = (found[str(conversation)] for conversation in ids)
    raw = {"short_ms": median(short_ms), "long_ms": median(long_ms), "short_quickest_ms": min(short_ms)}
    raw |= {"long_quickest_ms": min(long_ms), "long_whole_ms": median(found[f"{ids[1]} whole"])}
    return {"open_ratio": Figure(raw["long_ms"] / raw["short_ms"], 1.5, raw=raw)}


def measure_memory() -> dict[str, Figure]:
    with tempfile.TemporaryDirectory() as folder:
        _, longest = make_profile(Path(folder), [SHORT, LONGEST])
        found = measured("memory", Path(folder), conversation=longest)
    return {"transcript_memory_mb": Figure(max(found["opened_mb"], found["read_mb"]), 150.0, raw=found)}

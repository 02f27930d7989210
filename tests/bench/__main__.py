"""`make bench`: measures the program against baselines of the same run and writes build/bench.json."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

from tests.bench import engine, growth, installed, opening, searching, startup, streaming
from tests.bench.figure import Figure
from tests.conftest import ROOT

PARTS: dict[str, Callable[[], dict[str, Figure]]] = {
    "startup": startup.measure,
    "idle": startup.measure_idle,
    "installed": installed.measure,
    "flood": streaming.measure_flood,
    "pace": streaming.measure_pace,
    "first_token": streaming.measure_first_token,
    "opening": opening.measure,
    "memory": opening.measure_memory,
    "searching": searching.measure,
    "engine": engine.measure_ready,
    "transcribing": engine.measure_transcribing,
    "growth": growth.measure,
}


def main(only: list[str]) -> int:
    """Measure the parts named (all without a name); 2 for a part that does not exist."""
    unknown = [name for name in only if name not in PARTS]
    if unknown:
        print(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    file = ROOT / "build" / "bench.json"
    file.parent.mkdir(exist_ok=True)
    figures: dict[str, dict[str, object]] = json.loads(file.read_text("utf-8")) if only and file.exists() else {}
    for name in only or PARTS:
        for title, figure in PARTS[name]().items():
            figures[title] = figure.as_json()
            verdict = "meets" if figure.is_met else "MISSES"
            print(f"{title:24} {figure.value:8.3f}   {verdict} {figure.better} {figure.target:g}   {figure.raw}")
    file.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

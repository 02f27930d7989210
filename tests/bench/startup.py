"""Start and idle memory: from the start of the process to a painted, usable window, against a bare QMainWindow."""

from __future__ import annotations

import os
import select
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from tests.bench.figure import Figure
from tests.conftest import ROOT

ROUNDS = 9
SETTLE_S = 4.0
"""Models are listed and heavy modules imported in the background after the start; memory is read after that."""
PATIENCE_S = 30.0


def measure() -> dict[str, Figure]:
    """Rounds of both alternate, so that a busy moment of the machine meets both."""
    environment = _environment()
    with tempfile.TemporaryDirectory() as folder:
        profile = Path(folder)
        program = [sys.executable, "-m", "app", "--data-dir", str(profile)]
        bare = [sys.executable, "-m", "tests.bench.bare_window"]
        starts: dict[str, list[float]] = {"program": [], "bare": []}
        memory: dict[str, list[float]] = {"program": [], "bare": []}
        for number in range(ROUNDS + 1):
            settle = SETTLE_S if number in (1, 2, 3) else 0.0
            for name, command in (("bare", bare), ("program", program)):
                seconds, megabytes = _run(command, environment, settle)
                if number:  # the first round compiles bytecode and fills the page cache
                    starts[name].append(seconds)
                if settle:
                    memory[name].append(megabytes)
    return {
        "startup_ratio": _ratio(starts, 2.0, "s", statistics.median),
        "idle_memory_ratio": _ratio(memory, 2.5, "mb", statistics.median),
    }


def _ratio(values: dict[str, list[float]], target: float, unit: str, typical: Callable[[list[float]], float]) -> Figure:
    program, bare = typical(values["program"]), typical(values["bare"])
    return Figure(program / bare, target, raw={f"program_{unit}": program, f"bare_{unit}": bare})


def _environment() -> dict[str, str]:
    """Bytecode is kept, as an installation does; nothing of the user's proxies or keys."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI_", "PYTHONDONTWRITE"))}
    return kept | {
        "PYTHONPYCACHEPREFIX": str(ROOT / "build" / "pycache"),
        "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen"),
        "TRIPTYCH_ANNOUNCE_PAINT": "1",
    }


def _run(command: list[str], environment: dict[str, str], settle_s: float) -> tuple[float, float]:
    """Seconds until the first line on stdout (the time of the first paint), and PSS in MB after `settle_s`."""
    started = time.time()
    process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        ready, _, _ = select.select([process.stdout], [], [], PATIENCE_S)
        if not ready:
            raise TimeoutError(f"no window after {PATIENCE_S:.0f} s: {command}")
        painted = float(process.stdout.readline())
        time.sleep(settle_s)
        return painted - started, _pss_mb(process.pid) if settle_s else 0.0
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def _pss_mb(process_id: int) -> float:
    parent = psutil.Process(process_id)
    processes = [parent, *parent.children(recursive=True)]
    total: int = sum(process.memory_full_info().pss for process in processes)
    return total / 1e6

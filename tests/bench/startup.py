"""Start and idle memory: from the start of the process to a painted, usable window, against a bare QMainWindow."""

from __future__ import annotations

import os
import select
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.bench.environment import as_installed
from tests.bench.figure import Figure
from tests.conftest import ROOT

ROUNDS = 15
SETTLED_ROUNDS = (1, 2, 3)
SETTLE_S = 4.0
"""Models are listed and heavy modules imported in the background after the start; memory is read after that."""
PATIENCE_S = 30.0
IDLE_SETTLE_S, IDLE_S = 8.0, 20.0


@dataclass
class Runs:
    """What was measured of one program, run by run."""

    command: list[str]
    announcements: int
    """How many times it prints: the first is the moment of the paint, the last the moment when all can be used."""
    painted_s: list[float] = field(default_factory=list)
    ready_s: list[float] = field(default_factory=list)
    memory_mb: list[float] = field(default_factory=list)


def measure() -> dict[str, Figure]:
    """Rounds of both alternate, and the quickest of each counts: it is the one that the machine disturbed least."""
    with tempfile.TemporaryDirectory() as folder:
        environment = as_installed(
            TRIPTYCH_ANNOUNCE_START="1", TRIPTYCH_DATA_DIR=folder
        )  # no argument, as an icon does
        program = Runs([sys.executable, "-m", "app"], announcements=2)
        bare = Runs([sys.executable, "-m", "tests.bench.bare_window"], announcements=1)
        for number in range(ROUNDS + 1):
            for runs in (bare, program):
                run_once(runs, environment, SETTLE_S if number in SETTLED_ROUNDS else 0.0)
                if not number:  # it compiled bytecode and filled the page cache
                    runs.painted_s.clear()
                    runs.ready_s.clear()
    starts = {
        "program_s": min(program.painted_s),
        "bare_s": min(bare.painted_s),
        "program_median_s": statistics.median(program.painted_s),
        "bare_median_s": statistics.median(bare.painted_s),
        "program_all_ready_s": min(program.ready_s),
    }
    memory = {"program_mb": statistics.median(program.memory_mb), "bare_mb": statistics.median(bare.memory_mb)}
    return {
        "startup_ratio": Figure(starts["program_s"] / starts["bare_s"], 2.0, raw=starts),
        "idle_memory_ratio": Figure(memory["program_mb"] / memory["bare_mb"], 2.5, raw=memory),
    }


def ready_s(profile: Path, rounds: int) -> float:
    """From the start of the process until everything in this profile can be used; the quickest of the rounds."""
    program = Runs([sys.executable, "-m", "app", "--data-dir", str(profile)], announcements=2)
    for _round in range(rounds + 1):
        run_once(program, as_installed(TRIPTYCH_ANNOUNCE_START="1"), 0.0)
    return min(program.ready_s[1:])


def measure_idle() -> dict[str, Figure]:
    """The share of a core that a window with nothing to do takes."""
    environment = as_installed(TRIPTYCH_ANNOUNCE_START="1")
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "app", "--data-dir", folder]
        process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE)
        try:
            for _announcement in range(2):
                _announced(process)
            time.sleep(IDLE_SETTLE_S)
            before, started = _cpu_s(process.pid), time.monotonic()
            time.sleep(IDLE_S)
            share = (_cpu_s(process.pid) - before) / (time.monotonic() - started)
        finally:
            process.terminate()
            process.wait(PATIENCE_S)
    return {"idle_cpu_share": Figure(share, 0.005, raw={"seconds": IDLE_S})}


def run_once(runs: Runs, environment: dict[str, str], settle_s: float) -> None:
    """Start it once, note when it was painted and ready, and the PSS after `settle_s` if that is not 0."""
    started = time.time()
    process = subprocess.Popen(runs.command, env=environment, cwd=ROOT, stdout=subprocess.PIPE)
    try:
        moments = [_announced(process) - started for _ in range(runs.announcements)]
        runs.painted_s.append(moments[0])
        runs.ready_s.append(moments[-1])
        if settle_s:
            time.sleep(settle_s)
            runs.memory_mb.append(_pss_mb(process.pid))
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def _announced(process: subprocess.Popen[bytes]) -> float:
    """The time that `process` prints next."""
    assert process.stdout is not None
    line = b""
    while not line.endswith(b"\n"):
        ready, _, _ = select.select([process.stdout], [], [], PATIENCE_S)
        piece = os.read(process.stdout.fileno(), 1) if ready else b""
        if not piece:
            raise TimeoutError(f"no window after {PATIENCE_S:.0f} s: {process.args!r}")
        line += piece
    return float(line)


def _pss_mb(process_id: int) -> float:
    parent = psutil.Process(process_id)
    processes = [parent, *parent.children(recursive=True)]
    total: int = sum(process.memory_full_info().pss for process in processes)
    return total / 1e6


def _cpu_s(process_id: int) -> float:
    parent = psutil.Process(process_id)
    times = [process.cpu_times() for process in (parent, *parent.children(recursive=True))]
    return sum(float(one.user + one.system) for one in times)

"""Start of the installed program until its window is painted, against a bare window packed likewise; on Linux."""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
from pathlib import Path

from tests.bench.environment import as_installed
from tests.bench.figure import Figure
from tests.bench.startup import Runs, run_once
from tests.conftest import ROOT

ROUNDS, COLD_ROUNDS = 15, 5
PROGRAM = ROOT / "build" / "package" / "dist" / "triptych"
BARE = ROOT / "build" / "bench" / "dist" / "bare_window"
SPEC = ROOT / "tests" / "bench" / "bare_window.spec"
PYTHON = ".venv-package/bin/python"
MOST_KEPT = 0.1
"""The share of files that another process may hold in memory."""
PACKED = ("app", "resources", "packaging")


def measure() -> dict[str, Figure]:
    """Warm as `startup.measure`; then cold: the files of the program are evicted from the page cache before each start.

    The system's own libraries stay in the cache.
    """
    _build()
    warm = _painted_s(ROUNDS + 1, is_cold=False)
    cold = {name: statistics.median(times) for name, times in _painted_s(COLD_ROUNDS, is_cold=True).items()}
    raw = {name: min(times[1:]) for name, times in warm.items()}  # the first one filled the page cache
    raw |= {f"median_{name}": statistics.median(times[1:]) for name, times in warm.items()}
    return {
        "installed_start_ratio": Figure(raw["program_s"] / raw["bare_s"], 2.5, raw=raw),
        "installed_cold_ratio": Figure(cold["program_s"] / cold["bare_s"], 2.5, raw=cold),
    }


def _painted_s(rounds: int, *, is_cold: bool) -> dict[str, list[float]]:
    with tempfile.TemporaryDirectory() as folder:
        environment = as_installed(TRIPTYCH_ANNOUNCE_START="1", TRIPTYCH_DATA_DIR=folder)
        program = Runs([str(PROGRAM / "triptych")], announcements=2)
        bare = Runs([str(BARE / "bare_window")], announcements=1)
        for _round in range(rounds):
            for runs in (bare, program):
                if is_cold:
                    _evict(Path(runs.command[0]).parent)
                run_once(runs, environment, 0.0)
    return {"program_s": program.painted_s, "bare_s": bare.painted_s}


def _build() -> None:
    """What is missing or older than what it is made of; minutes, the first time."""
    if not _is_newer(PROGRAM / "triptych", *(ROOT / name for name in PACKED)):
        _run("packaging/bootstrap.sh", "package")
        _run(PYTHON, "packaging/package.py", "bundle")
    if not _is_newer(BARE / "bare_window", SPEC, SPEC.with_suffix(".py"), ROOT / "packaging" / "bundle.py"):
        _run("packaging/bootstrap.sh", "package")
        places = ["--distpath", str(BARE.parent), "--workpath", str(BARE.parents[1] / "work")]
        _run(PYTHON, "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level", "ERROR", *places, str(SPEC))


def _is_newer(made: Path, *sources: Path) -> bool:
    files = [file for source in sources for file in ([source] if source.is_file() else source.rglob("*"))]
    read = [file for file in files if file.is_file() and file.parent.name != "__pycache__"]
    return made.exists() and all(file.stat().st_mtime <= made.stat().st_mtime for file in read)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0"})


def _evict(folder: Path) -> None:
    """Make the system forget the contents of all files below the folder.

    Raises:
        OSError: most are still in memory, as on a disk that is memory.
    """
    kept = []
    for file in folder.rglob("*"):
        if file.is_file() and not file.is_symlink():
            descriptor = os.open(file, os.O_RDONLY)
            try:
                os.fsync(descriptor)  # what is not on the disk yet cannot be forgotten
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
                kept.append(_is_cached(descriptor))
            finally:
                os.close(descriptor)
    if sum(kept) > len(kept) * MOST_KEPT:
        raise OSError(
            f"{sum(kept)} of {len(kept)} files below {folder} stay in the page cache: no cold start to measure"
        )


def _is_cached(descriptor: int) -> bool:
    """Whether the beginning of the file can be read without waiting for the disk."""
    try:
        return os.preadv(descriptor, [bytearray(1)], 0, os.RWF_NOWAIT) > 0
    except BlockingIOError:
        return False

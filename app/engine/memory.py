"""How much memory is free, where the system tells; never a reason to fail by itself."""

from __future__ import annotations

import os
import re
from pathlib import Path

MEMINFO = Path("/proc/meminfo")
OWN_PAGES = Path("/proc/self/statm")


def available_bytes(meminfo: Path = MEMINFO) -> int | None:
    """What this process can take without swapping (Linux), or until its own limit; None where nobody says."""
    told = [room for room in (_free_bytes(meminfo), _bytes_to_the_limit()) if room is not None]
    return min(told, default=None)


def _free_bytes(meminfo: Path) -> int | None:
    try:
        found = re.search(r"^MemAvailable:\s+(\d+) kB", meminfo.read_text("ascii"), re.MULTILINE)
    except OSError:
        return None
    return int(found.group(1)) * 1024 if found else None


def _bytes_to_the_limit() -> int | None:
    """How much the process may still grow, where it was given a limit (`ulimit -v`)."""
    try:
        import resource

        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
        used = int(OWN_PAGES.read_text("ascii").split()[0]) * os.sysconf("SC_PAGESIZE")
    except (ImportError, OSError):  # Windows, macOS
        return None
    return None if limit == resource.RLIM_INFINITY else max(0, limit - used)

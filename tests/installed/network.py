"""Servers of a test in the network of a bare machine, which reaches nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def in_network(process: int) -> Iterator[None]:
    """What this thread opens meanwhile is in the network of `process`, and stays there."""
    with Path("/proc/thread-self/ns/net").open("rb") as own, Path(f"/proc/{process}/ns/net").open("rb") as other:
        os.setns(other.fileno(), os.CLONE_NEWNET)
        try:
            yield
        finally:
            os.setns(own.fileno(), os.CLONE_NEWNET)

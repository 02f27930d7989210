"""Watch: looks now and then whether a running engine is alive in more than name; what follows is not decided here."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from app.model.providers import Endpoint
from app.services.engine.question import QUESTION_S, question


@dataclass(frozen=True, slots=True)
class EngineTiming:
    """How long is waited for what; a child that neither answers nor computes for `hung_after_s` is hung.

    Where the system does not tell what a process uses, silence has to last `silent_after_s`: loading a large model from
    a slow disk may keep the child from answering.
    """

    ready_within_s: float = 30.0
    look_every_s: float = 5.0
    hung_after_s: float = 20.0
    silent_after_s: float = 150.0
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


class Watch:
    """Over one child, in a thread of its own; `on_hung` is called there, once, with the seconds of silence."""

    def __init__(self, process_id: int, endpoint: Endpoint, timing: EngineTiming) -> None:
        self._process_id = process_id
        self._endpoint = endpoint
        self._timing = timing
        self._ended = threading.Event()

    def start(self, on_hung: Callable[[float], object]) -> None:
        threading.Thread(target=self._run, args=(on_hung,), name="engine-watch", daemon=True).start()

    def end(self) -> None:
        """Look no more; does not wait."""
        self._ended.set()

    def _run(self, on_hung: Callable[[float], object]) -> None:
        clock = self._timing.clock
        seen_at, used = clock(), _usage(self._process_id)
        patience_s = self._timing.silent_after_s if used is None else self._timing.hung_after_s
        while not self._ended.wait(self._timing.look_every_s):
            before, used = used, _usage(self._process_id)
            if used != before or question(self._endpoint, "GET", "/models", min(patience_s, QUESTION_S)):
                seen_at = clock()
            elif clock() - seen_at >= patience_s and not self._ended.is_set():
                on_hung(clock() - seen_at)
                return


def _usage(process_id: int) -> tuple[str, ...] | None:
    """What a process has used so far: pages read from its files, time in user mode and in the kernel.

    None where the system does not tell (https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html).
    """
    try:
        status = Path(f"/proc/{process_id}/stat").read_text("utf-8", "replace")
    except OSError:
        return None
    fields = status.rpartition(")")[2].split()  # the name in brackets may hold anything
    return fields[9], fields[11], fields[12]

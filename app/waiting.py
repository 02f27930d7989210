"""Ways of waiting that keep their promise when the one who waits is cancelled; no work outlives its waiting."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any


async def undisturbed[T](work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`; a cancellation that comes meanwhile is passed on once the work is done.

    Stop and then closing the program cancel a task twice; without this the second would cut the saving off.
    """
    running = asyncio.gather(work)
    await _end_of(running)
    return running.result()[0]


async def in_thread[T](work: Callable[[threading.Event], T]) -> T:
    """The result of `work`, done in a thread; its event is set when nobody waits any more, and then it ends early."""
    cancelled = threading.Event()
    running = asyncio.get_running_loop().run_in_executor(None, work, cancelled)
    try:
        return await asyncio.shield(running)
    finally:
        cancelled.set()
        await _end_of(running)


@asynccontextmanager
async def beside[T](work: Coroutine[Any, Any, T]) -> AsyncGenerator[asyncio.Future[tuple[T]]]:
    """Let `work` run beside the block, cancelled and waited for at its end.

    Unlike a task group it may surround the `yield` of an async generator.
    """
    running = asyncio.gather(work)
    try:
        yield running
    finally:
        running.cancel()
        await _end_of(running)


class Paced:
    """Does `work` a moment after it was asked for: at most every `every_s` seconds, and never later than that."""

    def __init__(self, work: Callable[[], object], every_s: float) -> None:
        self._work = work
        self._every_s = every_s
        self._pending: asyncio.TimerHandle | None = None

    def soon(self) -> None:
        """Do it, unless that was asked for already."""
        if self._pending is None:
            self._pending = asyncio.get_running_loop().call_later(self._every_s, self._do)

    def close(self) -> None:
        """What was asked for and is not done yet stays undone."""
        if self._pending is not None:
            self._pending.cancel()
            self._pending = None

    def _do(self) -> None:
        self._pending = None
        self._work()


async def _end_of[T](running: asyncio.Future[T]) -> None:
    """Wait until it has ended, whatever comes of it; then pass on a cancellation of the waiting itself."""
    cancelled: asyncio.CancelledError | None = None
    while not running.done():
        try:
            await asyncio.wait([running])
        except asyncio.CancelledError as cancellation:
            cancelled = cancellation
    error = None if running.cancelled() else running.exception()
    if cancelled is not None:
        raise cancelled from error

"""A request's computation on the thread that owns its model, seen from the event loop as an async iterator.

Native contexts are single-user, so every kind of model has one thread and requests queue up before it.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from app.engine.openai_errors import as_api_error


@dataclass(frozen=True, slots=True)
class _End:
    """Follows the last item."""


class Work[T]:
    """Iterate over what the thread emits; ends when the computation does, raises `ApiError` when it failed.

    The thread side uses `emit`, `stopped` and `interrupt_with`, the loop side iterates and may call `stop`.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._items: asyncio.Queue[T | _End] = asyncio.Queue()
        self._stop = threading.Event()
        self._interrupt: Callable[[], None] | None = None
        self._interrupt_lock = threading.Lock()
        self._future: Future[None] | None = None

    @property
    def stopped(self) -> bool:
        """Whether nobody wants the result any more."""
        return self._stop.is_set()

    def emit(self, item: T) -> None:
        self._loop.call_soon_threadsafe(self._items.put_nowait, item)

    def interrupt_with(self, interrupt: Callable[[], None] | None) -> None:
        """Say how `stop` makes the native code return early; None when there is nothing to interrupt any more."""
        with self._interrupt_lock:
            self._interrupt = interrupt
            if interrupt is not None and self.stopped:
                interrupt()

    def stop(self) -> None:
        """Give up: a computation that has not begun never does, a running one returns soon."""
        self._stop.set()
        if self._future is not None:
            self._future.cancel()
        with self._interrupt_lock:
            if self._interrupt is not None:
                self._interrupt()

    def follow(self, future: Future[None]) -> None:
        """End when `future` does."""
        self._future = future
        future.add_done_callback(lambda _: self._loop.call_soon_threadsafe(self._items.put_nowait, _End()))

    def __aiter__(self) -> Work[T]:
        return self

    async def __anext__(self) -> T:
        item = await self._items.get()
        if not isinstance(item, _End):
            return item
        self._items.put_nowait(item)  # whoever asks again after the end learns the same
        future = self._future
        error = None if future is None or future.cancelled() else future.exception()
        if error is not None:
            raise as_api_error(error) from error
        raise StopAsyncIteration


class ModelThread:
    """One thread that does one computation after another."""

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    def start[T](self, compute: Callable[[Work[T]], None]) -> Work[T]:
        """Queue a computation; its items arrive in the running event loop."""
        work: Work[T] = Work(asyncio.get_running_loop())
        work.follow(self._pool.submit(self._compute, compute, work))
        return work

    def do(self, action: Callable[[], None]) -> Future[None]:
        """Queue something that nobody follows."""
        return self._pool.submit(action)

    def close(self) -> None:
        """Let what is running come to its end and drop what is queued."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    @staticmethod
    def _compute[T](compute: Callable[[Work[T]], None], work: Work[T]) -> None:
        try:
            if not work.stopped:
                compute(work)
        finally:
            work.interrupt_with(None)

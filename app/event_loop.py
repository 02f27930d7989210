"""The one asyncio loop on Qt's main thread: qasync with its known gaps closed; nothing else names qasync.

Closed here: async generators are finalised (qasync replaces `run_forever` and leaves the hooks out), timers are real
`TimerHandle`s, and a nested Qt loop inside a running task (a native file dialog, a drag) no longer breaks other tasks.
Python's cyclic garbage is collected on the loop's thread only: Qt objects that die on another crash the program.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from asyncio.tasks import _enter_task, _leave_task, current_task
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import Context
from typing import Any

os.environ.setdefault("QT_API", "pyside6")  # qasync would take any other binding it finds first

import PySide6.QtCore  # noqa: F401 - qasync picks the binding that is already imported
import qasync
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

COLLECT_EVERY_MS = 1000


class _NestingHandle(asyncio.TimerHandle):
    """A handle that may run while another task is on the stack, as it happens below a nested Qt loop."""

    __slots__ = ()

    def _run(self) -> None:
        loop = self._loop  # type: ignore[attr-defined] # set by asyncio.Handle, missing from its stub
        outer = current_task(loop)
        if outer is None:
            super()._run()
            return
        # `_swap_current_task` would be shorter but raises KeyError in Python 3.12.1.
        _leave_task(loop, outer)
        try:
            super()._run()
        finally:
            _enter_task(loop, outer)


class Loop(qasync.QEventLoop):  # type: ignore[misc] # qasync has no type information
    """qasync's loop with asyncio's contract for handles, generators and nested loops kept."""

    def run_forever(self) -> None:
        hooks = sys.get_asyncgen_hooks()
        sys.set_asyncgen_hooks(firstiter=self._asyncgen_firstiter_hook, finalizer=self._asyncgen_finalizer_hook)
        try:
            super().run_forever()
        finally:
            sys.set_asyncgen_hooks(*hooks)

    def call_later(
        self, delay: float, callback: Callable[..., object], *args: object, context: Context | None = None
    ) -> asyncio.TimerHandle:
        handle = _NestingHandle(self.time() + delay, callback, args, self, context)
        self._add_callback(handle, delay)
        return handle

    def call_soon(
        self, callback: Callable[..., object], *args: object, context: Context | None = None
    ) -> asyncio.Handle:
        handle = _NestingHandle(0.0, callback, args, self, context)
        self._add_callback(handle, 0)
        return handle

    def call_soon_threadsafe(
        self, callback: Callable[..., object], *args: object, context: Context | None = None
    ) -> asyncio.Handle:
        if context is not None:
            callback, args = context.run, (callback, *args)
        super().call_soon_threadsafe(callback, *args)
        return asyncio.Handle(callback, args, self)


def run[T](application: QApplication, main: Coroutine[Any, Any, T]) -> T:
    """Run `main` to its end on a fresh loop inside `application`; the window closing does not end it."""
    application.setQuitOnLastWindowClosed(False)
    with garbage_on_this_thread(), asyncio.Runner(loop_factory=lambda: Loop(application)) as runner:
        return runner.run(main)


@contextmanager
def garbage_on_this_thread() -> Iterator[None]:
    """Collect cyclic garbage by a timer of this thread, and never on whichever thread happens to allocate much.

    A widget that is part of a cycle would else be destroyed by the database's thread, its timers left behind in this
    thread's event loop: the next one that fires ends the process.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    timer = QTimer(interval=COLLECT_EVERY_MS)
    timer.timeout.connect(collect_if_due)
    timer.start()
    try:
        yield
    finally:
        timer.stop()
        if was_enabled:
            gc.enable()


def collect_if_due() -> None:
    """What Python would do by itself: the oldest generation whose time has come."""
    for generation in (2, 1, 0):
        threshold = gc.get_threshold()[generation]
        if threshold and gc.get_count()[generation] > threshold:
            gc.collect(generation)
            return

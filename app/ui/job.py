"""Job: the one running task of an owner, the only place that creates tasks; Errands: work done one after the other."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Coroutine
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from app.model.errors import AppError

if TYPE_CHECKING:
    import asyncio

log = logging.getLogger(__name__)


class JobState(StrEnum):
    IDLE = "idle"
    RUNNING = "running"
    STOPPING = "stopping"


class Job(QObject):
    """Runs at most one coroutine for its owner.

    Signals:
        state_changed(JobState): idle, running or stopping.
        failed(AppError): the coroutine ended with a known failure.
        ended(): after every run, however it ended.

    Anything but an `AppError` or a cancellation is a bug: it is handed to `crashed`, which the window connects to
    its crash box, and never swallowed.
    """

    state_changed = Signal(object)
    failed = Signal(object)
    ended = Signal()

    crashed: Callable[[BaseException], None] | None = None
    """Set once by the program; without it a bug goes to the loop's exception handler."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._task: asyncio.Task[object] | None = None
        self._closed = False
        self.state = JobState.IDLE

    @property
    def running(self) -> bool:
        return self.state is not JobState.IDLE

    def start(self, work: Coroutine[Any, Any, object]) -> bool:
        """Run `work`; False (and `work` closed unstarted) if something runs already or the job is closed."""
        if self.running or self._closed:
            work.close()
            return False
        import asyncio  # the window is painted before it is loaded

        self._set(JobState.RUNNING)
        self._task = asyncio.get_running_loop().create_task(work)
        self._task.add_done_callback(self._on_task_done)
        return True

    def stop(self) -> None:
        """Ask the running coroutine to end; it keeps what it has."""
        if self._task is not None and self.state is JobState.RUNNING:
            self._set(JobState.STOPPING)
            self._task.cancel()

    async def aclose(self) -> None:
        """Stop, wait for the end, and refuse every further start."""
        import asyncio

        self._closed = True
        self.stop()
        if self._task is not None:
            await asyncio.wait([self._task])
            await asyncio.sleep(0)  # the done callback runs in the loop's next round

    def _on_task_done(self, task: asyncio.Task[object]) -> None:
        """Also called for a task that was cancelled before its first step."""
        self._task = None
        self._set(JobState.IDLE)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, AppError):
            log.info("%s: %s", type(error).__name__, error)
            self.failed.emit(error)
        elif error is not None:
            log.error("bug in a job", exc_info=error)
            self._report(error)
        self.ended.emit()

    def _report(self, bug: BaseException) -> None:
        if Job.crashed is not None:
            Job.crashed(bug)
            return
        import asyncio

        asyncio.get_running_loop().call_exception_handler({"message": "bug in a job", "exception": bug})

    def _set(self, state: JobState) -> None:
        if state is not self.state:
            self.state = state
            self.state_changed.emit(state)


class Errands(QObject):
    """Small pieces of work (save, rename, remove), done one by one in the order in which they were asked for.

    None is refused or lost, and one that fails does not hold up the next.

    Signals:
        failed(AppError): an errand ended with a known failure.
    """

    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        import asyncio

        super().__init__(parent)
        self._waiting: deque[Callable[[], Coroutine[Any, Any, object]]] = deque()
        self._done = asyncio.Event()
        self._done.set()
        self._job = Job(self)
        self._job.failed.connect(self.failed)
        self._job.ended.connect(self._go_on)

    @property
    def busy(self) -> bool:
        """Whether something is being done or waits."""
        return not self._done.is_set()

    def add(self, errand: Callable[[], Coroutine[Any, Any, object]]) -> None:
        """Do this after what was asked for before."""
        self._waiting.append(errand)
        self._done.clear()
        if not self._job.running:
            self._go_on()

    def drop_waiting(self) -> None:
        """Leave undone what has not begun."""
        self._waiting.clear()

    def stop(self) -> None:
        """Stop what is being done and leave undone what has not begun."""
        self.drop_waiting()
        self._job.stop()

    async def aclose(self) -> None:
        """Do everything that was asked for, then refuse more."""
        await self._done.wait()
        await self._job.aclose()

    def _go_on(self) -> None:
        if not self._waiting:
            self._done.set()
        elif not self._job.start(self._waiting.popleft()()):
            self._waiting.clear()
            self._done.set()

"""Chores: small pieces of work (save, rename, list), one after the other in one job; none is refused or lost."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.ui.job import Job

type Chore = Callable[[], Coroutine[Any, Any, object]]


class Chores(QObject):
    """Runs chores in the order in which they were put; one that fails does not hold up the next.

    Signals:
        failed(AppError): a chore ended with a known failure.
    """

    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: deque[Chore] = deque()
        self._job = Job(self)
        self._job.failed.connect(self.failed)
        self._job.ended.connect(self._go_on)

    def put(self, chore: Chore) -> None:
        """Run `chore` after those that wait already."""
        self._waiting.append(chore)
        self._go_on()

    async def finish(self) -> None:
        """Do everything that waits, then take no more: nothing the user did is dropped when the window closes."""
        while self._waiting:
            chore = self._waiting.popleft()
            await chore()
        await self._job.aclose()

    def _go_on(self) -> None:
        if self._waiting and not self._job.running:
            self._job.start(self._waiting.popleft()())

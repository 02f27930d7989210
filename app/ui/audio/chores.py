"""Chores: small pieces of work (save, rename, list), one after the other in one job; none is refused or lost."""

from __future__ import annotations

import asyncio
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
        self._ended = asyncio.Event()
        self._job.failed.connect(self.failed)
        self._job.ended.connect(self._on_job_ended)

    def put(self, chore: Chore) -> None:
        """Run `chore` after those that wait already."""
        self._waiting.append(chore)
        self._go_on()

    async def finish(self) -> None:
        """Do everything that waits, then take no more: nothing the user did is dropped when the window closes."""
        while self._job.running:
            self._ended.clear()
            await self._ended.wait()
        await self._job.aclose()

    async def aclose(self) -> None:
        """Stop what runs and drop what waits."""
        self._waiting.clear()
        await self._job.aclose()

    def _on_job_ended(self) -> None:
        self._go_on()
        self._ended.set()

    def _go_on(self) -> None:
        if self._waiting and not self._job.running:
            self._job.start(self._waiting.popleft()())

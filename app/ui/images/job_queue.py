"""JobQueue: small pieces of work, one after the other in one job; none is refused because another runs."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.ui.job import Job

type Piece = Callable[[], Coroutine[Any, Any, object]]


class JobQueue(QObject):
    """Runs pieces in the order in which they were put; one that fails does not hold up the next.

    Signals:
        failed(AppError): a piece ended with a known failure.
    """

    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pieces: deque[Piece] = deque()
        self._job = Job(self)
        self._job.failed.connect(self.failed)
        self._job.ended.connect(self._go_on)

    def put(self, piece: Piece) -> None:
        """Run `piece` after those that wait already."""
        self._pieces.append(piece)
        self._go_on()

    async def aclose(self) -> None:
        """Stop; what waits is dropped."""
        self._pieces.clear()
        await self._job.aclose()

    def _go_on(self) -> None:
        if self._pieces and not self._job.running:
            self._job.start(self._pieces.popleft()())

"""Branching: begins another conversation from a message; putting it on show is left to others."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

from PySide6.QtCore import QObject, Signal

from app.ui.job import Errands
from app.workers.chat import ChatWorker


class Branching(QObject):
    """Stands between the transcript and the worker.

    Signals:
        begun(int): the new conversation.
        failed(AppError): there is none.
    """

    begun = Signal(int)
    failed = Signal(object)

    def __init__(self, worker: ChatWorker, parent: QObject) -> None:
        super().__init__(parent)
        self._worker = worker
        self._errands = Errands(self)
        self._errands.failed.connect(self.failed)

    def begin(self, message_id: int) -> None:
        """A new conversation with everything up to an answer, or with a prompt as its draft."""
        self._errands.add(partial(self._begin, message_id))

    async def aclose(self) -> None:
        await self._errands.aclose()

    async def _begin(self, message_id: int) -> None:
        with suppress(LookupError):  # deleted meanwhile
            made = await self._worker.branch(message_id)
            self.begun.emit(made.id)

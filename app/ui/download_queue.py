"""DownloadQueue: models fetched one after the other, each of which can be cancelled; shows nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import aclosing

from PySide6.QtCore import QObject, Signal

from app.model.engine import DownloadProgress
from app.model.errors import AppError
from app.model.pace import Pace
from app.ui.job import Job
from app.workers.models import ModelWorker


class DownloadQueue(QObject):
    """Signals: changed(): what runs or waits is another; progressed(DownloadProgress); installed(str): a model's id;
    failed(str, AppError): this model could not be fetched; the others go on.
    """

    changed = Signal()
    progressed = Signal(object)
    installed = Signal(str)
    failed = Signal(str, object)

    def __init__(
        self, models: ModelWorker, parent: QObject | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(parent)
        self.models = models
        self._waiting: list[str] = []
        self._job = Job(self)
        self._job.failed.connect(self._on_job_failed)
        self._job.ended.connect(self._on_job_ended)
        self._pace = Pace(clock)
        self.current = ""
        """The id of the model that is being fetched; empty if none is."""
        self.progress: DownloadProgress | None = None
        """How far that is, once it is known."""

    def add(self, model_ids: Iterable[str]) -> None:
        """Fetch these after what waits already."""
        self._waiting += [model_id for model_id in model_ids if not self.holds(model_id)]
        self._go_on()

    def holds(self, model_id: str) -> bool:
        """Whether it is being fetched or waits."""
        return model_id == self.current or model_id in self._waiting

    def cancel(self, model_id: str) -> None:
        """Stop fetching it, or take it out of the queue; what arrived is kept for the next time."""
        if model_id == self.current:
            self._job.stop()
        elif model_id in self._waiting:
            self._waiting.remove(model_id)
            self.changed.emit()

    def left_s(self, done_bytes: int, total_bytes: int) -> float | None:
        """Seconds that the rest of so much takes at the present pace; None while that is not known."""
        return self._pace.left_s(total_bytes - done_bytes)

    async def aclose(self) -> None:
        self._waiting.clear()
        await self._job.aclose()

    async def _fetch(self, model_id: str) -> None:
        async with aclosing(self.models.download(model_id)) as steps:
            async for step in steps:
                self.progress = step if step.model_id == model_id else _of_needed(step, model_id)
                if step.step == "download":
                    self._pace.note(step.model_id, step.done_bytes)
                self.progressed.emit(self.progress)
        self.installed.emit(model_id)

    def _go_on(self) -> None:
        if not self._job.running and self._waiting:
            self.current, self.progress = self._waiting.pop(0), None
            self._job.start(self._fetch(self.current))
        self.changed.emit()

    def _on_job_failed(self, error: AppError) -> None:
        self.failed.emit(self.current, error)

    def _on_job_ended(self) -> None:
        self.current = ""
        self._go_on()


def _of_needed(step: DownloadProgress, model_id: str) -> DownloadProgress:
    """The progress of something a model needs is shown as the model's own."""
    return DownloadProgress(model_id, step.done_bytes, step.total_bytes, step.step)

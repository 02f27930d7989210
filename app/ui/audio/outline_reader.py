"""OutlineReader: reads the outline of the newest sound that was asked for; earlier wishes are given up."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from app.model.audio import Recording, TranscriptionProgress, Waveform
from app.ui.job import Job


class OutlineKeeper(Protocol):
    """What is asked of the worker that keeps sound."""

    def outline(self, recording: Recording) -> AsyncGenerator[TranscriptionProgress | Waveform]: ...


class OutlineReader(QObject):
    """One at a time.

    Signals:
        read(Recording, Waveform): the outline of this one.
        failed(AppError): it cannot be read.
    """

    read = Signal(object, object)
    failed = Signal(object)

    def __init__(self, keeper: OutlineKeeper, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._keeper = keeper
        self._job = Job(self)
        self._wanted: Recording | None = None
        self._job.failed.connect(self.failed)
        self._job.ended.connect(self._go_on)

    def want(self, recording: Recording | None) -> None:
        """Read this one; None gives up what is being read."""
        self._wanted = recording
        if self._job.running:
            self._job.stop()
        else:
            self._go_on()

    async def aclose(self) -> None:
        self._wanted = None
        await self._job.aclose()

    def _go_on(self) -> None:
        if self._wanted is not None:
            recording, self._wanted = self._wanted, None
            self._job.start(self._read(recording))

    async def _read(self, recording: Recording) -> None:
        async with aclosing(self._keeper.outline(recording)) as events:
            async for event in events:
                if isinstance(event, Waveform):
                    self.read.emit(recording, event)

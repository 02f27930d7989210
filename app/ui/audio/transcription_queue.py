"""TranscriptionQueue: transcriptions one after the other, each with its state in words; draws nothing."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from app.model.audio import (
    Recording,
    Transcript,
    TranscriptionEvent,
    TranscriptionOptions,
    TranscriptionProgress,
)
from app.model.chat import EngineStarting, RetryPending
from app.model.errors import AppError
from app.model.providers import ModelReference
from app.ui.audio import words
from app.ui.job import Job
from app.ui.tab import LeaveOut


class SoundTranscriber(Protocol):
    """What is asked of the worker that transcribes."""

    def transcribe(
        self, recording: Recording, model: ModelReference, options: TranscriptionOptions
    ) -> AsyncGenerator[TranscriptionEvent]: ...

    def resume(
        self, recording: Recording, transcript: Transcript, model: ModelReference
    ) -> AsyncGenerator[TranscriptionEvent]: ...


@dataclass(frozen=True, slots=True)
class Order:
    """One transcription; with `unfinished` it goes on with that transcript.

    `without` is a field of the request that the model is not sent any more.
    """

    recording: Recording
    model: ModelReference
    options: TranscriptionOptions
    unfinished: Transcript | None = None
    without: str = ""


@dataclass(frozen=True, slots=True)
class Activity:
    """What happens to a recording: words, and how far it is if that is known."""

    text: str
    fraction: float | None = None


class TranscriptionQueue(QObject):
    """Goes through the orders; one that fails does not hold up the next.

    Signals:
        activity_changed(int): of the recording with this id.
        transcript_changed(Transcript): it grew, or is as it was stored.
        ended(int): nothing happens to this recording any more.
        failed(AppError, Order): this one failed; what came of it is stored.
        running_changed(bool): something is being done.
    """

    activity_changed = Signal(int)
    transcript_changed = Signal(object)
    ended = Signal(int)
    failed = Signal(object, object)
    running_changed = Signal(bool)

    def __init__(self, transcriber: SoundTranscriber, leave_out: LeaveOut, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._transcriber = transcriber
        self._leave_out = leave_out
        self._job = Job(self)
        self._waiting: deque[Order] = deque()
        self._order: Order | None = None
        self._activity = Activity("")
        self._retry_s = 0
        self._countdown = QTimer(self)
        self._countdown.setInterval(1000)
        self._countdown.timeout.connect(self._count_down)
        self._job.failed.connect(self._on_job_failed)
        self._job.ended.connect(self._on_job_ended)

    @property
    def running(self) -> bool:
        return self._order is not None

    def activity(self, recording_id: int) -> Activity | None:
        """What happens to a recording now; None if nothing does."""
        if self._order is not None and self._order.recording.id == recording_id:
            return self._activity
        if any(order.recording.id == recording_id for order in self._waiting):
            return Activity(self.tr("Waiting for its turn"))
        return None

    def put(self, order: Order) -> None:
        """Do this when those that wait are done; one recording is not put twice."""
        if self.activity(order.recording.id) is not None:
            return
        self._waiting.append(order)
        self.activity_changed.emit(order.recording.id)
        self._go_on()

    def cancel(self, recording_id: int) -> None:
        """Stop this one; what came of it is kept, and the others go on."""
        if self._order is not None and self._order.recording.id == recording_id:
            self._show(Activity(self.tr("Stopping…")))
            self._job.stop()
            return
        self._waiting = deque(order for order in self._waiting if order.recording.id != recording_id)
        self.ended.emit(recording_id)

    def cancel_all(self) -> None:
        for order in list(self._waiting):
            self.cancel(order.recording.id)
        if self._order is not None:
            self.cancel(self._order.recording.id)

    async def aclose(self) -> None:
        """Stop; what came of the one at work is kept, those that wait are dropped."""
        self._waiting.clear()
        self._countdown.stop()
        await self._job.aclose()

    def _go_on(self) -> None:
        if self._order is not None or not self._waiting:
            return
        self._order = self._waiting.popleft()
        self._show(Activity(self.tr("Starting…")))
        self.running_changed.emit(True)
        if not self._job.start(self._transcribe(self._order)):
            self._on_job_ended()  # the tab is closing

    async def _transcribe(self, order: Order) -> None:
        if order.without:
            await self._leave_out(order.model, order.without)
        if order.unfinished is not None:
            events = self._transcriber.resume(order.recording, order.unfinished, order.model)
        else:
            events = self._transcriber.transcribe(order.recording, order.model, order.options)
        async with aclosing(events):
            async for event in events:
                if isinstance(event, Transcript):
                    self.transcript_changed.emit(event)
                else:
                    self._take(event)

    def _take(self, event: TranscriptionProgress | RetryPending | EngineStarting) -> None:
        self._countdown.stop()
        if isinstance(event, RetryPending):
            self._retry_s = round(event.wait_s) + 1
            self._countdown.start()
            self._count_down()
        elif isinstance(event, EngineStarting):
            self._show(Activity(self.tr("Starting the built-in engine…")))
        elif event.reading:
            self._show(Activity(self.tr("Reading the sound…"), _fraction(event)))
        elif event.done_s == 0:
            self._show(Activity(self.tr("Transcribing…")))
        else:
            text = self.tr("{done} of {total} transcribed")
            done, total = words.clock(event.done_s), words.clock(event.duration_s)
            self._show(Activity(text.format(done=done, total=total), _fraction(event)))

    def _count_down(self) -> None:
        self._retry_s -= 1
        if self._retry_s <= 0:
            self._countdown.stop()
            self._show(Activity(self.tr("Trying again…")))
            return
        self._show(Activity(self.tr("The server is busy; next try in %n s", "", self._retry_s)))

    def _show(self, activity: Activity) -> None:
        self._activity = activity
        if self._order is not None:
            self.activity_changed.emit(self._order.recording.id)

    def _on_job_failed(self, error: AppError) -> None:
        self.failed.emit(error, self._order)

    def _on_job_ended(self) -> None:
        assert self._order is not None
        ended, self._order = self._order.recording.id, None
        self._countdown.stop()
        self.ended.emit(ended)
        self._go_on()
        if self._order is None:
            self.running_changed.emit(False)


def _fraction(progress: TranscriptionProgress) -> float | None:
    return progress.done_s / progress.duration_s if progress.duration_s > 0 else None

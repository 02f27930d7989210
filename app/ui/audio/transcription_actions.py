"""TranscriptionActions: starts, continues and cancels transcriptions, and shows on both sides how they go."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal

from app.model.audio import Recording, RecordingState, Transcript, TranscriptState
from app.model.errors import AppError
from app.model.providers import ModelReference
from app.ui.audio.queue_model import QueueModel
from app.ui.audio.sound_pane import SoundPane
from app.ui.audio.transcription_queue import Order, SoundTranscriber, TranscriptionQueue
from app.ui.notices import SendWithout
from app.ui.tab import LeaveOut


class TranscriptionActions(QObject):
    """Keeps the queue of transcriptions, the list and the sound on show in step.

    Signals:
        failed(AppError, retry): a transcription failed; `retry` goes on with it.
        running_changed(bool): something is being transcribed.
    """

    failed = Signal(object, object)
    running_changed = Signal(bool)

    def __init__(self, transcriber: SoundTranscriber, leave_out: LeaveOut, model: QueueModel, pane: SoundPane) -> None:
        super().__init__(pane)
        self._model = model
        self._pane = pane
        self._speech_model: ModelReference | None = None
        self._last: Transcript | None = None
        self.queue = TranscriptionQueue(transcriber, leave_out, self)
        self._connect()

    @property
    def running(self) -> bool:
        return self.queue.running

    def set_model(self, model: ModelReference | None) -> None:
        """The speech model for what is started from now on."""
        self._speech_model = model
        self._pane.transcription_bar.set_model_known(model is not None)

    def start(self, recordings: Sequence[Recording]) -> None:
        """Transcribe these anew, one after the other, with the options on the screen."""
        for recording in recordings:
            if self._speech_model is not None and recording.state is not RecordingState.RECORDING:
                options = self._pane.transcription_bar.options()
                self._put(Order(recording, self._speech_model, options))

    def resume(self) -> None:
        """Go on with the transcript on show where it stopped."""
        recording, transcript = self._pane.recording, self._pane.current_transcript()
        if recording is not None and transcript is not None and self._speech_model is not None:
            self._put(Order(recording, self._speech_model, transcript.options, transcript))

    def cancel(self, recording: Recording) -> None:
        self.queue.cancel(recording.id)

    def show_current(self) -> None:
        """Another sound is on show: show how far it is."""
        if self._pane.recording is not None:
            self._on_activity_changed(self._pane.recording.id)

    async def aclose(self) -> None:
        await self.queue.aclose()

    def _connect(self) -> None:
        bar = self._pane.transcription_bar
        bar.start_clicked.connect(self._on_start_clicked)
        bar.resume_clicked.connect(self.resume)
        bar.cancel_clicked.connect(self._on_cancel_clicked)
        self._pane.headway_found.connect(self._model.set_headway)
        self._pane.loaded.connect(self.show_current)
        self.queue.activity_changed.connect(self._on_activity_changed)
        self.queue.transcript_changed.connect(self._on_transcript_changed)
        self.queue.ended.connect(self._on_ended)
        self.queue.failed.connect(self._on_failed)
        self.queue.running_changed.connect(self.running_changed)

    def _put(self, order: Order) -> None:
        self._pane.save_now()
        self.queue.put(order)

    def _on_start_clicked(self) -> None:
        if self._pane.recording is not None:
            self.start([self._pane.recording])

    def _on_cancel_clicked(self) -> None:
        if self._pane.recording is not None:
            self.cancel(self._pane.recording)

    def _on_activity_changed(self, recording_id: int) -> None:
        activity = self.queue.activity(recording_id)
        self._model.set_activity(
            recording_id, activity.text if activity else "", activity.fraction if activity else None
        )
        if self._pane.recording is None or self._pane.recording.id != recording_id:
            return
        bar, transcript = self._pane.transcription_bar, self._pane.transcript
        if activity is not None:
            bar.show_progress(activity.text, activity.fraction)
        elif transcript is None or transcript.state is not TranscriptState.RUNNING:
            bar.show_idle(transcript)  # else it has just ended, and how is being looked up

    def _on_transcript_changed(self, transcript: Transcript) -> None:
        self._last = transcript
        self._model.set_headway(transcript.recording_id, transcript.headway)
        self._pane.take(transcript)

    def _on_ended(self, recording_id: int) -> None:
        self._on_activity_changed(recording_id)
        if (item := self._model.item(recording_id)) is not None:
            self._pane.look_again(item.recording)

    def _on_failed(self, error: AppError, order: Order) -> None:
        last = self._last
        is_begun = last is not None and last.recording_id == order.recording.id and last.state is TranscriptState.FAILED
        unfinished = last if is_begun and last is not None and last.segments else order.unfinished
        again = Order(order.recording, order.model, order.options, unfinished, error.removable)
        retry = partial(self._put, again)
        self.failed.emit(error, SendWithout(error.removable, retry) if error.removable else retry)

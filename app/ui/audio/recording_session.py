"""RecordingSession: what happens between the recorder's buttons and the worker that records; draws nothing."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Collection
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from app.model.audio import InputDevice, Level, Recording, RecordingEnded, RecordingEvent, RecordingStarted
from app.model.errors import AppError
from app.ui.audio import words
from app.ui.audio.recorder_bar import RecorderBar
from app.ui.job import Job


class SoundRecorder(Protocol):
    """What is asked of the worker that records."""

    @property
    def paused(self) -> bool: ...
    def set_paused(self, paused: bool) -> None: ...
    async def devices(self) -> list[InputDevice]: ...
    def watch(self, device_id: str = "") -> AsyncGenerator[Level]: ...
    def record(self, device_id: str, name: str) -> AsyncGenerator[RecordingEvent]: ...
    async def stop(self) -> None: ...


class RecordingSession(QObject):
    """One recording at a time; a test of the microphone gives way to it.

    Signals:
        started(Recording), ended(Recording): a recording began, or ended and is on disk.
        level_changed(Level): of the recording, for each block of sound.
        paused_changed(bool): the recording is held, or goes on.
        discarded(Recording): it ended before there was any sound, so nothing is left of it.
        failed(AppError, retry): the microphone or the disk failed; what was recorded was told by `ended` before.
        running_changed(bool): recording or not.
    """

    started = Signal(object)
    ended = Signal(object)
    level_changed = Signal(object)
    paused_changed = Signal(bool)
    discarded = Signal(object)
    failed = Signal(object, object)
    running_changed = Signal(bool)

    def __init__(
        self,
        recorder: SoundRecorder,
        bar: RecorderBar,
        names: Callable[[], Collection[str]],
        parent: QObject | None = None,
    ) -> None:
        """`names` tells the names that recordings have already."""
        super().__init__(parent)
        self._recorder = recorder
        self._names = names
        self._bar = bar
        self._recording = Job(self)
        self._testing = Job(self)
        self._listing = Job(self)
        self._stopping = Job(self)
        self._current: Recording | None = None
        self._is_wanted = False
        self._is_test_wanted = False
        self._connect()

    @property
    def running(self) -> bool:
        return self._recording.running

    def toggle(self) -> None:
        """Record, or stop recording."""
        if self.running:
            self._stopping.start(self._recorder.stop())
        else:
            self.record()

    def record(self) -> None:
        """Begin a recording, unless there is one."""
        if self.running:
            return
        self._is_wanted, self._is_test_wanted = True, False
        if self._testing.running:
            self._testing.stop()  # two streams of one device at a time are refused by some systems
        else:
            self._go_on()

    def toggle_pause(self) -> None:
        """Hold the recording, or go on with it."""
        if self.running:
            self._recorder.set_paused(not self._recorder.paused)
            self._bar.show_paused(self._recorder.paused)
            self.paused_changed.emit(self._recorder.paused)

    def test(self, wanted: bool) -> None:
        """Show the level of the chosen microphone without recording, or no longer."""
        self._is_test_wanted = wanted and not self.running
        if self._testing.running:
            self._testing.stop()
        else:
            self._go_on()

    def look_for_devices(self) -> None:
        self._listing.start(self._list())

    async def aclose(self) -> None:
        """End a recording with all its sound saved."""
        self._is_wanted = self._is_test_wanted = False
        for job in (self._stopping, self._listing, self._testing, self._recording):
            await job.aclose()

    def _connect(self) -> None:
        self._bar.record_clicked.connect(self.toggle)
        self._bar.pause_clicked.connect(self.toggle_pause)
        self._bar.testing_wanted.connect(self.test)
        self._bar.device_picker.opened.connect(self.look_for_devices)
        self._bar.device_picker.device_chosen.connect(lambda _: self.test(self._testing.running))
        self._testing.ended.connect(self._on_testing_ended)
        self._recording.ended.connect(self._on_recording_ended)
        self._stopping.failed.connect(self._on_job_failed)
        self._testing.failed.connect(lambda error: self._on_job_failed(error, lambda: self.test(True)))
        self._recording.failed.connect(lambda error: self._on_job_failed(error, self.record))

    def _go_on(self) -> None:
        """Start what is wanted now."""
        if self._is_wanted:
            self._is_wanted = False
            if self._recording.start(self._record()):
                self._bar.show_recording(True)
                self.running_changed.emit(True)
        elif self._is_test_wanted and self._testing.start(self._watch()):
            self._bar.show_testing(True)

    async def _record(self) -> None:
        name = self.tr("Recording {moment}").format(moment=words.moment(datetime.now(UTC)))
        name = words.distinct(name, self._names())
        async with aclosing(self._recorder.record(self._bar.device_picker.device_id, name)) as events:
            async for event in events:
                if isinstance(event, Level):
                    self._bar.show_level(event)
                    self.level_changed.emit(event)
                elif isinstance(event, RecordingStarted):
                    self._current = event.recording
                    self.started.emit(event.recording)
                elif isinstance(event, RecordingEnded):
                    self._current = None
                    self.ended.emit(event.recording)

    async def _watch(self) -> None:
        async with aclosing(self._recorder.watch(self._bar.device_picker.device_id)) as levels:
            async for level in levels:
                self._bar.show_level(level)

    async def _list(self) -> None:
        try:
            devices = await self._recorder.devices()
        except AppError:
            devices = []  # said when somebody wants to record
        self._bar.device_picker.set_devices(devices)

    def _on_testing_ended(self) -> None:
        self._bar.show_testing(False)
        self._go_on()

    def _on_recording_ended(self) -> None:
        self._bar.show_recording(False)
        if self._current is not None:
            discarded, self._current = self._current, None
            self.discarded.emit(discarded)
        self.running_changed.emit(False)

    def _on_job_failed(self, error: AppError, retry: Callable[[], object] | None = None) -> None:
        self._is_test_wanted = False
        self.look_for_devices()
        self.failed.emit(error, retry if error.retryable else None)

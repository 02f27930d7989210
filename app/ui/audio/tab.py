"""AudioTab: the queue on the left, the sound on show on the right, the recorder below, and how they work together."""

from __future__ import annotations

import asyncio
from typing import Protocol

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from app.model.audio import Recording, RecordingState
from app.model.providers import Capability, ModelReference
from app.ui import theme
from app.ui.audio.choices import Choices, Memory
from app.ui.audio.intake import FileTaker, Intake
from app.ui.audio.live_page import LivePage
from app.ui.audio.player_bar import SoundPlayer
from app.ui.audio.queue_actions import QueueActions, QueueKeeper, Recovery
from app.ui.audio.queue_model import QueueModel
from app.ui.audio.queue_panel import WIDTH_PX, QueuePanel
from app.ui.audio.recorder_bar import RecorderBar
from app.ui.audio.recording_session import RecordingSession, SoundRecorder
from app.ui.audio.sound_pane import SoundKeeper, SoundPane
from app.ui.audio.transcript_output import TranscriptOutput
from app.ui.audio.transcription_actions import TranscriptionActions
from app.ui.audio.transcription_queue import SoundTranscriber
from app.ui.tab import Command, HandOver, LeaveOut, Tab
from app.ui.widgets.drop_area import DropOverlay
from app.ui.widgets.empty_state import EmptyState
from app.ui.widgets.undo_bar import UndoBar

LEAST_SPOKEN_S = 0.5
"""What is shorter was a slip of the finger: it is kept, but not sent anywhere; servers refuse it."""


class Queue(SoundKeeper, FileTaker, QueueKeeper, Protocol):
    """What the tab asks of the worker that keeps the queue."""


class Recorder(SoundRecorder, Recovery, Protocol):
    """What the tab asks of the worker that records."""


class SoundWorker(Memory, Protocol):
    """What the tab asks for; `app.workers.audio.AudioWorker` does it."""

    @property
    def recorder(self) -> Recorder: ...
    @property
    def queue(self) -> Queue: ...
    @property
    def transcriber(self) -> SoundTranscriber: ...
    @property
    def player(self) -> SoundPlayer: ...
    async def aclose(self) -> None: ...


class AudioTab(Tab):
    """Records, takes files, transcribes, plays and exports; works on while another tab is shown."""

    id = "audio"
    capability = Capability.TRANSCRIPTION

    def __init__(self, worker: SoundWorker, leave_out: LeaveOut, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._worker = worker
        self._is_loaded = False
        self._model = QueueModel(self)
        self.recorder_bar = RecorderBar()
        self.queue_panel = QueuePanel(self._model)
        self.pane = SoundPane(worker.queue, worker.player)
        self.live_page = LivePage()
        self.empty_state = EmptyState(theme.icon("audio-lines", "muted"))
        self.right = QStackedWidget()
        self.pages = QStackedWidget()
        self.undo_bar = UndoBar()
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.session = RecordingSession(worker.recorder, self.recorder_bar, self._model.names, self)
        self.actions_on_queue = QueueActions(
            worker.queue, worker.recorder, self._model, self.queue_panel, self.undo_bar
        )
        self.transcriptions = TranscriptionActions(worker.transcriber, leave_out, self._model, self.pane)
        self.output = TranscriptOutput(self.pane)
        self.choices = Choices(worker, self.recorder_bar, self.pane.transcription_bar)
        self.intake = Intake(worker.queue, self)
        self._build()

    def set_model(self, model: ModelReference | None) -> None:
        self.transcriptions.set_model(model)

    def commands(self) -> list[Command]:
        bar, view = self.pane.transcription_bar, self.pane.transcript_view
        return [
            Command("audio.record", self.tr("Record or stop recording"), "Ctrl+R", self.session.toggle),
            Command("audio.pause", self.tr("Pause or resume the recording"), "", self.session.toggle_pause),
            Command("audio.add", self.tr("Add sound or video files…"), "Ctrl+O", self.intake.choose_files),
            Command("audio.transcribe", self.tr("Transcribe"), "Ctrl+T", bar.start),
            Command("audio.play", self.tr("Play or pause"), "Ctrl+Space", self.pane.player.toggle),
            Command("audio.play_here", self.tr("Play from the text cursor"), "", view.play_current),
            Command("audio.copy", self.tr("Copy the transcript"), "", self.output.copy),
            Command("audio.rename", self.tr("Rename the recording"), "F2", self.queue_panel.rename_current),
        ]

    def unfinished(self) -> str:
        if not self.session.running:
            return ""
        return self.tr("A recording is running. It ends here; what was recorded is kept.")

    def take(self, hand_over: HandOver) -> None:
        self.intake.take(hand_over.files)

    def reload(self) -> None:
        self.actions_on_queue.load()

    def activated(self) -> None:
        self.session.look_for_devices()
        target = self.queue_panel.list_view if self._model.rowCount() else self.recorder_bar.record_button
        target.setFocus()

    async def aclose(self) -> None:
        parts = (self.session, self.transcriptions, self.output, self.intake, self.choices)
        await asyncio.gather(*(part.aclose() for part in parts))
        await self.pane.aclose()
        await self.actions_on_queue.aclose()
        await self._worker.aclose()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._is_loaded:
            self._is_loaded = True
            self.actions_on_queue.load()
        self.session.look_for_devices()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.session.test(False)  # nobody looks: let go of the microphone

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _build(self) -> None:
        self.setObjectName("audio_tab")
        self.splitter.setObjectName("audio_splitter")
        self.empty_state.setObjectName("audio_empty_state")
        self.right.addWidget(self.pane)
        self.right.addWidget(self.live_page)
        self.splitter.addWidget(self.queue_panel)
        self.splitter.addWidget(self.right)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setSizes([theme.px(WIDTH_PX), 4 * theme.px(WIDTH_PX)])
        self.pages.addWidget(self.empty_state)
        self.pages.addWidget(self.splitter)
        line = QFrame()
        line.setFrameShape(QFrame.Shape.HLine)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.pages, 1)
        column.addWidget(self.undo_bar)
        column.addWidget(line)
        column.addWidget(self.recorder_bar)
        self.drop_overlay = DropOverlay(self, self.intake.describe_drop)
        self._connect()
        self._retranslate()

    def _connect(self) -> None:
        self.drop_overlay.dropped.connect(self.intake.take_data)
        self.empty_state.triggered.connect(self.intake.choose_files)
        self.queue_panel.files_wanted.connect(self.intake.choose_files)
        self.queue_panel.selected.connect(self._show)
        self.queue_panel.transcription_wanted.connect(self.transcriptions.start)
        self.queue_panel.cancellation_wanted.connect(self.transcriptions.cancel)
        self.actions_on_queue.removed.connect(self.transcriptions.cancel)
        self.actions_on_queue.renamed.connect(self.pane.refresh)
        self.actions_on_queue.loaded.connect(self._on_queue_loaded)
        self.intake.added.connect(self._on_recording_added)
        self.session.started.connect(self.live_page.begin)
        self.session.started.connect(self._on_recording_added)
        self.session.started.connect(lambda _: self.recovered.emit())
        self.session.level_changed.connect(self.live_page.show_level)
        self.session.paused_changed.connect(self.live_page.show_paused)
        self.session.ended.connect(self._on_recording_ended)
        self.session.discarded.connect(lambda recording: self._model.remove(recording.id))
        self.pane.duration_found.connect(self._model.put)
        self.output.handed_over.connect(self.handed_over)
        for change in (self._model.rowsInserted, self._model.rowsRemoved, self._model.modelReset):
            change.connect(self._show_page)
        for source in (self.session, self.actions_on_queue, self.pane, self.intake, self.choices):
            source.failed.connect(self._fail)
        self.transcriptions.failed.connect(self.failed)
        for work in (self.session, self.transcriptions):
            work.running_changed.connect(
                lambda _: self.working_changed.emit(self.session.running or self.transcriptions.running)
            )

    def _show(self, recording: Recording | None) -> None:
        """Show what is current in the queue; of a recording that is being made there is nothing to show yet."""
        is_live = recording is not None and recording.state is RecordingState.RECORDING
        self.right.setCurrentWidget(self.live_page if is_live else self.pane)
        self.pane.show_recording(None if is_live else recording)
        self.transcriptions.show_current()

    def _show_page(self) -> None:
        self.pages.setCurrentWidget(self.splitter if self._model.rowCount() else self.empty_state)

    def _on_queue_loaded(self) -> None:
        newest = [*self.actions_on_queue.recovered, *(item.recording for item in self._model.items())][:1]
        for recording in newest:
            self.queue_panel.select(recording.id)

    def _on_recording_added(self, recording: Recording) -> None:
        self._model.put(recording)
        self.queue_panel.select(recording.id)

    def _on_recording_ended(self, recording: Recording) -> None:
        self._model.put(recording)
        current = self.queue_panel.current()
        if current is not None and current.id == recording.id:
            self._show(recording)
        if self.recorder_bar.automatic_box.isChecked() and recording.duration_s >= LEAST_SPOKEN_S:
            self.transcriptions.start([recording])

    def _retranslate(self) -> None:
        self.empty_state.set_texts(
            self.tr("Speech becomes text here"),
            self.tr("Record with the button below, or drop sound and video files anywhere on this page."),
            self.tr("Add files…"),
        )

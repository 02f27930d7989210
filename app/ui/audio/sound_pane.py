"""SoundPane: the sound on show with its player and transcript; corrections are saved as they are made."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtWidgets import QFrame, QStackedWidget, QVBoxLayout, QWidget

from app.model.audio import ExportFormat, Recording, Transcript, TranscriptState, Waveform
from app.ui import theme
from app.ui.audio.outline_reader import OutlineKeeper, OutlineReader
from app.ui.audio.player_bar import PlayerBar, SoundPlayer
from app.ui.audio.sound_header import SoundHeader
from app.ui.audio.transcript_view import TranscriptView
from app.ui.audio.transcription_bar import TranscriptionBar
from app.ui.job import Errands
from app.ui.widgets.empty_state import EmptyState

SAVE_AFTER_MS = 400


class SoundKeeper(OutlineKeeper, Protocol):
    """What is asked of the worker that keeps sound and transcripts."""

    async def transcripts(self, recording: Recording) -> list[Transcript]: ...
    async def save_edit(self, transcript: Transcript) -> None: ...
    async def export(self, transcript: Transcript, path: Path, form: ExportFormat) -> None: ...


class SoundPane(QWidget):
    """Shows one recording or file at a time.

    Signals:
        failed(AppError): something could not be read, played or saved.
        duration_found(Recording): the sound was read and is longer or shorter than was thought.
        loaded(): the transcript of the sound on show was read, or there is none.
        headway_found(int, Headway | None): how far the newest transcript of the recording with this id is.
    """

    failed = Signal(object)
    duration_found = Signal(object)
    loaded = Signal()
    headway_found = Signal(int, object)

    def __init__(self, keeper: SoundKeeper, player: SoundPlayer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keeper = keeper
        self._errands = Errands(self)
        self._outlines = OutlineReader(keeper, self)
        self._save_timer = QTimer(self)
        self._has_edits = False
        self.recording: Recording | None = None
        self.transcript: Transcript | None = None
        self.header = SoundHeader()
        self.player = PlayerBar(player)
        self.transcription_bar = TranscriptionBar()
        self.transcript_view = TranscriptView()
        self.no_text = EmptyState(theme.icon("captions", "muted"))
        self.pages = QStackedWidget()
        self._build()

    def show_recording(self, recording: Recording | None) -> None:
        """Another sound; its transcript and waveform follow as they are read."""
        if recording is not None and self.recording is not None and recording.id == self.recording.id:
            self.refresh(recording)
            return
        self.save_now()
        self.recording, self.transcript = recording, None
        self.player.show_sound(recording)
        self.transcript_view.clear_position()
        self._show_transcript(None)
        self._outlines.want(recording)
        if recording is not None:
            self.look_again(recording)

    def refresh(self, recording: Recording) -> None:
        """Something about this recording changed, such as its name; nothing happens if another is on show."""
        if self.recording is not None and recording.id == self.recording.id:
            self.recording = recording
            self.header.show_sound(recording, self.transcript)

    def look_again(self, recording: Recording) -> None:
        """See which transcripts there are of a recording; if it is on show, show the newest."""
        self._errands.add(partial(self._load_transcripts, recording))

    def take(self, transcript: Transcript) -> None:
        """A transcript of the sound on show grew."""
        if self.recording is not None and transcript.recording_id == self.recording.id:
            self._show_transcript(transcript)

    def current_transcript(self) -> Transcript | None:
        """The transcript as it is on the screen, corrections included."""
        if self.transcript is None:
            return None
        return replace(self.transcript, segments=self.transcript_view.segments())

    def save_now(self) -> None:
        """Store corrections that wait for a pause in typing."""
        if self._has_edits and (corrected := self.current_transcript()) is not None:
            self._save_timer.stop()
            self._has_edits = False
            self.transcript = corrected
            self._errands.add(partial(self._keeper.save_edit, corrected))

    def export(self, path: Path, form: ExportFormat) -> None:
        """Write the transcript on the screen to a file."""
        transcript = self.current_transcript()

        async def write() -> None:
            if transcript is not None:
                await self._keeper.export(transcript, path, form)
                self.header.tell_written()

        self._errands.add(write)

    async def aclose(self) -> None:
        self.save_now()
        await self.player.aclose()
        await self._outlines.aclose()
        await self._errands.aclose()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._show_page()

    def _build(self) -> None:
        self.setObjectName("sound_pane")
        self.pages.setObjectName("transcript_pages")
        self.pages.addWidget(self.no_text)
        self.pages.addWidget(self.transcript_view)
        line = QFrame()
        line.setFrameShape(QFrame.Shape.HLine)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE_XL, theme.SPACE_L, theme.SPACE_XL, 0)
        column.setSpacing(theme.SPACE_M)
        column.addWidget(self.header)
        column.addWidget(self.player)
        column.addWidget(self.transcription_bar)
        column.addWidget(line)
        column.addWidget(self.pages, 1)
        self._save_timer.setSingleShot(True)
        self._save_timer.setInterval(SAVE_AFTER_MS)
        self._save_timer.timeout.connect(self.save_now)
        self.transcript_view.edited.connect(self._on_transcript_view_edited)
        self.transcript_view.play_requested.connect(self.player.play_from)
        self.transcript_view.place_clicked.connect(self.player.follow)
        self.player.position_changed.connect(self.transcript_view.set_position)
        self.header.version_chosen.connect(self._on_version_chosen)
        self._outlines.read.connect(self._on_outline_read)
        for source in (self.player, self._errands, self._outlines):
            source.failed.connect(self.failed)
        self._show_page()

    def _show_transcript(self, transcript: Transcript | None) -> None:
        self.transcript = transcript
        if transcript is not None:
            self.transcript_view.show_transcript(transcript)
        if self.recording is not None:
            self.header.show_sound(self.recording, transcript)
        self._show_page()

    def _show_page(self) -> None:
        if self.transcript is not None and self.transcript.segments:
            self.pages.setCurrentWidget(self.transcript_view)
            return
        self.pages.setCurrentWidget(self.no_text)
        if self.transcript is None:
            text = self.tr("Press Transcribe to turn this sound into text.")
            self.no_text.set_texts(self.tr("No transcript yet"), text)
        elif self.transcript.state is TranscriptState.COMPLETE:
            text = self.tr("The speech model found no speech in this sound.")
            self.no_text.set_texts(self.tr("No speech was found"), text)
        elif self.transcript.state is TranscriptState.RUNNING:
            self.no_text.set_texts(self.tr("Listening…"), self.tr("The text appears here as it is recognised."))
        else:
            text = self.transcript.error or self.tr("It was stopped before the first words.")
            self.no_text.set_texts(self.tr("No text yet"), text)

    async def _load_transcripts(self, recording: Recording, wanted_id: int | None = None) -> None:
        """Show the newest transcript, or the one with `wanted_id`, if the recording is still on show."""
        transcripts = await self._keeper.transcripts(recording)
        self.headway_found.emit(recording.id, transcripts[0].headway if transcripts else None)
        if self.recording is None or self.recording.id != recording.id:
            return
        self.header.set_versions(transcripts)
        wanted = [transcript for transcript in transcripts if wanted_id in (None, transcript.id)]
        self._show_transcript(wanted[0] if wanted else None)
        self.loaded.emit()

    def _on_outline_read(self, recording: Recording, waveform: Waveform) -> None:
        if self.recording is not None and self.recording.id == recording.id:
            self.player.set_waveform(waveform)
            self.refresh(replace(self.recording, duration_s=waveform.duration_s))
            self.duration_found.emit(self.recording)

    def _on_transcript_view_edited(self) -> None:
        self._has_edits = True
        if not self._save_timer.isActive():  # also of someone who never pauses a crash takes little
            self._save_timer.start()

    def _on_version_chosen(self, transcript_id: int) -> None:
        if (recording := self.recording) is not None:
            self.save_now()
            self._errands.add(partial(self._load_transcripts, recording, transcript_id))

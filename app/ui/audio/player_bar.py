"""PlayerBar: plays the sound on show: button, waveform, time; decoding and the loudspeaker are the worker's."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from app.model.audio import PlaybackPosition, Recording, Waveform
from app.ui import theme
from app.ui.audio import words
from app.ui.audio.waveform_view import WaveformView
from app.ui.job import Job, JobState
from app.ui.theme import Role
from app.ui.widgets.plain_label import PlainLabel


class SoundPlayer(Protocol):
    """What is asked of the worker that plays."""

    def set_paused(self, paused: bool) -> None: ...
    def play(self, path: Path, start_s: float = 0.0) -> AsyncGenerator[PlaybackPosition]: ...


class PlayerBar(QWidget):
    """One sound at a time.

    Signals:
        position_changed(float): playing reached this second, or the user moved there.
        playing_changed(bool): sound is heard or not; a pause counts as not.
        failed(AppError): it cannot be played.
    """

    position_changed = Signal(float)
    playing_changed = Signal(bool)
    failed = Signal(object)

    def __init__(self, player: SoundPlayer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._player = player
        self._job = Job(self)
        self._path: Path | None = None
        self._start_s = 0.0
        self._restart = False
        self.is_playing = False
        self.play_button = QToolButton()
        self.waveform_view = WaveformView()
        self.time_label = PlainLabel()
        self._build()

    def show_sound(self, recording: Recording | None) -> None:
        """Another sound, silent at its beginning."""
        self.stop()
        self._path = recording.path if recording is not None else None
        self._start_s = 0.0
        self.waveform_view.show_sound(None, recording.duration_s if recording is not None else 0.0)
        self.play_button.setEnabled(recording is not None)
        self._show_time()

    def set_waveform(self, waveform: Waveform) -> None:
        self.waveform_view.set_waveform(waveform)
        self._show_time()

    def toggle(self) -> None:
        """Play, pause or go on."""
        if self._job.state is not JobState.RUNNING:
            at_end = self.waveform_view.position_s >= self.waveform_view.duration_s - 0.2
            self.play_from(0.0 if at_end else self.waveform_view.position_s)
            return
        self._player.set_paused(self.is_playing)
        self._set_playing(not self.is_playing)

    def play_from(self, seconds: float) -> None:
        """Play from this second on, also when something plays already."""
        if self._path is None:
            return
        self._start_s = seconds
        self._show_position(seconds)
        self._restart = True
        if self._job.running:
            self._job.stop()
        else:
            self._on_job_ended()

    def follow(self, seconds: float) -> None:
        """Go on from there if it plays; the click was meant for something else if not."""
        if self.is_playing:
            self.play_from(seconds)

    def seek(self, seconds: float) -> None:
        """Go on from there if it plays, else only move there."""
        if self.is_playing:
            self.play_from(seconds)
        else:
            self.stop()
            self._show_position(seconds)

    def stop(self) -> None:
        self._restart = False
        self._job.stop()

    async def aclose(self) -> None:
        self._restart = False
        await self._job.aclose()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _build(self) -> None:
        self.setObjectName("player_bar")
        self.play_button.setObjectName("play_button")
        self.time_label.setObjectName("player_time")
        theme.give_role(self.time_label, Role.SMALL)
        self.time_label.setMinimumWidth(theme.px(96))
        self.time_label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE_M)
        row.addWidget(self.play_button)
        row.addWidget(self.waveform_view, 1)
        row.addWidget(self.time_label)
        self.play_button.clicked.connect(self.toggle)
        self.waveform_view.sought.connect(self.seek)
        self._job.failed.connect(self.failed)
        self._job.ended.connect(self._on_job_ended)
        self.show_sound(None)
        self._retranslate()

    async def _play(self, start_s: float) -> None:
        assert self._path is not None
        async with aclosing(self._player.play(self._path, start_s)) as positions:
            async for position in positions:
                if not self._restart:
                    self._show_position(position.position_s)

    def _on_job_ended(self) -> None:
        wanted, self._restart = self._restart, False
        self._set_playing(wanted and self._job.start(self._play(self._start_s)))

    def _set_playing(self, playing: bool) -> None:
        if playing != self.is_playing:
            self.is_playing = playing
            self._retranslate()
            self.playing_changed.emit(playing)

    def _show_position(self, seconds: float) -> None:
        self.waveform_view.set_position(seconds)
        self._show_time()
        self.position_changed.emit(seconds)

    def _show_time(self) -> None:
        self.time_label.setText(
            f"{words.clock(self.waveform_view.position_s)} / {words.clock(self.waveform_view.duration_s)}"
        )

    def _retranslate(self) -> None:
        action = self.tr("Pause") if self.is_playing else self.tr("Play")
        self.play_button.setIcon(theme.icon("pause" if self.is_playing else "play"))
        self.play_button.setAccessibleName(action)
        self.play_button.setToolTip(self.tr("{action} (Ctrl+Space)").format(action=action))

"""RecorderBar: the recorder at the bottom of the tab as widgets; what its buttons do is done elsewhere."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from app.model.audio import Level
from app.ui import theme
from app.ui.audio import words
from app.ui.audio.device_picker import DevicePicker
from app.ui.audio.level_meter import LevelMeter
from app.ui.audio.record_button import RecordButton
from app.ui.theme import Role
from app.ui.widgets.elided_label import ElidedLabel
from app.ui.widgets.plain_label import PlainLabel

LEAST_WITH_WORDS_PX = 840
"""In a narrower bar the box at the end has fewer words."""
SILENCE_WARNING_S = 5.0
CLIPPING_WARNING_S = 3.0


class RecorderBar(QWidget):
    """Shows the recorder idle, testing the microphone, recording or paused.

    Signals:
        record_clicked(), pause_clicked(): the user pressed that button.
        testing_wanted(bool): the user wants to see the level without recording, or no longer.
        automatic_changed(bool): whether recordings shall be transcribed when they are stopped.
    """

    record_clicked = Signal()
    pause_clicked = Signal()
    testing_wanted = Signal(bool)
    automatic_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.record_button = RecordButton()
        self.title_label = PlainLabel()
        self.hint_label = ElidedLabel()
        self.pause_button = QToolButton()
        self.device_picker = DevicePicker()
        self.test_button = QToolButton()
        self.level_meter = LevelMeter()
        self.automatic_box = QCheckBox()
        self.is_recording = False
        self.is_paused = False
        self._clipped_until_s = 0.0
        self._is_silent = False
        self._build()

    def show_recording(self, recording: bool) -> None:
        """A recording began or ended."""
        self.is_recording, self.is_paused = recording, False
        self._clipped_until_s, self._is_silent = 0.0, False
        self.record_button.set_recording(recording)
        self.pause_button.setVisible(recording)
        self.device_picker.setDisabled(recording)
        self.test_button.setHidden(recording)
        self.level_meter.clear()
        self._retranslate()
        if recording:
            self.title_label.setText(words.clock(0))

    def show_paused(self, paused: bool) -> None:
        self.is_paused = paused
        self._retranslate_pause()
        self._show_hint()

    def show_testing(self, testing: bool) -> None:
        """The microphone is open without recording, or no longer."""
        self.test_button.setChecked(testing)
        if not testing and not self.is_recording:
            self.level_meter.clear()

    def show_level(self, level: Level) -> None:
        """Meter, time and warnings for the newest block."""
        self.level_meter.show_level(level)
        if level.clipping:
            self._clipped_until_s = level.elapsed_s + CLIPPING_WARNING_S
        self._is_silent = level.silent_s >= SILENCE_WARNING_S
        if self.is_recording:
            self.title_label.setText(words.clock(level.elapsed_s))
            self._show_hint(is_clipping=level.elapsed_s < self._clipped_until_s)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_words()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _build(self) -> None:
        self.setObjectName("recorder_bar")
        for widget, name in (
            (self.title_label, "recorder_title"), (self.hint_label, "recorder_hint"),
            (self.pause_button, "pause_recording_button"), (self.test_button, "test_microphone_button"),
            (self.level_meter, "level_meter"), (self.automatic_box, "transcribe_when_stopped_box"),
        ):  # fmt: skip
            widget.setObjectName(name)
        theme.give_role(self, Role.TOOL_BAR)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        theme.give_role(self.title_label, Role.TITLE)
        theme.give_role(self.hint_label, Role.SMALL)
        self.title_label.setMinimumWidth(theme.px(84))
        self.test_button.setIcon(theme.icon("audio-lines"))
        self.test_button.setCheckable(True)
        self.pause_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._lay_out()
        self.record_button.clicked.connect(self.record_clicked)
        self.pause_button.clicked.connect(self.pause_clicked)
        self.test_button.clicked.connect(self.testing_wanted)
        self.automatic_box.clicked.connect(self.automatic_changed)
        self.show_recording(False)

    def _lay_out(self) -> None:
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addStretch()
        texts.addWidget(self.title_label)
        texts.addWidget(self.hint_label)
        texts.addStretch()
        devices = QHBoxLayout()
        devices.setSpacing(theme.SPACE_S)
        devices.addWidget(self.device_picker, 1)
        devices.addWidget(self.test_button)
        microphone = QVBoxLayout()
        microphone.setSpacing(theme.SPACE_S)
        microphone.addLayout(devices)
        microphone.addWidget(self.level_meter)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE_L, theme.SPACE_M, theme.SPACE_L, theme.SPACE_M)
        row.setSpacing(theme.SPACE_M)
        row.addWidget(self.record_button)
        row.addLayout(texts, 1)
        row.addWidget(self.pause_button)
        row.addSpacing(theme.SPACE_M)
        row.addLayout(microphone, 1)
        row.addSpacing(theme.SPACE_M)
        row.addWidget(self.automatic_box)

    def _show_hint(self, *, is_clipping: bool = False) -> None:
        role = Role.SMALL
        if not self.is_recording:
            text = self.tr("Saved while you speak")
        elif self.is_paused:
            text = self.tr("Paused")
        elif is_clipping:
            role, text = Role.WARNING, self.tr("Too loud: move away or turn the microphone down")
        elif self._is_silent:
            role, text = Role.WARNING, self.tr("Nothing is heard: is the microphone muted?")
        else:
            text = self.tr("Recording")
        if text != self.hint_label.text():
            self.hint_label.setText(text)
        theme.give_role(self.hint_label, role)

    def _show_words(self) -> None:
        """As many as there is room for."""
        has_words = self.width() >= theme.px(LEAST_WITH_WORDS_PX)
        whole = self.tr("Transcribe when stopped")
        self.automatic_box.setText(whole if has_words else self.tr("Transcribe"))
        self.automatic_box.setAccessibleName(whole)
        self.automatic_box.setToolTip("" if has_words else whole)

    def _retranslate_pause(self) -> None:
        self.pause_button.setText(self.tr("Resume") if self.is_paused else self.tr("Pause"))
        self.pause_button.setIcon(theme.icon("mic" if self.is_paused else "pause"))

    def _retranslate(self) -> None:
        action = self.tr("Stop recording") if self.is_recording else self.tr("Record")
        self.record_button.setAccessibleName(action)
        self.record_button.setToolTip(self.tr("{action} (Ctrl+R)").format(action=action))
        if not self.is_recording:
            self.title_label.setText(self.tr("Record"))
        self.test_button.setAccessibleName(self.tr("Test the microphone"))
        self.test_button.setToolTip(self.tr("Test the microphone: show its level without recording"))
        self.level_meter.setAccessibleName(self.tr("Level of the microphone"))
        self._show_words()
        self._retranslate_pause()
        self._show_hint()

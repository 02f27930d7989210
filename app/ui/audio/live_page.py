"""LivePage: a recording while it is made: how long it is, and its newest sound as it came."""

from __future__ import annotations

from collections import deque

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.model.audio import Level
from app.ui import theme
from app.ui.audio import words
from app.ui.theme import Role
from app.ui.widgets.plain_label import PlainLabel

_BAR_PX, _GAP_PX = 3, 2
_HEIGHT_PX = 120
_LEVELS_A_BAR = 2
_MOST_BARS = 600


class LiveWaveform(QWidget):
    """The last seconds as bars that move to the left; what was said in a pause is missing, as in the recording."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._peaks: deque[float] = deque(maxlen=_MOST_BARS)
        self._gathered: list[float] = []

    def clear(self) -> None:
        self._peaks.clear()
        self._gathered.clear()
        self.update()

    def add(self, peak: float) -> None:
        self._gathered.append(peak)
        if len(self._gathered) >= _LEVELS_A_BAR:
            self._peaks.append(max(self._gathered))
            self._gathered.clear()
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(480), theme.px(_HEIGHT_PX))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        step = theme.px(_BAR_PX + _GAP_PX)
        for number in range(self.width() // step + 1):
            peak = self._peaks[-1 - number] if number < len(self._peaks) else 0.0
            height = max(float(theme.px(_BAR_PX)), peak**0.7 * self.height())
            left = self.width() - (number + 1) * step
            sound = theme.colors().danger if self.isEnabled() else theme.colors().outline
            painter.setBrush(QColor(sound if number < len(self._peaks) else theme.colors().border))
            radius = theme.px(_BAR_PX) / 2
            bar = QRectF(left, (self.height() - height) / 2, theme.px(_BAR_PX), height)
            painter.drawRoundedRect(bar, radius, radius)
        painter.end()


class LivePage(QWidget):
    """Shown in place of the transcript while a recording is made."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.time_label = PlainLabel()
        self.waveform = LiveWaveform()
        self.hint_label = PlainLabel()
        self._elapsed_s = 0.0
        self._is_paused = False
        self._build()

    def begin(self) -> None:
        """A new recording."""
        self._elapsed_s = 0.0
        self.show_paused(False)
        self.waveform.clear()
        self.time_label.setText(words.clock(0))

    def show_level(self, level: Level) -> None:
        if level.elapsed_s > self._elapsed_s:  # it stands still in a pause
            self._elapsed_s = level.elapsed_s
            self.waveform.add(level.peak)
            self.time_label.setText(words.clock(level.elapsed_s))

    def show_paused(self, paused: bool) -> None:
        self._is_paused = paused
        self.waveform.setDisabled(paused)
        self._retranslate()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _build(self) -> None:
        self.setObjectName("live_page")
        self.time_label.setObjectName("live_time")
        theme.give_role(self.time_label, Role.TITLE)
        theme.give_role(self.hint_label, Role.SMALL)
        self.hint_label.setObjectName("live_hint")
        self.hint_label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.hint_label.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE_XL, theme.SPACE_XL, theme.SPACE_XL, theme.SPACE_XL)
        column.setSpacing(theme.SPACE_L)
        column.addStretch(2)
        column.addWidget(self.time_label, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.waveform)
        column.addWidget(self.hint_label)
        column.addStretch(3)
        self._retranslate()

    def _retranslate(self) -> None:
        self.waveform.setAccessibleName(self.tr("The newest sound"))
        self.hint_label.setText(
            self.tr("Paused. Press Resume to go on, or the round button when you are done.")
            if self._is_paused
            else self.tr("Saved while you speak. Press the round button again when you are done.")
        )

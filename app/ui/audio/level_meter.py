"""LevelMeter: how loud a microphone is, as a bar with a mark at the loudest moment; measures nothing itself."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.model.audio import Level
from app.ui import theme

FLOOR_DB = -60.0
LOUD_DB = -6.0
HOLD_S = 1.5
_HEIGHT_PX = 8


class LevelMeter(QWidget):
    """Empty until `show_level`; the scale is in decibels, as loudness is heard."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._held_at = 0.0
        self.position = 0.0
        """How far the bar reaches, 0.0 to 1.0."""
        self.held = 0.0
        """The loudest position of the last moments."""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_level(self, level: Level) -> None:
        self.position = _position(level.peak)
        now = self._clock()
        if self.position >= self.held or now - self._held_at > HOLD_S:
            self.held, self._held_at = self.position, now
        self.update()

    def clear(self) -> None:
        self.position = self.held = 0.0
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(160), theme.px(_HEIGHT_PX))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(60), theme.px(_HEIGHT_PX))

    def paintEvent(self, _event: QPaintEvent) -> None:
        colors = theme.colors()
        height = theme.px(_HEIGHT_PX)
        groove = QRectF(0, (self.height() - height) / 2, self.width(), height)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colors.pressed))
        painter.drawRoundedRect(groove, height / 2, height / 2)
        if self.position > 0:
            painter.setBrush(QColor(self._color(self.position)))
            bar = groove.adjusted(0, 0, -(1 - self.position) * groove.width(), 0)
            painter.drawRoundedRect(bar, min(height, bar.width()) / 2, height / 2)
        if self.held > 0:
            painter.setBrush(QColor(self._color(self.held)))
            mark = QRectF(min(self.held * groove.width(), groove.width() - 3), groove.top(), 3, height)
            painter.drawRoundedRect(mark, 1.5, 1.5)
        painter.end()

    def _color(self, position: float) -> str:
        colors = theme.colors()
        if position >= 0.999:
            return colors.danger
        return colors.warning if position > 1 - LOUD_DB / FLOOR_DB else colors.success


def _position(peak: float) -> float:
    if peak <= 0:
        return 0.0
    return min(1.0, max(0.0, 1 - 20 * math.log10(peak) / FLOOR_DB))

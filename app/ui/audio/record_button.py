"""RecordButton: the one round button that starts and ends a recording."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from app.ui import theme

_SIZE_PX = 48


class RecordButton(QAbstractButton):
    """A dot while nothing is recorded, a square to stop; what it does is told by its accessible name."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.is_recording = False
        self.setObjectName("record_button")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def set_recording(self, recording: bool) -> None:
        self.is_recording = recording
        self.update()

    def sizeHint(self) -> QSize:
        side = theme.px(_SIZE_PX)
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        colors = theme.colors()
        side = float(min(self.width(), self.height()))
        center = QRectF(self.rect()).center()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ring = QColor(colors.accent if self.hasFocus() else colors.outline if self.isEnabled() else colors.border)
        painter.setPen(QPen(ring, 2))
        painter.setBrush(QColor(colors.pressed if self.underMouse() and self.isEnabled() else colors.base))
        painter.drawEllipse(center, side / 2 - 1.5, side / 2 - 1.5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colors.danger if self.isEnabled() else colors.border))
        inner = side * (0.34 if self.isDown() else 0.36)
        if self.is_recording:
            half = inner * 0.62
            corner = QPointF(half, half)
            painter.drawRoundedRect(QRectF(center - corner, center + corner), 3, 3)
        else:
            painter.drawEllipse(center, inner, inner)
        painter.end()

"""Spinner: the sign that something works; still where the system asks for no motion."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, QTimerEvent
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QWidget

from app.ui import theme

_FRAME_MS = 50
_DEGREES_A_FRAME = 20


class Spinner(QWidget):
    """An open ring that turns between `start` and `stop`; takes no room while it is stopped."""

    def __init__(self, size_px: int = theme.ICON_PX, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._size_px = size_px
        self._angle = 0
        self._timer_id = 0
        self.running = False
        self.hide()

    def start(self) -> None:
        self.running = True
        self.show()

    def stop(self) -> None:
        self.running = False
        self.hide()

    def set_running(self, running: bool) -> None:
        if running:
            self.start()
        else:
            self.stop()

    def sizeHint(self) -> QSize:
        side = theme.px(self._size_px)
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._timer_id and theme.motion_wanted():
            self._timer_id = self.startTimer(_FRAME_MS)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self._timer_id:
            self.killTimer(self._timer_id)
            self._timer_id = 0

    def timerEvent(self, _event: QTimerEvent) -> None:
        self._angle = (self._angle + _DEGREES_A_FRAME) % 360
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        side = min(self.width(), self.height(), theme.px(self._size_px))
        thickness = max(1.5, side / 9)
        ring = QRectF(0, 0, side - 2 * thickness, side - 2 * thickness)
        ring.moveCenter(QRectF(self.rect()).center())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for color, start, length in ((theme.colors().pressed, 0, 360), (theme.colors().accent, -self._angle, 100)):
            painter.setPen(QPen(QColor(color), thickness, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawArc(ring, start * 16, length * 16)
        painter.end()

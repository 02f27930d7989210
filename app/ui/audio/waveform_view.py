"""WaveformView: the outline of a sound as bars, with the place that plays; seeking by mouse and keys."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.model.audio import Waveform
from app.ui import theme
from app.ui.audio import words

_BAR_PX, _GAP_PX = 2, 1
_HEIGHT_PX = 56
_STEP_S = 5.0


class WaveformView(QWidget):
    """Bars are scaled to the loudest place, so that a quiet recording can be read too.

    Signals:
        sought(float): the user wants to hear from this second on.
    """

    sought = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.position_s = 0.0
        self.duration_s = 0.0
        self._waveform: Waveform | None = None
        self._bars: list[float] = []
        self._bars_width = 0
        self._hover_x: float | None = None
        self.setObjectName("waveform_view")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._retranslate()

    def show_sound(self, waveform: Waveform | None, duration_s: float = 0.0) -> None:
        """Another sound, at its beginning; without a waveform yet only its length is known."""
        self._waveform = waveform
        self.duration_s = waveform.duration_s if waveform is not None else duration_s
        self.position_s = 0.0
        self._bars_width = 0
        self.update()

    def set_waveform(self, waveform: Waveform) -> None:
        """The outline of the sound on show has been read."""
        position_s = self.position_s
        self.show_sound(waveform)
        self.position_s = min(position_s, self.duration_s)

    def set_position(self, seconds: float) -> None:
        self.position_s = seconds
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(400), theme.px(_HEIGHT_PX))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(120), theme.px(_HEIGHT_PX))

    def paintEvent(self, _event: QPaintEvent) -> None:
        colors = theme.colors()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        played_x = self._x_of(self.position_s)
        played, rest = QColor(colors.accent), QColor(colors.outline if self._waveform is not None else colors.border)
        step = _BAR_PX + _GAP_PX
        for number, height in enumerate(self._bars_for(max(1, self.width() // step))):
            length = max(2.0, height * (self.height() - 4))
            bar = QRectF(number * step, (self.height() - length) / 2, _BAR_PX, length)
            painter.setBrush(played if bar.center().x() <= played_x and self.position_s > 0 else rest)
            painter.drawRoundedRect(bar, 1, 1)
        if self.position_s > 0:
            painter.setPen(QPen(played, 2))
            painter.drawLine(QPointF(played_x, 0), QPointF(played_x, self.height()))
        if self._hover_x is not None and self.duration_s > 0:
            self._paint_hover(painter, self._hover_x)
        if self.hasFocus():
            painter.setPen(QPen(QColor(colors.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), theme.RADIUS_PX, theme.RADIUS_PX)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._seek(self._seconds_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover_x = event.position().x()
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover_x = None
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        targets = {
            Qt.Key.Key_Left: self.position_s - _STEP_S,
            Qt.Key.Key_Right: self.position_s + _STEP_S,
            Qt.Key.Key_Home: 0.0,
        }
        target = targets.get(Qt.Key(event.key()))
        if target is None:
            super().keyPressEvent(event)
        else:
            self._seek(target)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _seek(self, seconds: float) -> None:
        if self.duration_s > 0:
            self.sought.emit(min(max(0.0, seconds), self.duration_s))

    def _x_of(self, seconds: float) -> float:
        return self.width() * seconds / self.duration_s if self.duration_s > 0 else 0.0

    def _seconds_at(self, x: float) -> float:
        return self.duration_s * x / max(1, self.width())

    def _bars_for(self, count: int) -> list[float]:
        """Heights from 0 to 1; made anew only for another width or another sound."""
        if self._bars_width == count:
            return self._bars
        peaks = self._waveform.peaks if self._waveform is not None else b""
        loudest = max(peaks, default=0)
        edges = [number * len(peaks) // count for number in range(count + 1)]
        self._bars = [
            max(peaks[edges[n] : max(edges[n + 1], edges[n] + 1)], default=0) / loudest if loudest else 0.0
            for n in range(count)
        ]
        self._bars_width = count
        return self._bars

    def _paint_hover(self, painter: QPainter, x: float) -> None:
        colors = theme.colors()
        font = theme.text_font(theme.SMALL_PX)
        text = words.clock(self._seconds_at(x))
        width = QFontMetrics(font).horizontalAdvance(text) + 2 * theme.SPACE_S
        height = QFontMetrics(font).height() + 2
        left = min(max(0.0, x - width / 2), self.width() - width)
        painter.setPen(QPen(QColor(colors.text), 1))
        painter.drawLine(QPointF(x, 0), QPointF(x, self.height()))
        label = QRectF(left, 0, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colors.raised))
        painter.drawRoundedRect(label, 4, 4)
        painter.setFont(font)
        painter.setPen(QColor(colors.text))
        painter.drawText(label, Qt.AlignmentFlag.AlignCenter, text)

    def _retranslate(self) -> None:
        self.setAccessibleName(self.tr("Waveform"))
        self.setAccessibleDescription(self.tr("Left and right arrow keys move by five seconds"))
        self.setToolTip("")

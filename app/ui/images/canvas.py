"""PictureCanvas: shows one picture, fitted or zoomed, and beside it the picture it was made from; loads nothing."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui import theme

_STEP = 1.25
_SMALLEST, _LARGEST = 0.02, 16.0
_NOTCH = 120
"""What Qt reports for one step of an ordinary mouse wheel, in eighths of a degree."""
_GRIP_PX = 8
_PAN_PX = 60
_CHECK_PX = 8


class PictureCanvas(QWidget):
    """Wheel and plus/minus zoom around the pointer, dragging moves, double-click switches between fitted and 100 %.

    With a picture to compare with, a line divides both; it is moved with the mouse.

    Signals:
        scale_changed(float): screen pixels per picture pixel; 1.0 is 100 %.
    """

    scale_changed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pixmap = QPixmap()
        self._before = QPixmap()
        self._scale = 1.0
        self._centre = QPointF()
        self._divider = 0.5
        self._grabbed_at: QPointF | None = None
        self._moves_divider = False
        self._shows_focus = False
        self.is_fitted = True
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_image(self, image: QImage) -> None:
        """Show `image`, fitted; a null image shows nothing."""
        self._pixmap = QPixmap.fromImage(image)
        self._before = QPixmap()
        self.fit()

    def set_before(self, image: QImage) -> None:
        """Compare with `image`, drawn at the size of the one on show; a null image ends comparing."""
        self._before = QPixmap.fromImage(image)
        self._divider = 0.5
        self.update()

    def fit(self) -> None:
        """As large as there is room, but never larger than 100 %."""
        self.is_fitted = True
        if self._pixmap.isNull():
            self.update()
            return
        room = QSizeF(self.size()) * self.devicePixelRatioF()
        whole = QSizeF(self._pixmap.size())
        self._centre = QPointF(whole.width() / 2, whole.height() / 2)
        self._set_scale(min(1.0, room.width() / whole.width(), room.height() / whole.height()))

    def zoom_to(self, scale: float, around: QPointF | None = None) -> None:
        """Set the scale; the picture's point below `around` (widget coordinates, by default the middle) stays there."""
        if self._pixmap.isNull():
            return
        pointer = around or QPointF(self.rect().center())
        before = self._to_picture(pointer)
        self.is_fitted = False
        self._set_scale(min(_LARGEST, max(_SMALLEST, scale)))
        self._centre += before - self._to_picture(pointer)
        self._keep_in_sight()

    def zoom_by(self, steps: float, around: QPointF | None = None) -> None:
        """One step is a quarter larger (or, when negative, smaller)."""
        self.zoom_to(self._scale * _STEP**steps, around)

    def sizeHint(self) -> QSize:
        return QSize(640, 480)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        if not self._pixmap.isNull():
            target = self._target()
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self._scale < 2)
            if self._pixmap.hasAlpha():
                _paint_checks(painter, target.intersected(QRectF(self.rect())))
            painter.drawPixmap(target, self._pixmap, QRectF(self._pixmap.rect()))
            if not self._before.isNull():
                self._paint_before(painter, target)
        if self._shows_focus:
            painter.setPen(QPen(QColor(theme.colors().accent), 2))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.is_fitted:
            self.fit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        # A ring around the picture helps whoever walks with the Tab key; for everyone else it is in the way.
        self._shows_focus = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._shows_focus = False

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.zoom_by(event.angleDelta().y() / _NOTCH, event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._moves_divider = self._is_on_divider(event.position())
            self._grabbed_at = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grabbed_at is None:
            on_divider = self._is_on_divider(event.position())
            self.setCursor(Qt.CursorShape.SplitHCursor if on_divider else Qt.CursorShape.ArrowCursor)
        elif self._moves_divider:
            self._move_divider(event.position())
        else:
            moved = event.position() - self._grabbed_at
            self._grabbed_at = event.position()
            self._pan(moved)

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self._grabbed_at = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.is_fitted:
            self.zoom_to(1.0, event.position())
        else:
            self.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = Qt.Key
        pans = {
            keys.Key_Up: QPointF(0, _PAN_PX),
            keys.Key_Down: QPointF(0, -_PAN_PX),
        }
        if event.key() in (keys.Key_Plus, keys.Key_Equal):
            self.zoom_by(1)
        elif event.key() == keys.Key_Minus:
            self.zoom_by(-1)
        elif event.key() == keys.Key_1:
            self.zoom_to(1.0)
        elif event.key() == keys.Key_0:
            self.fit()
        elif event.key() in pans and not self.is_fitted:
            self._pan(pans[keys(event.key())])
        else:
            super().keyPressEvent(event)

    def _target(self) -> QRectF:
        """Where the whole picture lies in the widget."""
        scale = self._scale / self.devicePixelRatioF()
        size = QSizeF(self._pixmap.size()) * scale
        middle = QRectF(self.rect()).center()
        return QRectF(middle - self._centre * scale, size)

    def _to_picture(self, point: QPointF) -> QPointF:
        scale = self._scale / self.devicePixelRatioF()
        return self._centre + (point - QRectF(self.rect()).center()) / scale

    def _set_scale(self, scale: float) -> None:
        self._scale = scale
        self.scale_changed.emit(scale)
        self.update()

    def _pan(self, moved: QPointF) -> None:
        self.is_fitted = False
        self._centre -= moved / (self._scale / self.devicePixelRatioF())
        self._keep_in_sight()

    def _keep_in_sight(self) -> None:
        """The middle of the widget always shows a part of the picture."""
        x = min(max(self._centre.x(), 0.0), float(self._pixmap.width()))
        y = min(max(self._centre.y(), 0.0), float(self._pixmap.height()))
        self._centre = QPointF(x, y)
        self.update()

    def _divider_x(self) -> float:
        shown = self._target().intersected(QRectF(self.rect()))
        return shown.left() + shown.width() * self._divider

    def _is_on_divider(self, point: QPointF) -> bool:
        return not self._before.isNull() and abs(point.x() - self._divider_x()) <= theme.px(_GRIP_PX)

    def _move_divider(self, point: QPointF) -> None:
        shown = self._target().intersected(QRectF(self.rect()))
        if shown.width() > 0:
            self._divider = min(1.0, max(0.0, (point.x() - shown.left()) / shown.width()))
            self.update()

    def _paint_before(self, painter: QPainter, target: QRectF) -> None:
        line = self._divider_x()
        left = QRectF(target)
        left.setRight(line)
        painter.save()
        painter.setClipRect(left)
        if self._before.hasAlpha():
            _paint_checks(painter, left.intersected(QRectF(self.rect())))
        painter.drawPixmap(target, self._before, QRectF(self._before.rect()))
        painter.restore()
        painter.setPen(QPen(QColor(theme.colors().accent), 2))
        painter.drawLine(
            QPointF(line, max(0.0, target.top())), QPointF(line, min(float(self.height()), target.bottom()))
        )


def _paint_checks(painter: QPainter, area: QRectF) -> None:
    """The usual sign for "nothing here" below transparent pictures."""
    painter.fillRect(area, QColor(theme.colors().surface))
    tile = QPixmap(2 * _CHECK_PX, 2 * _CHECK_PX)
    tile.fill(QColor(theme.colors().surface))
    checks = QPainter(tile)
    for x, y in ((0, 0), (_CHECK_PX, _CHECK_PX)):
        checks.fillRect(x, y, _CHECK_PX, _CHECK_PX, QColor(theme.colors().pressed))
    checks.end()
    painter.drawTiledPixmap(area, tile)

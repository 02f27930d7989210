"""TimeGutter: the time of each segment beside its text; a click plays from there."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QTextBlock
from PySide6.QtWidgets import QWidget

from app.ui import theme
from app.ui.audio import words
from app.ui.audio.transcript_edit import TranscriptEdit


class TimeGutter(QWidget):
    """Draws the times of the paragraphs that `edit` shows now; `time_of` tells when a segment begins.

    Signals:
        clicked(int): the time of the segment with this number was clicked.
    """

    clicked = Signal(int)

    def __init__(self, edit: TranscriptEdit, time_of: Callable[[int], float], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._edit = edit
        self._time_of = time_of
        self._hovered = -1
        self.playing = -1
        self.setObjectName("time_gutter")
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._retranslate()

    def set_playing(self, number: int) -> None:
        """The segment that plays is drawn in the accent colour; -1 for none."""
        self.playing = number
        self.update()

    def wanted_width(self) -> int:
        metrics = QFontMetrics(theme.text_font(theme.SMALL_PX))
        longest = words.clock(self._time_of(self._edit.count - 1)) if self._edit.count else "0:00"
        return max(metrics.horizontalAdvance("00:00"), metrics.horizontalAdvance(longest)) + theme.px(theme.SPACE_L)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        font = theme.text_font(theme.SMALL_PX)
        painter.setFont(font)
        baseline = QFontMetrics(self._edit.font()).ascent() - QFontMetrics(font).ascent()
        for block, top, _bottom in self._visible():
            number = block.blockNumber()
            is_active = number in (self._hovered, self.playing)
            painter.setPen(QColor(theme.colors().accent if is_active else theme.colors().muted))
            place = QRectF(0, top + baseline, self.width() - theme.px(theme.SPACE_M), 100)
            painter.drawText(
                place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, words.clock(self._time_of(number))
            )
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._number_at(event.position().y()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(-1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = self._number_at(event.position().y())
        if event.button() is Qt.MouseButton.LeftButton and number >= 0:
            self.clicked.emit(number)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _hover(self, number: int) -> None:
        if number != self._hovered:
            self._hovered = number
            self.update()

    def _number_at(self, y: float) -> int:
        return next((block.blockNumber() for block, top, bottom in self._visible() if top <= y < bottom), -1)

    def _visible(self) -> Iterator[tuple[QTextBlock, float, float]]:
        """The paragraphs in view with their top and bottom."""
        if not self._edit.count:
            return
        block = self._edit.cursorForPosition(self._edit.viewport().rect().topLeft()).block()
        while block.isValid():
            top, bottom = self._edit.span_of(block)
            if top > self.height():
                return
            yield block, top, bottom
            block = block.next()

    def _retranslate(self) -> None:
        self.setAccessibleName(self.tr("Times of the segments"))
        self.setToolTip(self.tr("Play from here"))

"""QueueDelegate: draws one recording or file of the queue: name, length, state and, while it works, progress."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.model.audio import Headway, RecordingOrigin, RecordingState, TranscriptState
from app.ui import theme
from app.ui.audio import words
from app.ui.audio.queue_model import ITEM_ROLE, QueueItem

type Index = QModelIndex | QPersistentModelIndex

_BAR_PX = 4


class QueueDelegate(QStyledItemDelegate):
    """Two lines beside an icon, and a thin bar below them while something happens to the row."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        lines = QFontMetrics(theme.text_font()).height() + QFontMetrics(_small()).height()
        return QSize(0, lines + theme.px(2 * theme.SPACE_S + theme.SPACE_XS + 2))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        self.initStyleOption(option, index)
        option.text = ""
        rect: QRect = option.rect
        widget: QWidget | None = option.widget
        if widget is not None:
            widget.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, widget)
        item: QueueItem = index.data(ITEM_ROLE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        texts = self._text_rect(rect)
        side = theme.px(theme.ICON_PX)
        icon = QRect(rect.left() + theme.px(theme.SPACE_M), texts.top() + theme.px(2), side, side)
        name, tint = _icon(item)
        theme.icon(name, tint).paint(painter, icon)
        self._draw_texts(painter, texts, item)
        if item.activity:
            self._draw_progress(painter, texts, item.fraction)
        painter.restore()

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        """The editor covers the name alone."""
        texts = self._text_rect(option.rect)
        height = editor.sizeHint().height()
        line = QFontMetrics(theme.text_font()).height()
        editor.setGeometry(texts.left() - 8, texts.top() - (height - line) // 2, texts.width() + 8, height)

    def _text_rect(self, rect: QRect) -> QRect:
        left = theme.px(theme.SPACE_M + theme.ICON_PX + theme.SPACE_M)
        return rect.adjusted(left, theme.px(theme.SPACE_S), -theme.px(theme.SPACE_M), -theme.px(theme.SPACE_XS))

    def _draw_texts(self, painter: QPainter, rect: QRect, item: QueueItem) -> None:
        # Centred in lines of their own: Chinese is higher, and from the top it would reach into the line below.
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading | Qt.TextFlag.TextDontClip
        font, small = theme.text_font(), _small()
        line = QRect(rect.left(), rect.top(), rect.width(), QFontMetrics(font).height())
        below = QRect(rect.left(), line.bottom() + 2, rect.width(), QFontMetrics(small).height())
        right = Qt.TextElideMode.ElideRight
        painter.setFont(font)
        painter.setPen(theme.colors().text)
        painter.drawText(line, flags, QFontMetrics(font).elidedText(item.recording.name, right, rect.width()))
        painter.setFont(small)
        length = words.clock(item.recording.duration_s) if item.recording.duration_s else ""
        failed = _has_come_to(item, TranscriptState.FAILED)
        painter.setPen(theme.colors().danger if failed else theme.colors().muted)
        text = " · ".join(filter(None, (length, item.status() or words.moment(item.recording.created_at))))
        painter.drawText(below, flags, QFontMetrics(small).elidedText(text, right, rect.width()))

    def _draw_progress(self, painter: QPainter, rect: QRect, fraction: float | None) -> None:
        height = theme.px(_BAR_PX)
        groove = QRectF(rect.left(), rect.bottom() - height + 1, rect.width(), height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.colors().pressed))
        painter.drawRoundedRect(groove, height / 2, height / 2)
        if fraction:
            groove.setWidth(max(height, groove.width() * min(1.0, fraction)))
            painter.setBrush(QColor(theme.colors().accent))
            painter.drawRoundedRect(groove, height / 2, height / 2)


def _small() -> QFont:
    return theme.text_font(theme.SMALL_PX)


def _has_come_to(item: QueueItem, state: TranscriptState) -> bool:
    """Whether the newest transcript ended so; one that is complete without any text is no success."""
    if item.activity or item.headway is None or item.headway == Headway(TranscriptState.COMPLETE, has_text=False):
        return False
    return item.headway.state is state


def _icon(item: QueueItem) -> tuple[str, str]:
    if item.recording.state is RecordingState.RECORDING:
        return "mic", "danger"
    if _has_come_to(item, TranscriptState.COMPLETE):
        return "circle-check", "success"
    if _has_come_to(item, TranscriptState.FAILED):
        return "circle-alert", "danger"
    return ("mic" if item.recording.origin is RecordingOrigin.MICROPHONE else "file-audio"), "muted"

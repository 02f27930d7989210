"""The list of conversations and of search hits as Qt models and a delegate; it loads and changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QDate,
    QLocale,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    QTime,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.model.chat import Conversation, SearchHit
from app.ui import theme

type Index = QModelIndex | QPersistentModelIndex

ENTRY_ROLE = Qt.ItemDataRole.UserRole + 1
"""The `Conversation` or `SearchHit` of a row."""


class ConversationListModel(QAbstractListModel):
    """Rows are conversations, or hits while a search is on; titles can be edited in place.

    Signals:
        renamed(int, str): the user gave conversation id a new title.
    """

    renamed = Signal(int, str)

    def __init__(self, untitled: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.untitled = untitled
        self._entries: list[Conversation | SearchHit] = []

    def set_entries(self, entries: Sequence[Conversation | SearchHit]) -> None:
        self.beginResetModel()
        self._entries = list(entries)
        self.endResetModel()

    def row_of(self, conversation_id: int | None) -> int:
        """The first row of a conversation, -1 if it is not in the list."""
        for row, entry in enumerate(self._entries):
            if _conversation_id(entry) == conversation_id:
                return row
        return -1

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - Qt's variant
        if not index.isValid():
            return None
        entry = self._entries[index.row()]
        title = entry.title or self.untitled
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return title
        if role == ENTRY_ROLE:
            return entry
        if role == Qt.ItemDataRole.ToolTipRole:
            return title if isinstance(entry, Conversation) else f"{title}\n{entry.excerpt}"
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        if index.isValid() and isinstance(self._entries[index.row()], Conversation):
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        title = str(value).strip()
        if role != Qt.ItemDataRole.EditRole or not title or title == self.data(index):
            return False
        self.renamed.emit(_conversation_id(self._entries[index.row()]), title)
        return True


class ConversationDelegate(QStyledItemDelegate):
    """Draws a conversation in one line with its date, a hit in two lines with its excerpt."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        lines = 2 if isinstance(index.data(ENTRY_ROLE), SearchHit) else 1
        height = QFontMetrics(theme.text_font()).height() + (lines - 1) * QFontMetrics(_small()).height()
        return QSize(0, height + 2 * theme.px(theme.SPACE_S))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        self.initStyleOption(option, index)
        option.text = ""
        rect: QRect = option.rect
        widget: QWidget | None = option.widget
        if widget is not None:
            widget.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, widget)
        painter.save()
        inner = rect.adjusted(theme.px(theme.SPACE_M), theme.px(theme.SPACE_S), -theme.px(theme.SPACE_M), 0)
        entry = index.data(ENTRY_ROLE)
        if isinstance(entry, Conversation):
            self._draw_conversation(painter, inner, entry, index.data())
        else:
            self._draw_hit(painter, inner, entry, index.data())
        painter.restore()

    def _draw_conversation(self, painter: QPainter, rect: QRect, entry: Conversation, title: str) -> None:
        small = QFontMetrics(_small())
        mark = _when(entry.updated_at)
        width = small.horizontalAdvance(mark)
        painter.setFont(_small())
        painter.setPen(theme.colors().muted)
        right = rect.adjusted(0, 0, 0, -theme.px(theme.SPACE_S))
        painter.drawText(right, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, mark)
        if entry.pinned:
            side = small.height()
            pin = QRect(rect.right() - width - side - theme.px(theme.SPACE_XS), rect.top(), side, side)
            theme.icon("pin", "muted").paint(painter, pin)
            width += side + theme.px(theme.SPACE_XS)
        self._draw_title(painter, rect, title, rect.width() - width - theme.px(theme.SPACE_S))

    def _draw_hit(self, painter: QPainter, rect: QRect, entry: SearchHit, title: str) -> None:
        self._draw_title(painter, rect, title, rect.width())
        below = rect.adjusted(0, QFontMetrics(theme.text_font()).height(), 0, 0)
        painter.setFont(_small())
        painter.setPen(theme.colors().muted)
        excerpt = " ".join(entry.excerpt.split())
        elided = QFontMetrics(_small()).elidedText(excerpt, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, elided)

    def _draw_title(self, painter: QPainter, rect: QRect, title: str, width: int) -> None:
        font = theme.text_font()
        painter.setFont(font)
        painter.setPen(theme.colors().text)
        elided = QFontMetrics(font).elidedText(title, Qt.TextElideMode.ElideRight, width)
        painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, elided)


def _small() -> Any:  # noqa: ANN401 - a QFont
    return theme.text_font(theme.SMALL_PX)


def _conversation_id(entry: Conversation | SearchHit) -> int:
    return entry.id if isinstance(entry, Conversation) else entry.conversation_id


def _when(moment: datetime) -> str:
    """The time for today, else the date, as the locale writes them."""
    local = moment.astimezone()
    if local.date() == datetime.now().astimezone().date():
        return QLocale().toString(QTime(local.hour, local.minute), QLocale.FormatType.ShortFormat)
    return QLocale().toString(QDate(local.year, local.month, local.day), QLocale.FormatType.ShortFormat)

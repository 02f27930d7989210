"""The list of conversations and of search hits as a Qt model and a delegate; it loads and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractListModel,
    QDate,
    QDateTime,
    QLocale,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QSize,
    Qt,
    QTime,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QTextCharFormat, QTextLayout
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.model.chat import Conversation, SearchHit
from app.model.title import automatic_title
from app.model.visible import readable_title
from app.ui import theme
from app.ui.widgets.plain_tip import plain_tip

type Index = QModelIndex | QPersistentModelIndex
type Entry = Conversation | SearchHit

ENTRY_ROLE = Qt.ItemDataRole.UserRole + 1
"""The `Conversation` or `SearchHit` of a row."""
_EXCERPT_LINES = 2
_PIN_PX = 14


class ConversationListModel(QAbstractListModel):
    """Rows are conversations, or hits while a search is on; titles can be edited in place.

    Signals:
        renamed(int, str): the user gave conversation id a new title.
    """

    renamed = Signal(int, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.untitled = ""
        """What a conversation is called that has no title and no draft."""
        self._entries: list[Entry] = []

    def set_entries(self, entries: Sequence[Entry]) -> None:
        """Show these; where they are the same conversations in the same order, only what changed is drawn anew."""
        if list(map(_key, entries)) == list(map(_key, self._entries)):
            self._entries = list(entries)
            self.refresh()
            return
        self.beginResetModel()
        self._entries = list(entries)
        self.endResetModel()

    def refresh(self) -> None:
        """Draw every row anew, as after a change of language."""
        if self._entries:
            self.dataChanged.emit(self.index(0), self.index(len(self._entries) - 1))

    def row_of(self, conversation_id: int | None) -> int:
        """The first row of a conversation, -1 if it is not in the list."""
        for row, entry in enumerate(self._entries):
            if _key(entry)[0] == conversation_id:
                return row
        return -1

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - Qt's variant
        if not index.isValid():
            return None
        entry = self._entries[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._title(entry)
        if role == Qt.ItemDataRole.EditRole:
            return entry.title
        if role == ENTRY_ROLE:
            return entry
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            below = _when(entry.updated_at) if isinstance(entry, Conversation) else entry.excerpt
            text = f"{self._title(entry)}\n{below}"
            return plain_tip(text) if role == Qt.ItemDataRole.ToolTipRole else text
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        if index.isValid() and isinstance(self._entries[index.row()], Conversation):
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        title = str(value).strip()
        entry = self._entries[index.row()]
        if role != Qt.ItemDataRole.EditRole or not title or title == entry.title or isinstance(entry, SearchHit):
            return False
        self._entries[index.row()] = replace(entry, title=title)
        self.renamed.emit(entry.id, title)
        return True

    def _title(self, entry: Entry) -> str:
        """A conversation in which nothing was said yet is called by its draft."""
        draft = automatic_title(entry.draft) if isinstance(entry, Conversation) else ""
        return readable_title(entry.title) or draft or self.untitled


class ConversationDelegate(QStyledItemDelegate):
    """Draws a conversation in one line, a found message in three: title, and an excerpt with `words` marked in it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.words: tuple[str, ...] = ()
        self.is_editing = False

    def sizeHint(self, _option: QStyleOptionViewItem, index: Index) -> QSize:
        entry = index.data(ENTRY_ROLE)
        lines = _EXCERPT_LINES if isinstance(entry, SearchHit) and entry.message_id is not None else 0
        height = QFontMetrics(theme.text_font()).height() + lines * QFontMetrics(_small()).height()
        return QSize(0, height + 2 * theme.px(theme.SPACE_S))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        self.initStyleOption(option, index)
        title, option.text = option.text, ""
        if option.widget is not None:
            option.widget.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, option.widget)
        entry = index.data(ENTRY_ROLE)
        painter.save()
        inner = option.rect.adjusted(theme.px(theme.SPACE_S), 0, -theme.px(theme.SPACE_S), 0)
        if isinstance(entry, Conversation):
            self._draw_conversation(painter, inner, entry, title)
        elif entry.message_id is None:
            self._draw_title(painter, inner, title, theme.colors().text)
        else:
            self._draw_hit(painter, inner.adjusted(0, theme.px(theme.SPACE_S), 0, 0), entry, title)
        painter.restore()

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        self.is_editing = True
        editor = super().createEditor(parent, option, index)
        editor.setObjectName("title_editor")
        return editor

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, _index: Index) -> None:
        editor.setGeometry(option.rect)

    def destroyEditor(self, editor: QWidget, index: Index) -> None:
        self.is_editing = False
        super().destroyEditor(editor, index)

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        self.is_editing = False
        super().setModelData(editor, model, index)

    def _draw_conversation(self, painter: QPainter, rect: QRect, entry: Conversation, title: str) -> None:
        if entry.pinned:
            side = theme.px(_PIN_PX)
            pin = QRect(rect.right() - side, rect.center().y() - side // 2, side, side)
            theme.icon("pin", "muted").paint(painter, pin)
            rect = rect.adjusted(0, 0, -side - theme.px(theme.SPACE_S), 0)
        self._draw_title(painter, rect, title, theme.colors().text if entry.title else theme.colors().muted)

    def _draw_hit(self, painter: QPainter, rect: QRect, entry: SearchHit, title: str) -> None:
        line = QFontMetrics(theme.text_font()).height()
        self._draw_title(painter, QRect(rect.left(), rect.top(), rect.width(), line), title, theme.colors().text)
        painter.setPen(QColor(theme.colors().muted))
        layout = QTextLayout(" ".join(entry.excerpt.split()), _small())
        layout.setFormats(list(_marks(layout.text(), self.words)))
        top = 0.0
        layout.beginLayout()
        for _ in range(_EXCERPT_LINES):
            drawn = layout.createLine()
            if not drawn.isValid():
                break
            drawn.setLineWidth(rect.width())
            drawn.setPosition(QPointF(0, top))
            top += drawn.height()
        layout.endLayout()
        layout.draw(painter, QPointF(rect.left(), rect.top() + line))

    def _draw_title(self, painter: QPainter, rect: QRect, title: str, color: str) -> None:
        font = theme.text_font()
        painter.setFont(font)
        painter.setPen(QColor(color))
        elided = QFontMetrics(font).elidedText(title, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, elided)


def _small() -> QFont:
    return theme.text_font(theme.SMALL_PX)


def _key(entry: Entry) -> tuple[int, int | None]:
    """What makes a row that row: conversation and, of a hit, message."""
    return (entry.id, 0) if isinstance(entry, Conversation) else (entry.conversation_id, entry.message_id)


def _marks(text: str, words: Sequence[str]) -> Iterator[QTextLayout.FormatRange]:
    """The places of `words` in `text`, as ranges of another format."""
    folded = text.lower()
    for word in words:
        place = folded.find(word.lower())
        while place >= 0:
            mark = QTextLayout.FormatRange()
            mark.start, mark.length = place, len(word)
            mark.format = QTextCharFormat()
            mark.format.setForeground(QColor(theme.colors().text))
            mark.format.setFontWeight(QFont.Weight.Bold)
            yield mark
            place = folded.find(word.lower(), place + len(word))


def _when(moment: datetime) -> str:
    """Date and time as the locale writes them."""
    local = moment.astimezone()
    when = QDateTime(QDate(local.year, local.month, local.day), QTime(local.hour, local.minute))
    return QLocale().toString(when, QLocale.FormatType.ShortFormat)

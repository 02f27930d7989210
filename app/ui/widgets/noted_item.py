"""NotedItemDelegate: items of a list with a short note at their end, such as a key, a date or where it comes from."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QStandardItem
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.ui import theme

_NOTE_ROLE = Qt.ItemDataRole.UserRole + 100
_WARNING_ROLE = Qt.ItemDataRole.UserRole + 101


def set_note(item: QStandardItem, note: str, *, is_warning: bool = False) -> None:
    """Give `item` a note; screen readers read it after the text."""
    item.setData(note, _NOTE_ROLE)
    item.setData(is_warning, _WARNING_ROLE)
    item.setAccessibleText(f"{item.text()}, {note}" if note else item.text())


def note_of(index: QModelIndex | QPersistentModelIndex) -> str:
    """The note of an item; empty without one."""
    return str(index.data(_NOTE_ROLE) or "")


class NotedItemDelegate(QStyledItemDelegate):
    """Draws an item as usual and its note in small print at the end; a long text gives way to the note."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        super().initStyleOption(option, index)
        if note := note_of(index):
            taken = self._note_metrics().horizontalAdvance(note) + theme.px(2 * theme.SPACE_XL)
            if not option.icon.isNull():
                taken += option.decorationSize.width()
            room = option.rect.width() - taken
            option.text = option.fontMetrics.elidedText(option.text, Qt.TextElideMode.ElideMiddle, room)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """As wide as the list is: a long text is shortened and makes no scroll bar."""
        return QSize(0, super().sizeHint(option, index).height())

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().paint(painter, option, index)
        note = note_of(index)
        if not note:
            return
        scheme = theme.colors()
        edge = theme.px(theme.SPACE_M)
        painter.save()
        painter.setFont(theme.text_font(theme.SMALL_PX))
        painter.setPen(QColor(_color(scheme, option.state, is_warning=bool(index.data(_WARNING_ROLE)))))
        alignment = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(
            option.rect.adjusted(edge, 0, -edge, 0), QStyle.visualAlignment(option.direction, alignment), note
        )
        painter.restore()

    def _note_metrics(self) -> QFontMetrics:
        return QFontMetrics(theme.text_font(theme.SMALL_PX))


def _color(scheme: theme.Colors, state: QStyle.StateFlag, *, is_warning: bool) -> str:
    if is_warning:
        return scheme.warning
    return scheme.text if state & QStyle.StateFlag.State_Selected else scheme.muted  # readable on the selection too

"""Copies a message or what is selected of it: by key, by button, by the context menu."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from app.ui.chat.message_selection import MessageSelection
from app.ui.widgets.markdown_copy import put_text, rich_text
from app.ui.widgets.markdown_view import MarkdownView


class MessageClipboard(QObject):
    """Serves one message; without a selection all of it is meant.

    Signals:
        copied(str): the plain text that is on the clipboard now.
    """

    copied = Signal(str)

    def __init__(self, message: QWidget, selection: MessageSelection, source: Callable[[], str]) -> None:
        super().__init__(message)
        self._message = message
        self._selection = selection
        self._source = source
        message.installEventFilter(self)

    def copy_text(self) -> None:
        """Copy as one reads it, without the signs of Markdown."""
        was_empty = self._selection.is_empty
        if was_empty:
            self._selection.select_all()
        text = self._selection.text()
        if was_empty:
            self._selection.clear()
        self._put(text)

    def copy_markdown(self) -> None:
        self._put(self._markdown())

    def copy_rich_text(self) -> None:
        """Copy as text that keeps its form in a word processor or a mail."""
        data = rich_text(self._markdown())
        text = data.text()
        QGuiApplication.clipboard().setMimeData(data)
        self.copied.emit(text)

    def menu(self, place: QPoint) -> QMenu:
        """The context menu for a place of the screen; it deletes itself when it is closed."""
        menu = QMenu(self._message)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("Copy text"), self.copy_text).setObjectName("copy_text")
        menu.addAction(self.tr("Copy as Markdown"), self.copy_markdown).setObjectName("copy_markdown")
        menu.addAction(self.tr("Copy as rich text"), self.copy_rich_text).setObjectName("copy_rich_text")
        address = _address_at(place)
        if address:
            menu.addAction(self.tr("Copy link address"), lambda: self._put(address)).setObjectName("copy_address")
        menu.addSeparator()
        menu.addAction(self.tr("Select all"), self._selection.select_all).setObjectName("select_all")
        return menu

    def _markdown(self) -> str:
        return self._source() if self._selection.is_empty else self._selection.markdown()

    def _put(self, text: str) -> None:
        self.copied.emit(put_text(text))

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            return self._handled(event)
        if isinstance(event, QContextMenuEvent):
            self.menu(event.globalPos()).popup(event.globalPos())
            return True
        return False

    def _handled(self, event: QKeyEvent) -> bool:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_text()
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            self._selection.select_all()
        elif event.key() == Qt.Key.Key_Escape and not self._selection.is_empty:
            self._selection.clear()
        else:
            return False
        return True


def _address_at(place: QPoint) -> str:
    widget = QApplication.widgetAt(place)
    text = widget.parentWidget() if widget is not None else None
    return text.anchorAt(text.viewport().mapFromGlobal(place)) if isinstance(text, MarkdownView) else ""

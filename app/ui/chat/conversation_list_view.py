"""ConversationListView: the list at the left as a widget with its menu and keys; it says what is wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QItemSelectionModel, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QContextMenuEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QFrame, QListView, QMenu, QWidget

from app.model.chat import Conversation, SearchHit
from app.ui import theme
from app.ui.chat.conversation_list import (
    ENTRY_ROLE,
    ConversationDelegate,
    ConversationListModel,
    Entry,
    Index,
)
from app.ui.tab import native_keys
from app.ui.theme import Role


class ConversationListView(QListView):
    """Enter opens, F2 renames in place, Delete deletes; the menu offers all of it.

    Signals:
        opened(int, int): conversation id, message id (0: the end).
        renamed(int, str), pinned(int, bool), deleted(int), export_requested(int)
    """

    opened = Signal(int, int)
    renamed = Signal(int, str)
    pinned = Signal(int, bool)
    deleted = Signal(int)
    export_requested = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entries = ConversationListModel(self)
        self._delegate = ConversationDelegate(self)
        self._waiting: Sequence[Entry] | None = None
        self._current: int | None = None
        self._build()

    def set_entries(self, entries: Sequence[Entry], words: tuple[str, ...] = ()) -> None:
        """Show conversations, or hits with `words` marked; while a title is being edited, after that."""
        if self._delegate.is_editing:
            self._waiting = entries
            return
        self._delegate.words = words
        place = self.verticalScrollBar().value()
        self.entries.set_entries(entries)
        self._select()
        self.verticalScrollBar().setValue(place)

    def set_current(self, conversation_id: int | None) -> None:
        """Mark the conversation on show and bring it into view."""
        self._current = conversation_id
        self._select()
        self.scrollTo(self.currentIndex())

    def entry(self, conversation_id: int | None) -> Conversation | None:
        """A conversation of the list, None if it is not there."""
        entry = self.entries.index(self.entries.row_of(conversation_id)).data(ENTRY_ROLE)
        return entry if isinstance(entry, Conversation) else None

    def rename(self, conversation_id: int) -> None:
        """Let the user edit a title in place."""
        self.edit(self.entries.index(self.entries.row_of(conversation_id)))

    def open_first(self) -> None:
        if self.entries.rowCount():
            self._open(self.entries.index(0))

    def _build(self) -> None:
        self.setObjectName("conversation_list")
        theme.give_role(self, Role.PLAIN)
        self.setModel(self.entries)
        self.setItemDelegate(self._delegate)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setEditTriggers(QListView.EditTrigger.EditKeyPressed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.clicked.connect(self._open)
        self.entries.renamed.connect(self.renamed)
        self._delegate.closeEditor.connect(self._on_delegate_close_editor)
        self._retranslate()

    def _retranslate(self) -> None:
        self.setAccessibleName(self.tr("Conversations"))
        self.entries.untitled = self.tr("New conversation")
        self.entries.refresh()

    def _select(self) -> None:
        row = self.entries.row_of(self._current)
        selection = self.selectionModel()
        if row < 0:
            selection.clear()
        elif self.currentIndex().row() != row or not selection.isRowSelected(row):
            selection.setCurrentIndex(self.entries.index(row), QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def _open(self, index: Index) -> None:
        entry = index.data(ENTRY_ROLE)
        if isinstance(entry, SearchHit):
            self.opened.emit(entry.conversation_id, entry.message_id or 0)
        elif isinstance(entry, Conversation) and entry.id != self._current:
            self.opened.emit(entry.id, 0)

    def _on_delegate_close_editor(self) -> None:
        self._delegate.is_editing = False
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            self.set_entries(waiting, self._delegate.words)

    def _show_menu(self, index: Index, place: QPoint) -> None:
        entry = index.data(ENTRY_ROLE)
        if not isinstance(entry, Conversation):
            return
        menu = QMenu(self)
        menu.setObjectName("conversation_menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for icon, text, action in self._actions(entry):
            item = QAction(theme.icon(icon), text, menu)
            item.triggered.connect(action)
            menu.addAction(item)
        menu.popup(self.viewport().mapToGlobal(place))

    def _actions(self, entry: Conversation) -> list[tuple[str, str, Callable[[], None]]]:
        pin = self.tr("Unpin") if entry.pinned else self.tr("Pin")
        return [
            ("pencil", self.tr("Rename") + "\tF2", lambda: self.rename(entry.id)),
            ("pin-off" if entry.pinned else "pin", pin, lambda: self.pinned.emit(entry.id, not entry.pinned)),
            ("download", self.tr("Export…"), lambda: self.export_requested.emit(entry.id)),
            ("trash-2", self.tr("Delete") + "\t" + native_keys("Del"), lambda: self.deleted.emit(entry.id)),
        ]

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            self._show_menu(self.currentIndex(), self.visualRect(self.currentIndex()).center())
        else:
            self._show_menu(self.indexAt(event.pos()), event.pos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        entry = self.currentIndex().data(ENTRY_ROLE)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.currentIndex())
        elif event.matches(QKeySequence.StandardKey.Delete) and isinstance(entry, Conversation):
            self.deleted.emit(entry.id)
        else:
            super().keyPressEvent(event)

"""Sidebar: the conversations with search, new, rename, pin, delete and export; it only says what is wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QItemSelectionModel, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.model.chat import Conversation, SearchHit
from app.ui import theme
from app.ui.chat.conversation_list import ENTRY_ROLE, ConversationDelegate, ConversationListModel
from app.ui.theme import Role
from app.ui.widgets.undo_bar import UndoBar

SEARCH_PAUSE_MS = 120


class Sidebar(QWidget):
    """The column at the left.

    Signals:
        new_requested(), opened(int, int, str): conversation id, message id (0: the end), words to highlight.
        search_changed(str): the search box after a short pause; "" means the plain list.
        renamed(int, str), pinned(int, bool), deleted(int), export_requested(int)
    """

    new_requested = Signal()
    opened = Signal(int, int, str)
    search_changed = Signal(str)
    renamed = Signal(int, str)
    pinned = Signal(int, bool)
    deleted = Signal(int)
    export_requested = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.new_button = QPushButton()
        self.search_field = QLineEdit()
        self.list = QListView()
        self.list_model = ConversationListModel("", self)
        self.nothing_label = QLabel()
        self.undo_bar = UndoBar()
        self._pause = QTimer(self)
        self._current: int | None = None
        self._build()

    def set_entries(self, entries: Sequence[Conversation | SearchHit]) -> None:
        """Show conversations, or hits of the search that is in the box."""
        self.list_model.set_entries(entries)
        self.nothing_label.setVisible(not entries)
        self._retranslate()
        self.set_current(self._current)

    def set_current(self, conversation_id: int | None) -> None:
        """Mark the conversation on show."""
        self._current = conversation_id
        row = self.list_model.row_of(conversation_id)
        selection = self.list.selectionModel()
        if row < 0:
            selection.clear()
            return
        selection.setCurrentIndex(self.list_model.index(row), QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def offer_undo(self, title: str, undo: Callable[[], object], settle: Callable[[], object]) -> None:
        """Say that a conversation was deleted and offer to take it back."""
        text = self.tr("Deleted “{title}”").format(title=title or self.list_model.untitled)
        self.undo_bar.offer(text, undo, settle)

    def _build(self) -> None:
        self.setObjectName("sidebar")
        theme.give_role(self, Role.SIDE_BAR)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._name_widgets()
        self.list.setModel(self.list_model)
        self.list.setItemDelegate(ConversationDelegate(self.list))
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setEditTriggers(QListView.EditTrigger.EditKeyPressed)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.search_field.setClearButtonEnabled(True)
        self.search_field.addAction(theme.icon("search", "muted"), QLineEdit.ActionPosition.LeadingPosition)
        self._pause.setSingleShot(True)
        self._pause.setInterval(SEARCH_PAUSE_MS)
        self._connect()
        top = QHBoxLayout()
        top.addWidget(self.search_field, 1)
        top.addWidget(self.new_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE_M, theme.SPACE_M, theme.SPACE_M, theme.SPACE_M)
        column.setSpacing(theme.SPACE_S)
        column.addLayout(top)
        column.addWidget(self.nothing_label)
        column.addWidget(self.list, 1)
        column.addWidget(self.undo_bar)
        self._retranslate()

    def _name_widgets(self) -> None:
        self.new_button.setObjectName("new_conversation")
        self.search_field.setObjectName("search_field")
        self.list.setObjectName("conversation_list")
        self.nothing_label.setObjectName("nothing_found")
        self.nothing_label.setWordWrap(True)
        self.nothing_label.hide()
        self.new_button.setIcon(theme.icon("plus"))
        theme.give_role(self.nothing_label, Role.SMALL)
        theme.give_role(self.list, Role.PLAIN)

    def _connect(self) -> None:
        self.new_button.clicked.connect(self.new_requested)
        self.search_field.textChanged.connect(self._pause.start)
        self._pause.timeout.connect(lambda: self.search_changed.emit(self.search_field.text().strip()))
        self.search_field.returnPressed.connect(self._open_first)
        self.list.clicked.connect(self._open)
        self.list.activated.connect(self._open)
        self.list.customContextMenuRequested.connect(self._show_menu)
        self.list_model.renamed.connect(self.renamed)
        delete = QShortcut(QKeySequence.StandardKey.Delete, self.list)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(lambda: self._with_selected(lambda entry: self.deleted.emit(entry.id)))

    def _open_first(self) -> None:
        if self.list_model.rowCount():
            self._open(self.list_model.index(0))

    def _open(self, index: object) -> None:
        entry = index.data(ENTRY_ROLE)  # type: ignore[attr-defined] # a QModelIndex
        if isinstance(entry, SearchHit):
            self.opened.emit(entry.conversation_id, entry.message_id or 0, self.search_field.text().strip())
        elif entry is not None and entry.id != self._current:
            self.opened.emit(entry.id, 0, "")

    def _with_selected(self, action: Callable[[Conversation], None]) -> None:
        entry = self.list.currentIndex().data(ENTRY_ROLE)
        if isinstance(entry, Conversation):
            action(entry)

    def _show_menu(self, position: QPoint) -> None:
        index = self.list.indexAt(position)
        entry = index.data(ENTRY_ROLE)
        if not isinstance(entry, Conversation):
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for icon, text, action in self._actions(entry):
            item = QAction(theme.icon(icon), text, menu)
            item.triggered.connect(action)
            menu.addAction(item)
        menu.popup(self.list.viewport().mapToGlobal(position))

    def _actions(self, entry: Conversation) -> list[tuple[str, str, Callable[[], None]]]:
        pin = self.tr("Unpin") if entry.pinned else self.tr("Pin")
        row = self.list_model.index(self.list_model.row_of(entry.id))
        return [
            ("pencil", self.tr("Rename"), lambda: self.list.edit(row)),
            ("pin-off" if entry.pinned else "pin", pin, lambda: self.pinned.emit(entry.id, not entry.pinned)),
            ("download", self.tr("Export…"), lambda: self.export_requested.emit(entry.id)),
            ("trash-2", self.tr("Delete"), lambda: self.deleted.emit(entry.id)),
        ]

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self.new_button.setToolTip(self.tr("New conversation (Ctrl+N)"))
        self.new_button.setAccessibleName(self.tr("New conversation"))
        self.search_field.setPlaceholderText(self.tr("Search"))
        self.search_field.setAccessibleName(self.tr("Search conversations"))
        self.search_field.setToolTip(self.tr("Search in titles and messages (Ctrl+F)"))
        self.list.setAccessibleName(self.tr("Conversations"))
        self.list_model.untitled = self.tr("New conversation")
        searching = bool(self.search_field.text().strip())
        self.nothing_label.setText(
            self.tr("Nothing found.") if searching else self.tr("Your conversations will be listed here.")
        )

"""BackupContents: the conversations of one backup, to be found by typing and restored one by one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.model.backups import Backup, StoredConversation
from app.model.visible import one_line
from app.ui import theme
from app.ui.theme import Role
from app.ui.translation import shown_moment
from app.ui.widgets.noted_item import NotedItemDelegate, set_note
from app.ui.widgets.plain_label import PlainLabel

_CONVERSATION_ROLE = Qt.ItemDataRole.UserRole + 1


class BackupContents(QWidget):
    """Signals: closed(); restore_requested(Backup, StoredConversation)."""

    closed = Signal()
    restore_requested = Signal(object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._backup: Backup | None = None
        self._conversations: Sequence[StoredConversation] = ()
        self.back_button = QPushButton()
        self.title_label = PlainLabel()
        self.search_field = QLineEdit()
        self.list_view = QListView()
        self.hint_label = PlainLabel()
        self.restore_button = QPushButton()
        self._items = QStandardItemModel(self)
        self._found = QSortFilterProxyModel(self)
        self._build()

    def show_backup(self, backup: Backup, conversations: Sequence[StoredConversation]) -> None:
        """Begin anew with these."""
        self._backup, self._conversations = backup, conversations
        self.search_field.clear()
        self._fill()
        self.search_field.setFocus()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._fill()
            self._retranslate()

    def _build(self) -> None:
        self.setObjectName("backup_contents")
        for name in ("back_button", "search_field", "list_view", "restore_button"):
            getattr(self, name).setObjectName(f"contents_{name}")
        theme.give_role(self.title_label, Role.TITLE)
        theme.give_role(self.hint_label, Role.SMALL)
        theme.give_role(self.restore_button, Role.PRIMARY)
        self.back_button.setIcon(theme.icon("arrow-left"))
        self.title_label.setWordWrap(True)
        self.search_field.addAction(theme.icon("search", "muted"), QLineEdit.ActionPosition.LeadingPosition)
        self.search_field.setClearButtonEnabled(True)
        self._found.setSourceModel(self._items)
        self._found.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.list_view.setModel(self._found)
        self.list_view.setItemDelegate(NotedItemDelegate(self.list_view))
        self.list_view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list_view.setUniformItemSizes(True)
        self._connect()
        self._lay_out()
        self._retranslate()

    def _connect(self) -> None:
        self.back_button.clicked.connect(self.closed)
        self.search_field.textChanged.connect(self._on_search_field_text_changed)
        self.list_view.selectionModel().currentChanged.connect(self._show_button)
        self.list_view.activated.connect(self._on_list_view_activated)
        self.restore_button.clicked.connect(lambda: self._on_list_view_activated(self.list_view.currentIndex()))

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self.back_button)
        top.addStretch(1)
        bottom = QHBoxLayout()
        bottom.setSpacing(theme.SPACE_M)
        bottom.addWidget(self.restore_button)
        bottom.addWidget(self.hint_label, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE_XL, theme.SPACE_L, theme.SPACE_XL, theme.SPACE_L)
        column.setSpacing(theme.SPACE_M)
        column.addLayout(top)
        column.addWidget(self.title_label)
        column.addWidget(self.search_field)
        column.addWidget(self.list_view, 1)
        column.addLayout(bottom)

    def _fill(self) -> None:
        self._items.clear()
        for stored in self._conversations:
            item = QStandardItem(one_line(stored.title) or self.tr("Untitled"))
            item.setData(stored, _CONVERSATION_ROLE)
            count = self.tr("%n message(s)", "", stored.messages)
            set_note(item, f"{count}  ·  {shown_moment(stored.updated_at)}")
            self._items.appendRow(item)
        if self._items.rowCount():
            self.list_view.setCurrentIndex(self._found.index(0, 0))
        self._show_button()
        self._show_title()

    def _show_title(self) -> None:
        when = shown_moment(self._backup.made_at) if self._backup is not None else ""
        self.title_label.setText(self.tr("In the backup of {moment}").format(moment=when))

    def _show_button(self) -> None:
        self.restore_button.setEnabled(self.list_view.currentIndex().isValid())

    def _on_search_field_text_changed(self, text: str) -> None:
        self._found.setFilterFixedString(text)
        if not self.list_view.currentIndex().isValid():
            self.list_view.setCurrentIndex(self._found.index(0, 0))
        self._show_button()

    def _on_list_view_activated(self, index: QModelIndex) -> None:
        stored = index.data(_CONVERSATION_ROLE)
        if stored is not None and self._backup is not None:
            self.restore_requested.emit(self._backup, stored)

    def _retranslate(self) -> None:
        self.back_button.setText(self.tr("All backups"))
        self.search_field.setPlaceholderText(self.tr("Search titles"))
        self.search_field.setAccessibleName(self.tr("Search titles"))
        self.list_view.setAccessibleName(self.tr("Conversations in this backup"))
        self.restore_button.setText(self.tr("Restore this conversation"))
        self.hint_label.setText(self.tr("It is copied; what you have now stays."))
        self._show_title()

"""Sidebar: the conversations with search, the button for a new one, and Undo; it only says what is wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QToolButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.theme import Role
from app.ui.widgets.plain_label import PlainLabel

if TYPE_CHECKING:
    from app.ui.chat.conversation_list import Entry
    from app.ui.chat.conversation_list_view import ConversationListView
    from app.ui.widgets.undo_bar import UndoBar

SEARCH_PAUSE_MS = 120


class SearchField(QLineEdit):
    """Signals: down_pressed(): on to what was found. Escape empties the field."""

    down_pressed = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down:
            self.down_pressed.emit()
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)


class Sidebar(QWidget):
    """The column at the left; the signals of `list` tell what is wanted of a conversation.

    Signals:
        new_requested()
        opened(int, int, str): conversation id, message id (0: the end), words to highlight.
        search_changed(str): the search box after a short pause; "" means the plain list.
    """

    new_requested = Signal()
    opened = Signal(int, int, str)
    search_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.search_field = SearchField(self)
        self.new_button = QToolButton(self)
        self.nothing_label = PlainLabel(parent=self)
        self._column = QVBoxLayout(self)
        self._pause = QTimer(self, singleShot=True, interval=SEARCH_PAUSE_MS)
        self._words = ""
        self._opens_first = False
        self._build()

    @cached_property
    def list(self) -> ConversationListView:
        """Made when there is something to list: the window is painted before."""
        from app.ui.chat.conversation_list_view import ConversationListView

        made = ConversationListView()
        made.opened.connect(lambda chosen, message: self.opened.emit(chosen, message, self._words))
        self._column.insertWidget(self._column.indexOf(self.nothing_label) + 1, made, 1)
        self.setTabOrder(self.new_button, made)
        return made

    @cached_property
    def undo_bar(self) -> UndoBar:
        """Made when there is something to undo."""
        from app.ui.widgets.undo_bar import UndoBar

        made = UndoBar()
        self._column.addWidget(made)
        self.setTabOrder(self.list, made.undo_button)
        self.setTabOrder(made.undo_button, made.close_button)
        return made

    @property
    def words(self) -> str:
        """What is searched for; "" means the plain list."""
        return self.search_field.text().strip()

    def set_entries(self, entries: Sequence[Entry]) -> None:
        """Show conversations, or hits of the search that was asked for last."""
        self.list.set_entries(entries, tuple(self._words.split()))
        self.nothing_label.setVisible(not entries)
        self._retranslate()
        if self._opens_first and not self._pause.isActive():
            self._opens_first = False
            self.list.open_first()

    def offer_undo(self, title: str, undo: Callable[[], object], settle: Callable[[], object]) -> None:
        """Say that a conversation was deleted and offer to take it back."""
        self.undo_bar.offer(self.tr("Deleted “{title}”").format(title=title), undo, settle)

    def _build(self) -> None:
        self.setObjectName("sidebar")
        theme.give_role(self, Role.SIDE_BAR)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.new_button.setObjectName("new_conversation")
        self.search_field.setObjectName("search_field")
        self.nothing_label.setObjectName("nothing_found")
        self.nothing_label.setWordWrap(True)
        self.nothing_label.hide()
        self.new_button.setIcon(theme.icon("plus"))
        theme.give_role(self.new_button, Role.FLAT)
        theme.give_role(self.nothing_label, Role.SMALL)
        self.search_field.setClearButtonEnabled(True)
        self.search_field.addAction(theme.icon("search", "muted"), QLineEdit.ActionPosition.LeadingPosition)
        self._connect()
        top = QHBoxLayout()
        top.setSpacing(theme.SPACE_XS)
        top.addWidget(self.search_field, 1)
        top.addWidget(self.new_button)
        self._column.setContentsMargins(theme.SPACE_S, theme.SPACE_S, theme.SPACE_S, theme.SPACE_S)
        self._column.setSpacing(theme.SPACE_S)
        self._column.addLayout(top)
        self._column.addWidget(self.nothing_label)
        self._column.addStretch()
        self._retranslate()

    def _connect(self) -> None:
        self.new_button.clicked.connect(self.new_requested)
        self.search_field.textChanged.connect(self._pause.start)
        self.search_field.returnPressed.connect(self._on_search_field_return_pressed)
        self.search_field.down_pressed.connect(self._on_search_field_down_pressed)
        self._pause.timeout.connect(self._search)

    def _search(self) -> None:
        self._pause.stop()
        self._words = self.words
        self.search_changed.emit(self._words)

    def _on_search_field_return_pressed(self) -> None:
        """The first hit of what stands in the field, which may not have been looked for yet."""
        self._opens_first = True
        self._search()

    def _on_search_field_down_pressed(self) -> None:
        self.list.setFocus()
        if self.list.entries.rowCount() and not self.list.currentIndex().isValid():
            self.list.setCurrentIndex(self.list.entries.index(0))

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
        self.nothing_label.setText(
            self.tr("Nothing found.") if self._words else self.tr("Your conversations will be listed here.")
        )

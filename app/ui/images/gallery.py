"""Gallery: the pictures with search and buttons, or words on what to do while there are none; it loads nothing."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QStackedWidget, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.images.gallery_model import GalleryModel
from app.ui.images.gallery_view import GalleryView
from app.ui.images.thumbnails import ThumbnailLoader
from app.ui.theme import Role
from app.ui.widgets.action_row import ActionRow
from app.ui.widgets.empty_state import EmptyState
from app.ui.widgets.plain_label import PlainLabel

LEAST_SEARCH_PX, MOST_SEARCH_PX = 160, 360
LEAST_WITH_COUNT_PX = 520
"""In a narrower gallery the number of pictures makes room for the search."""


class Gallery(QWidget):
    """Shows a `GalleryModel` with what can be done about it.

    Signals:
        pictures_wanted(): the button of the empty state was pressed.
    """

    pictures_wanted = Signal()

    def __init__(
        self, model: GalleryModel, thumbnails: ThumbnailLoader, actions: list[QAction], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._actions = actions
        self.search_edit = QLineEdit()
        self.count_label = PlainLabel()
        self.action_row = ActionRow("gallery_actions", actions)
        self.view = GalleryView(model, thumbnails)
        self.empty_state = EmptyState(theme.icon("image", "muted"))
        self.nothing_found = EmptyState(theme.icon("search", "muted"))
        self._stack = QStackedWidget()
        self._build()

    def set_empty_texts(self, title: str, text: str, action: str) -> None:
        """What is said while there is no picture at all; translated."""
        self.empty_state.set_texts(title, text, action)

    def refresh(self) -> None:
        """Show what fits the number of pictures."""
        shown = len(self._model.pictures())
        if shown:
            page: QWidget = self.view
        else:
            page = self.nothing_found if self._model.total else self.empty_state
        self._stack.setCurrentWidget(page)
        for widget in (self.search_edit, self.action_row):
            widget.setVisible(bool(self._model.total))
        self._show_count()

    def _build(self) -> None:
        self.setObjectName("gallery")
        self.search_edit.setObjectName("gallery_search")
        self.search_edit.setClearButtonEnabled(True)
        self.search_edit.addAction(theme.icon("search", "muted"), QLineEdit.ActionPosition.LeadingPosition)
        self._fit()
        theme.give_role(self.count_label, Role.SMALL)
        bar = QHBoxLayout()
        bar.setContentsMargins(theme.SPACE_S, theme.SPACE_S, theme.SPACE_M, theme.SPACE_XS)
        bar.setSpacing(theme.SPACE_XS)
        bar.addWidget(self.search_edit, 1)
        bar.addSpacing(theme.SPACE_XS)
        bar.addWidget(self.count_label)
        bar.addStretch()
        bar.addWidget(self.action_row)
        self.view.addActions(self._actions)
        for page in (self.empty_state, self.nothing_found, self.view):
            self._stack.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addWidget(self._stack, 1)
        self._connect()
        self._retranslate()
        self.refresh()

    def _connect(self) -> None:
        self.search_edit.textChanged.connect(self._model.search)
        self.empty_state.triggered.connect(self.pictures_wanted)
        self.nothing_found.triggered.connect(self.search_edit.clear)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.customContextMenuRequested.connect(self._on_menu_requested)
        self.view.pictures_selected.connect(self._show_count)
        for changed in (self._model.rowsInserted, self._model.rowsRemoved, self._model.modelReset):
            changed.connect(self.refresh)

    def _on_menu_requested(self, place: QPoint) -> None:
        if not self.view.selectedIndexes():
            return
        menu = QMenu(self)
        menu.setObjectName("gallery_menu")
        menu.addActions(self._actions)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.view.viewport().mapToGlobal(place))

    def _show_count(self) -> None:
        selected, shown = len(self.view.selectedIndexes()), len(self._model.pictures())
        if selected > 1:
            self.count_label.setText(self.tr("%n selected", "", selected))
        else:
            self.count_label.setText(self.tr("%n picture(s)", "", shown) if shown else "")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.count_label.setVisible(self.width() >= theme.px(LEAST_WITH_COUNT_PX))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()
        elif event.type() is QEvent.Type.StyleChange:
            self._fit()

    def _fit(self) -> None:
        """Follow the zoom."""
        self.search_edit.setMinimumWidth(theme.px(LEAST_SEARCH_PX))
        self.search_edit.setMaximumWidth(theme.px(MOST_SEARCH_PX))

    def _retranslate(self) -> None:
        self.search_edit.setPlaceholderText(self.tr("Search prompts, models, dates"))
        self.search_edit.setAccessibleName(self.tr("Search pictures"))
        self.nothing_found.set_texts(
            self.tr("No matching pictures"), self.tr("Try fewer or other words."), self.tr("Show all pictures")
        )
        self._show_count()

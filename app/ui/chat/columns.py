"""Columns: the Chat tab as it is painted first: three columns and the buttons that hide the outer two; no work."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QToolButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.chat.conversation_page import ConversationPage
from app.ui.chat.sidebar import Sidebar
from app.ui.theme import Role
from app.ui.widgets.elided_label import ElidedLabel

if TYPE_CHECKING:
    from app.ui.chat.parameters_panel import ParametersPanel

SIDEBAR_PX = 264
PARAMETERS_PX = 288
_MIDDLE_PX = 800
_LEAST_SIDEBAR_PX = 180
_LEAST_MIDDLE_PX = 360


class Columns(QWidget):
    """Conversations · the one on show · its parameters, which are hidden at first.

    Signals:
        panels_changed(): one of the outer two was shown or hidden.
    """

    panels_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # From the outside in: a widget that moves below another has all its children styled once more.
        self.splitter = QSplitter(Qt.Orientation.Horizontal, self)
        self.sidebar = Sidebar(self.splitter)
        self._middle = QWidget(self.splitter)
        self.page = ConversationPage(self._middle)
        self._right = QWidget(self.splitter)
        self._right_column = QVBoxLayout(self._right)
        self._right_column.setContentsMargins(0, 0, 0, 0)
        self.sidebar_button = QToolButton(self._middle)
        self.parameters_button = QToolButton(self._middle)
        self.title_label = ElidedLabel(parent=self._middle)
        self._build()

    @cached_property
    def parameters(self) -> ParametersPanel:
        """The panel of the right column, made when it is first needed."""
        from app.ui.chat.parameters_panel import ParametersPanel

        made = ParametersPanel()
        self._right_column.addWidget(made)
        return made

    def show_panels(self, *, conversations: bool, parameters: bool) -> None:
        """Show or hide the outer two."""
        self.sidebar_button.setChecked(conversations)
        self.parameters_button.setChecked(parameters)

    def focus_search(self) -> None:
        """Show the conversations and put the cursor into their search box."""
        self.sidebar_button.setChecked(True)
        self.sidebar.search_field.setFocus()
        self.sidebar.search_field.selectAll()

    def _build(self) -> None:
        self.splitter.setObjectName("chat_splitter")
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(1)
        self.sidebar.setMinimumWidth(_LEAST_SIDEBAR_PX)
        self._right.setMinimumWidth(PARAMETERS_PX)
        for part in (self.sidebar, self._middle, self._right):
            self.splitter.addWidget(part)
        for part in (self.sidebar, self._middle, self._right):  # adding one moves the others
            self.splitter.setStretchFactor(self.splitter.indexOf(part), 1 if part is self._middle else 0)
        self.splitter.setSizes([SIDEBAR_PX, _MIDDLE_PX, PARAMETERS_PX])
        self._right.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.splitter)
        self._build_middle()
        self._retranslate()

    def _build_middle(self) -> None:
        self._middle.setMinimumWidth(_LEAST_MIDDLE_PX)
        top = QHBoxLayout()
        top.setContentsMargins(theme.SPACE_S, theme.SPACE_S, theme.SPACE_S, theme.SPACE_XS)
        top.setSpacing(theme.SPACE_S)
        for button, name, icon, hidden in (
            (self.sidebar_button, "sidebar_button", "panel-left", self.sidebar),
            (self.parameters_button, "parameters_button", "sliders-horizontal", self._right),
        ):
            button.setObjectName(name)
            button.setIcon(theme.icon(icon, "muted"))
            button.setCheckable(True)
            button.toggled.connect(hidden.setVisible)
            button.toggled.connect(self.panels_changed)
            theme.give_role(button, Role.TOGGLE)
        self.sidebar_button.setChecked(True)
        self.title_label.setObjectName("conversation_title")
        self.title_label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        theme.give_role(self.title_label, Role.SMALL)
        top.addWidget(self.sidebar_button)
        top.addWidget(self.title_label, 1)
        top.addWidget(self.parameters_button)
        column = QVBoxLayout(self._middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self.page, 1)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self.sidebar_button.setToolTip(self.tr("Conversations (Ctrl+B)"))
        self.sidebar_button.setAccessibleName(self.tr("Show conversations"))
        self.parameters_button.setToolTip(self.tr("System prompt and parameters (Ctrl+P)"))
        self.parameters_button.setAccessibleName(self.tr("Show system prompt and parameters"))

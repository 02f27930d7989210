"""Columns: the three columns of the Chat tab and the buttons that hide the outer two; layout and nothing else."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QToolButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.chat.conversation_view import ConversationView
from app.ui.chat.parameters_panel import ParametersPanel
from app.ui.chat.sidebar import Sidebar
from app.ui.theme import Role
from app.ui.widgets.elided_label import ElidedLabel

SIDEBAR_PX = 264
PARAMETERS_PX = 288
_MIDDLE_PX = 800
_LEAST_SIDEBAR_PX = 180
_LEAST_MIDDLE_PX = 360


class Columns(QWidget):
    """Conversations · the one on show · its parameters, which are hidden at first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sidebar = Sidebar()
        self.view = ConversationView()
        self.parameters = ParametersPanel()
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.sidebar_button = QToolButton()
        self.parameters_button = QToolButton()
        self.title_label = ElidedLabel()
        self._build()

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
        self.parameters.setMinimumWidth(PARAMETERS_PX)
        for index, part in enumerate((self.sidebar, self._middle(), self.parameters)):
            self.splitter.addWidget(part)
            self.splitter.setStretchFactor(index, 1 if index == 1 else 0)
        self.splitter.setSizes([SIDEBAR_PX, _MIDDLE_PX, PARAMETERS_PX])
        self.parameters.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.splitter)
        self._retranslate()

    def _middle(self) -> QWidget:
        middle = QWidget()
        middle.setMinimumWidth(_LEAST_MIDDLE_PX)
        top = QHBoxLayout()
        top.setContentsMargins(theme.SPACE_S, theme.SPACE_S, theme.SPACE_S, theme.SPACE_XS)
        top.setSpacing(theme.SPACE_S)
        for button, name, icon, hidden in (
            (self.sidebar_button, "sidebar_button", "panel-left", self.sidebar),
            (self.parameters_button, "parameters_button", "sliders-horizontal", self.parameters),
        ):
            button.setObjectName(name)
            button.setIcon(theme.icon(icon, "muted"))
            button.setCheckable(True)
            button.toggled.connect(hidden.setVisible)
            theme.give_role(button, Role.TOGGLE)
        self.sidebar_button.setChecked(True)
        self.title_label.setObjectName("conversation_title")
        self.title_label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        theme.give_role(self.title_label, Role.SMALL)
        top.addWidget(self.sidebar_button)
        top.addWidget(self.title_label, 1)
        top.addWidget(self.parameters_button)
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self.view, 1)
        return middle

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self.sidebar_button.setToolTip(self.tr("Conversations (Ctrl+B)"))
        self.sidebar_button.setAccessibleName(self.tr("Show conversations"))
        self.parameters_button.setToolTip(self.tr("System prompt and parameters (Ctrl+P)"))
        self.parameters_button.setAccessibleName(self.tr("Show system prompt and parameters"))

"""ActionRow: actions as icon buttons side by side; those there is no room for move into a menu at the end."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QToolButton, QWidget

from app.ui import theme
from app.ui.theme import Role


class ActionRow(QWidget):
    """Takes the width there is; at the least that of the menu's button. `name` begins the buttons' object names."""

    def __init__(self, name: str, actions: Sequence[QAction] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons: list[QToolButton] = []
        self.more_button = QToolButton()
        self._menu = QMenu(self.more_button)
        self._row = QHBoxLayout(self)
        self._build(name)
        self.add_actions(actions)

    def add_actions(self, actions: Sequence[QAction]) -> None:
        """More of them, in front of the menu."""
        for action in actions:
            button = QToolButton()
            button.setObjectName(f"{self.objectName()}_{action.objectName()}")
            button.setDefaultAction(action)
            theme.give_role(button, Role.FLAT)
            self._row.insertWidget(len(self.buttons), button)
            self.buttons.append(button)
        self._fit()

    def sizeHint(self) -> QSize:
        margin = self.more_button.sizeHint()
        return QSize(self._width_of(len(self.buttons)), max(margin.height(), self._height()))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._width_of(0), self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()
        elif event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self.updateGeometry()

    def _build(self, name: str) -> None:
        self.setObjectName(name)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.more_button.setObjectName(f"{name}_more")
        self.more_button.setIcon(theme.icon("ellipsis"))
        self.more_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more_button.setMenu(self._menu)
        theme.give_role(self.more_button, Role.FLAT)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.SPACE_XS)
        self._row.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._row.addWidget(self.more_button)
        self._retranslate()

    def _fit(self) -> None:
        """Show as many buttons as there is room for, and the menu's button if that is not all."""
        count = len(self.buttons)
        if self._width_of(count) > self.width():
            count = next((fewer for fewer in reversed(range(count)) if self._width_of(fewer) <= self.width()), 0)
        hidden = [button.defaultAction() for button in self.buttons[count:]]
        for position, button in enumerate(self.buttons):
            button.setVisible(position < count)
        self.more_button.setVisible(bool(hidden))
        if self._menu.actions() != hidden:
            for action in self._menu.actions():
                self._menu.removeAction(action)
            self._menu.addActions(hidden)

    def _width_of(self, count: int) -> int:
        """The width with the first `count` buttons; fewer than all need the menu's button too."""
        shown = [button.sizeHint().width() for button in self.buttons[:count]]
        if count < len(self.buttons):
            shown.append(self.more_button.sizeHint().width())
        return sum(shown) + self._row.spacing() * max(0, len(shown) - 1)

    def _height(self) -> int:
        return max((button.sizeHint().height() for button in self.buttons), default=0)

    def _retranslate(self) -> None:
        self.more_button.setAccessibleName(self.tr("More actions"))
        self.more_button.setToolTip(self.tr("More actions"))

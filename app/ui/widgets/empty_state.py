"""EmptyState: what a place is for, and the first thing to do there, shown while it holds nothing."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.theme import Role
from app.ui.widgets.icon_label import IconLabel
from app.ui.widgets.plain_label import PlainLabel

_WIDTH_PX = 440
_ICON_PX = 40


class EmptyState(QWidget):
    """Icon, title, a sentence or two and, if `set_texts` names one, a button. The icon gives way where room is short.

    Signals:
        triggered(): the button was pressed.
    """

    triggered = Signal()

    def __init__(self, icon: QIcon, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.icon_label = IconLabel(icon, _ICON_PX)
        self.title_label = PlainLabel()
        self.text_label = PlainLabel()
        self.action_button = QPushButton()
        self._build()

    def set_texts(self, title: str, text: str, action: str = "") -> None:
        """Translated texts; without `action` there is no button."""
        self.title_label.setText(title)
        self.text_label.setText(text)
        self.text_label.setVisible(bool(text))
        self.action_button.setText(action)
        self.action_button.setVisible(bool(action))

    def set_icon(self, icon: QIcon) -> None:
        self.icon_label.set_icon(icon)

    def hasHeightForWidth(self) -> bool:
        return False

    def minimumSizeHint(self) -> QSize:
        """Without the icon."""
        return QSize(super().minimumSizeHint().width(), self._least_height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.icon_label.setVisible(event.size().height() >= self._least_height() + self._icon_height())

    def _least_height(self) -> int:
        """Reckoned here: the layout knows only of what is shown now."""
        shown = [part for part in (self.title_label, self.text_label, self.action_button) if part.isVisibleTo(self)]
        room = min(max(self.width() - 2 * theme.SPACE_XL, 1), _WIDTH_PX)
        heights = [
            part.heightForWidth(room) if part.hasHeightForWidth() else part.sizeHint().height() for part in shown
        ]
        # Between the parts, around them, and the two that are wider.
        return sum(heights) + (len(shown) + 2) * theme.SPACE_S + 2 * theme.SPACE_M

    def _icon_height(self) -> int:
        return self.icon_label.sizeHint().height() + theme.SPACE_S

    def _build(self) -> None:
        self.setObjectName("empty_state")
        self.title_label.setObjectName("empty_state_title")
        self.text_label.setObjectName("empty_state_text")
        self.action_button.setObjectName("empty_state_action")
        theme.give_role(self.title_label, Role.TITLE)
        theme.give_role(self.action_button, Role.PRIMARY)
        self.action_button.clicked.connect(self.triggered)
        for label in (self.title_label, self.text_label):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
            label.setWordWrap(True)
        content = QWidget()
        content.setMaximumWidth(_WIDTH_PX)
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_S)
        column.addWidget(self.icon_label, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(theme.SPACE_S)
        column.addWidget(self.title_label)
        column.addWidget(self.text_label)
        column.addSpacing(theme.SPACE_S)
        column.addWidget(self.action_button, 0, Qt.AlignmentFlag.AlignHCenter)
        self._centre(content)

    def _centre(self, content: QWidget) -> None:
        """A little above the middle, where the eye looks first; as wide as it may be."""
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(content, 100)
        row.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(theme.SPACE_XL, theme.SPACE_M, theme.SPACE_XL, theme.SPACE_M)
        outer.addStretch(2)
        outer.addLayout(row)
        outer.addStretch(3)

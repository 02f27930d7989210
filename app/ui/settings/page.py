"""Page: a title, notices of its own and a column of content that scrolls; what a page is for is not known here."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.notices import NoticeBar
from app.ui.theme import Role
from app.ui.widgets.plain_label import PlainLabel

WIDEST_PX = 680


class Page(QWidget):
    """One page of the settings dialog.

    Signals:
        page_requested(str): another page of the dialog, "folder", or "picker" for that of models.
    """

    page_requested = Signal(str)

    def __init__(self, name: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"{name}_page")
        self.notices = NoticeBar(without_action=name)
        self.title_label = PlainLabel()
        self.column = QVBoxLayout()
        self.area = QScrollArea()
        self._outer = QVBoxLayout(self)
        self._outer.setContentsMargins(0, 0, 0, 0)
        self._outer.setSpacing(0)
        self._outer.addWidget(self.notices)
        theme.give_role(self.title_label, Role.TITLE)
        self.notices.action_requested.connect(self.page_requested)

    def title(self) -> str:
        """The translated name in the list of pages."""
        raise NotImplementedError

    def shown(self) -> None:
        """The page came to the front."""

    async def aclose(self) -> None:
        """End the page's work; what was changed is stored."""

    def scrolling(self) -> QScrollArea:
        """The page's column in a scroll area, below its title."""
        content = QWidget()
        theme.give_role(content, Role.PLAIN)
        content.setMaximumWidth(theme.px(WIDEST_PX))
        content.setLayout(self.column)
        self.column.setContentsMargins(theme.SPACE_XL, theme.SPACE_XL, theme.SPACE_XL, theme.SPACE_XL)
        self.column.setSpacing(theme.SPACE_M)
        self.column.addWidget(self.title_label)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # keys reach it from what is in it
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(content)
        return self.area

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self.title_label.setText(self.title())
        self.area.setAccessibleName(self.title())


class VerticalLine(QFrame):
    """A quiet line between two areas."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.VLine)
        self.setFixedWidth(1)

"""ChangesView: what is new in a version, as its makers wrote it; it opens pages in the browser and loads nothing."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, QUrl
from PySide6.QtGui import QImage, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.ui import theme
from app.ui.outside import open_page
from app.ui.widgets.formula import FormulaRenderer
from app.ui.widgets.markdown_look import TextStyle
from app.ui.widgets.markdown_pictures import TextContext
from app.ui.widgets.markdown_view import MarkdownView


class ChangesView(MarkdownView):
    """As high as its text."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._changes = ""
        super().__init__(TextContext(FormulaRenderer(), _no_picture), parent)
        self.setObjectName("update_changes")
        self.setTabChangesFocus(True)
        self.link_activated.connect(_follow)

    def show_changes(self, changes: str) -> None:
        """Markdown; pictures in it are left out."""
        if changes != self._changes:
            self._changes = changes
            self._show_again()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.PaletteChange) and self._changes:
            self._show_again()

    def sizeHint(self) -> QSize:
        return QSize(0, self.minimumHeight())

    def _show_again(self) -> None:
        self.show_text(self._changes, TextStyle(theme.colors(), theme.zoom_percent()))
        self._fit()

    def _fit(self) -> None:
        self.document().setTextWidth(self.viewport().width())
        self.setFixedHeight(round(self.document().size().height() + 0.5))


def _follow(address: str) -> None:
    """Pages alone: who signs releases has no reason to open anything else."""
    if QUrl(address).scheme() in ("https", "http"):
        open_page(address)


def _no_picture(_address: str) -> QImage | None:
    return None

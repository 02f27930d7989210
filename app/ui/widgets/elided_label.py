"""ElidedLabel: one line of text that gives way with an ellipsis instead of asking for room."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.ui.widgets.plain_label import PlainLabel
from app.ui.widgets.plain_tip import plain_tip

_MANY_SCRIPTS = "Ag国"
"""Fonts differ in height, and Qt takes one that has the letters."""


class ElidedLabel(PlainLabel):
    """Shows `text()` shortened to the width there is; the whole text is then the tool tip."""

    def __init__(
        self, text: str = "", mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight, parent: QWidget | None = None
    ) -> None:
        super().__init__(text, parent)
        self._mode = mode
        self._least = ""

    def setText(self, text: str) -> None:
        super().setText(text)
        self._show_tool_tip()

    def keep_height(self) -> None:
        """Be as high for any text: nothing below moves when a Chinese title takes the place of an English one."""
        self._least = _MANY_SCRIPTS
        self.updateGeometry()

    def shown_text(self) -> str:
        """The text as it is drawn now."""
        line = self.text().replace("\n", " ")
        return self.fontMetrics().elidedText(line, self._mode, self.contentsRect().width())

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        return QSize(min(hint.width(), self.fontMetrics().averageCharWidth() * 4), self.sizeHint().height())

    def sizeHint(self) -> QSize:
        margins = self.contentsMargins()
        width = self.fontMetrics().horizontalAdvance(self.text().replace("\n", " ")) + 1
        least = (
            self.fontMetrics().size(0, self._least).height() + margins.top() + margins.bottom() if self._least else 0
        )
        return QSize(width + margins.left() + margins.right(), max(least, super().sizeHint().height()))

    def paintEvent(self, _event: QPaintEvent) -> None:
        if not self.text():
            return
        from PySide6.QtWidgets import QStyle  # takes long to load, and the window is painted before

        painter = QPainter(self)
        alignment = QStyle.visualAlignment(self.layoutDirection(), self.alignment())
        self.style().drawItemText(
            painter, self.contentsRect(), alignment.value, self.palette(), self.isEnabled(), self.shown_text(),
            self.foregroundRole(),
        )  # fmt: skip
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_tool_tip()

    def _show_tool_tip(self) -> None:
        self.setToolTip(plain_tip(self.text()) if self.shown_text() != self.text() else "")

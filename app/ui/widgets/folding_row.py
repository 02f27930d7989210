"""FoldingRow: two groups of widgets at the ends of one line; where that is too narrow, the second goes below."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QWidget

from app.ui import theme


class FoldingRow(QWidget):
    """At the least as wide as the wider group."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._first, self._second = QHBoxLayout(), QHBoxLayout()
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(theme.SPACE_S)
        for group in (self._first, self._second):
            group.setSpacing(theme.SPACE_S)
            self._box.addLayout(group)
        self._first.addStretch(1)
        self._second.addStretch(1)

    def add_first(self, widget: QWidget) -> None:
        """One more of those that begin the line."""
        self._first.insertWidget(self._first.count() - 1, widget)

    def add_second(self, widget: QWidget) -> None:
        """One more of those that end the line, or the one below it."""
        self._second.addWidget(widget)

    def minimumSizeHint(self) -> QSize:
        widest = max(self._first.minimumSize().width(), self._second.minimumSize().width())
        return QSize(widest, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.LayoutRequest:  # something inside has another size now
            self._fit()
        return super().event(event)

    def _fit(self) -> None:
        needed = self._first.sizeHint().width() + self._box.spacing() + self._second.sizeHint().width()
        direction = QBoxLayout.Direction
        self._box.setDirection(direction.LeftToRight if needed <= self.width() else direction.TopToBottom)

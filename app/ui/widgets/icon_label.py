"""IconLabel: a picture of an icon that is not a button."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.ui import theme


class IconLabel(QWidget):
    """Draws an icon at a fixed size (before zoom); purely decorative, so it has no accessible name of its own."""

    def __init__(self, icon: QIcon | None = None, size_px: int = theme.ICON_PX, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = icon or QIcon()
        self._size_px = size_px

    def set_icon(self, icon: QIcon) -> None:
        self._icon = icon
        self.update()

    def sizeHint(self) -> QSize:
        side = theme.px(self._size_px)
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        mode = QIcon.Mode.Normal if self.isEnabled() else QIcon.Mode.Disabled
        hint = self.sizeHint()
        target = self.rect()
        target.setSize(hint.boundedTo(target.size()))
        target.moveCenter(self.rect().center())
        painter = QPainter(self)
        self._icon.paint(painter, target, mode=mode)
        painter.end()

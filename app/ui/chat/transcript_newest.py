"""The round button that leads back to the end of the transcript; it knows only the area on which it floats."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, QRectF
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolButton, QWidget

from app.ui import theme

_SIZE_PX = 36


class NewestButton(QToolButton):
    """Stands above the lower edge of `area` while the reader is not at the end."""

    def __init__(self, area: QWidget) -> None:
        super().__init__(area)
        self.setObjectName("newest_button")
        self._area = area
        self._retranslate()
        self.hide()
        area.installEventFilter(self)

    def set_at_end(self, at_end: bool) -> None:
        self.setVisible(not at_end)
        self._place()

    def _place(self) -> None:
        size = theme.px(_SIZE_PX)
        left = (self._area.width() - size) // 2
        self.setGeometry(left, self._area.height() - size - theme.SPACE_M, size, size)
        self.raise_()

    def _retranslate(self) -> None:
        text = self.tr("Go to the newest message")
        self.setToolTip(text)
        self.setAccessibleName(text)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize:
            self._place()
        return False

    def paintEvent(self, _event: QPaintEvent) -> None:
        colors = theme.colors()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen_px = 2 if self.hasFocus() else 1
        painter.setPen(QPen(QColor(colors.accent if self.hasFocus() else colors.outline), pen_px))
        painter.setBrush(QColor(colors.pressed if self.underMouse() or self.isDown() else colors.base))
        painter.drawEllipse(QRectF(self.rect()).adjusted(1, 1, -1, -1))
        icon_px = theme.px(theme.ICON_PX)
        place = QRect(0, 0, icon_px, icon_px)
        place.moveCenter(self.rect().center())
        theme.icon("arrow-down").paint(painter, place)
        painter.end()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

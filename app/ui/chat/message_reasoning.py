"""The reasoning of an answer, folded under a line that says how long it took."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolButton, QWidget

from app.ui import theme
from app.ui.chat.message_body import MessageBody
from app.ui.widgets.markdown_look import TextStyle
from app.ui.widgets.markdown_pictures import TextContext

_INDENT_PX = theme.SPACE_L + theme.SPACE_S
_ICON_PX = 15
_BAR_PX = 3


class ReasoningFold(QWidget):
    """A line that unfolds the reasoning; while it is folded the text costs nothing.

    Signals:
        toggled(bool): unfolded or folded by the reader; the height has changed.
    """

    toggled = Signal(bool)

    def __init__(self, context: TextContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.unfolded = False
        self._text = ""
        self._style = TextStyle(theme.colors(), muted=True)
        self._thinking = False
        self._duration_s: float | None = None
        self._build(context)
        self._retranslate()

    def show_reasoning(self, text: str, style: TextStyle, unfolded: bool) -> None:
        """Show the whole reasoning so far."""
        self._text = text
        self._style = TextStyle(style.colors, style.zoom_percent, muted=True)
        self._set_unfolded(unfolded)
        self._show_text()

    def set_duration(self, thinking: bool, duration_s: float | None) -> None:
        """Say that the model is thinking, or how long it thought."""
        if (thinking, duration_s) != (self._thinking, self._duration_s):
            self._thinking, self._duration_s = thinking, duration_s
            self._retranslate()

    def grow(self, text: str) -> None:
        self._text += text
        if self.unfolded:
            self.body.grow(text)

    def height_for(self, width: int) -> int:
        line = self.button.sizeHint()
        self.button.setGeometry(0, 0, min(line.width(), width), line.height())
        if not self.unfolded:
            return line.height()
        height = self.body.height_for(width - _INDENT_PX)
        top = line.height() + theme.SPACE_XS
        self.body.setGeometry(_INDENT_PX, top, width - _INDENT_PX, height)
        return top + height

    def release(self) -> None:
        self._text = ""
        self.body.release()

    def _build(self, context: TextContext) -> None:
        self.button = QToolButton(self)
        self.button.setObjectName("reasoning_button")
        theme.give_role(self.button, theme.Role.FLAT)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setIconSize(QSize(_ICON_PX, _ICON_PX))
        self.button.setIcon(theme.icon("chevron-right", "muted"))
        self.button.clicked.connect(self._on_button_clicked)
        self.body = MessageBody(context, self)
        self.body.setObjectName("reasoning_body")
        self.body.hide()

    def _retranslate(self) -> None:
        self.button.setText(self._title())
        self.button.setAccessibleName(self._title())

    def _title(self) -> str:
        if self._thinking:
            return self.tr("Thinking…")
        if self._duration_s is None:
            return self.tr("Thoughts")
        seconds = round(self._duration_s)
        if seconds < 1:
            return self.tr("Thought for a moment")
        if seconds < 60:
            return self.tr("Thought for {seconds} s").format(seconds=seconds)
        return self.tr("Thought for {minutes} min {seconds} s").format(minutes=seconds // 60, seconds=seconds % 60)

    def _set_unfolded(self, unfolded: bool) -> None:
        self.unfolded = unfolded
        self.button.setIcon(theme.icon("chevron-down" if unfolded else "chevron-right", "muted"))
        self.body.setVisible(unfolded)
        self.button.setAccessibleDescription(self.tr("Unfolded") if unfolded else self.tr("Folded"))

    def _show_text(self) -> None:
        if not self.unfolded:
            self.body.release()
        elif self._thinking:
            self.body.start(self._text, self._style)
        else:
            self.body.show_text(self._text, self._style)

    def _on_button_clicked(self) -> None:
        self._set_unfolded(not self.unfolded)
        self._show_text()
        self.toggled.emit(self.unfolded)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter too: a tool button by itself knows the space bar only."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.button.hasFocus():
            self.button.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.unfolded:
            painter = QPainter(self)
            bar = QRect(_INDENT_PX // 2, self.body.y(), _BAR_PX, self.body.height())
            painter.fillRect(bar, QColor(self._style.colors.border))
            painter.end()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

"""PromptBox: the field for what a picture should show, with the prompts used before; it sends nothing itself."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QMimeData, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from app.ui import theme
from app.ui.images.dropped import has_picture

_LINES = 6


class PromptBox(QPlainTextEdit):
    """Ctrl+Enter submits; Ctrl+Up and Ctrl+Down walk through earlier prompts and back to what was being typed.

    Signals:
        submitted(): Ctrl+Enter.
        picture_pasted(QMimeData): the clipboard holds pictures; valid only while the signal is delivered.
    """

    submitted = Signal()
    picture_pasted = Signal(QMimeData)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._history: list[str] = []
        self._place = 0
        self._draft = ""
        self.setObjectName("prompt_box")
        self.setTabChangesFocus(True)
        self._fit()
        self._retranslate()

    def set_history(self, prompts: Sequence[str]) -> None:
        """Prompts used before, the oldest first."""
        self._history = list(prompts)
        self._place = len(self._history)

    def replace(self, text: str) -> None:
        """Set the text so that Ctrl+Z takes it back."""
        cursor = self.textCursor()
        cursor.select(cursor.SelectionType.Document)
        cursor.insertText(text)
        self.setTextCursor(cursor)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return has_picture(source) or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        # Office programs put a picture of the text beside the text: then the text is meant.
        if has_picture(source) and not (source.hasText() and not source.hasUrls()):
            self.picture_pasted.emit(source)
        else:
            super().insertFromMimeData(source)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        has_control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if has_control and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.submitted.emit()
        elif has_control and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._walk(-1 if event.key() == Qt.Key.Key_Up else 1)
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()
        elif event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _walk(self, step: int) -> None:
        if self._place == len(self._history):
            self._draft = self.toPlainText()
        place = min(len(self._history), max(0, self._place + step))
        if place != self._place:
            self._place = place
            self.replace(self._draft if place == len(self._history) else self._history[place])

    def _fit(self) -> None:
        self.setMinimumHeight(_LINES * self.fontMetrics().lineSpacing() + theme.px(theme.SPACE_L))

    def _retranslate(self) -> None:
        self.setPlaceholderText(self.tr("Describe the picture"))
        self.setAccessibleName(self.tr("Prompt"))
        self.setToolTip(self.tr("Ctrl+↑ and Ctrl+↓ bring back earlier prompts"))

"""PromptEdit: the field for a message; it grows with its text, knows which Enter sends and takes pasted files."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QMimeData, Qt, Signal
from PySide6.QtGui import QFocusEvent, QInputMethodEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QWidget

from app.ui import theme
from app.ui.theme import Role

if TYPE_CHECKING:
    from PySide6.QtGui import QTextBlock

MOST_LINES = 12
MOST_PASTED_CHARACTERS = 1_000_000
"""As much as a text file may hold; no model's memory takes more beside a conversation."""


class PromptEdit(QPlainTextEdit):
    """A text field that grows with its text and knows which Enter sends.

    Signals:
        submit_pressed(): the key that sends was pressed, not during an input-method composition.
        files_pasted(list[Path]), image_pasted(bytes): the clipboard held files, or a picture (as PNG).
        recall_pressed(): Up in an empty field.
        text_refused(int): pasted text of so many characters is too long.
        cancel_pressed(): Escape.
        focus_changed(bool): the field has the focus, or lost it.
    """

    submit_pressed = Signal()
    files_pasted = Signal(list)
    image_pasted = Signal(bytes)
    text_refused = Signal(int)
    recall_pressed = Signal()
    cancel_pressed = Signal()
    focus_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.enter_sends = True
        self._composing = False
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.textChanged.connect(self._fit)
        theme.give_role(self, Role.PLAIN)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._sends(event):
            self.submit_pressed.emit()
        elif event.key() == Qt.Key.Key_Up and not self.toPlainText() and not event.modifiers():
            self.recall_pressed.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.cancel_pressed.emit()
        else:
            super().keyPressEvent(event)

    def type_into(self, event: QKeyEvent) -> bool:
        """Take a key that was pressed elsewhere if it writes something; whether it did."""
        modifiers = event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
        if modifiers or not event.text() or not event.text().isprintable():
            return False
        self.setFocus()
        super().keyPressEvent(event)
        return True

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        self._composing = bool(event.preeditString())
        super().inputMethodEvent(event)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        from app.ui.widgets.drop_area import files_in

        return bool(files_in(source)) or source.hasImage() or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        from app.model.visible import without_controls
        from app.ui.widgets.drop_area import files_in, picture_in

        files = files_in(source)
        if files:
            self.files_pasted.emit(files)
        elif source.hasImage() and not source.hasText():
            self.image_pasted.emit(picture_in(source))
        elif len(text := without_controls(source.text())) > MOST_PASTED_CHARACTERS:
            self.text_refused.emit(len(text))
        else:
            self.insertPlainText(text)
            self.ensureCursorVisible()

    def insertPlainText(self, text: str) -> None:
        self._prepare_for(self.toPlainText() + text)
        super().insertPlainText(text)

    def setPlainText(self, text: str) -> None:
        self._prepare_for(text)
        super().setPlainText(text)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focus_changed.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.focus_changed.emit(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()

    def _sends(self, event: QKeyEvent) -> bool:
        if self._composing:
            return False
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if modifiers == Qt.KeyboardModifier.ControlModifier:
            return True
        return self.enter_sends and modifiers == Qt.KeyboardModifier.NoModifier

    def _prepare_for(self, text: str) -> None:
        from app.ui.widgets.long_text import wrap_mode

        mode = wrap_mode(text)
        if mode is not self.wordWrapMode():
            self.setWordWrapMode(mode)

    def _fit(self) -> None:
        """As high as its lines, wrapped ones counted, up to `MOST_LINES`; only then it scrolls."""
        margin = self.document().documentMargin()
        scrolls = self.document().size().height() > MOST_LINES
        if scrolls:
            text_px = MOST_LINES * self.fontMetrics().lineSpacing() + margin
        else:
            text_px = sum(self.blockBoundingRect(block).height() for block in self._blocks())
        self.setFixedHeight(math.ceil(margin + text_px))
        policies = Qt.ScrollBarPolicy
        self.setVerticalScrollBarPolicy(policies.ScrollBarAsNeeded if scrolls else policies.ScrollBarAlwaysOff)

    def _blocks(self) -> Iterator[QTextBlock]:
        block = self.document().firstBlock()
        while block.isValid():
            yield block
            block = block.next()

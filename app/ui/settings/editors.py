"""Controls that edit one value each, all alike: `set_value` shows one, `edited` tells what the user made of it."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QSpinBox,
    QWidget,
)

from app.ui import ask, theme
from app.ui.job import Job
from app.ui.theme import Role

NARROW_PX = 240
LINES_OF_TEXT = 3


class Editor(Protocol):
    """What every control here offers beside being a widget with the signal `edited(value)`."""

    def set_value(self, value: object) -> None: ...


class ChoiceEditor(QComboBox):
    """One of a few values. Signals: edited(StrEnum).

    `label_of` gives a value's translated name, asked again whenever the language changes.
    """

    edited = Signal(object)

    def __init__(self, choices: type[StrEnum], label_of: Callable[[StrEnum], str]) -> None:
        super().__init__()
        self._choices = list(choices)
        self._label_of = label_of
        for choice in self._choices:
            self.addItem(label_of(choice))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.activated.connect(lambda index: self.edited.emit(self._choices[index]))

    def value(self) -> StrEnum:
        return self._choices[self.currentIndex()]

    def set_value(self, value: object) -> None:
        self.setCurrentIndex(next((index for index, choice in enumerate(self._choices) if choice is value), 0))

    def sizeHint(self) -> QSize:
        return super().sizeHint().expandedTo(QSize(theme.px(NARROW_PX), 0))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel scrolls the page; it changes nothing on the way."""
        event.ignore()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            for index, choice in enumerate(self._choices):
                self.setItemText(index, self._label_of(choice))


class SwitchEditor(QCheckBox):
    """On or off. Signals: edited(bool)."""

    edited = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.clicked.connect(self._on_clicked)

    def set_value(self, value: object) -> None:
        self.setChecked(bool(value))

    def _on_clicked(self, checked: bool) -> None:
        self.edited.emit(checked)


class NumberEditor(QSpinBox):
    """A whole number between limits. Signals: edited(int)."""

    edited = Signal(object)

    def __init__(self, minimum: int, maximum: int, step: int = 1) -> None:
        super().__init__()
        self.setRange(minimum, maximum)
        self.setSingleStep(step)
        self.setKeyboardTracking(False)  # a half-typed number is not yet meant
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.valueChanged.connect(self.edited.emit)

    def set_value(self, value: object) -> None:
        self.blockSignals(True)
        self.setValue(round(value) if isinstance(value, (int, float)) else self.minimum())
        self.blockSignals(False)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel scrolls the page; it changes nothing on the way."""
        event.ignore()


class TextEditor(QLineEdit):
    """One line of text, meant when it is left or Enter is pressed. Signals: edited(str)."""

    edited = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._value = ""
        self.editingFinished.connect(self._on_editing_finished)

    def set_value(self, value: object) -> None:
        """Show a value; what is being typed right now stays and counts as a change of it."""
        is_typing = self.hasFocus() and self.text().strip() != self._value
        self._value = str(value)
        if not is_typing and self.text() != self._value:
            self.setText(self._value)
            self.setCursorPosition(0)

    def _on_editing_finished(self) -> None:
        if self.text().strip() != self._value:
            self._value = self.text().strip()
            self.edited.emit(self._value)


class LinesEditor(QPlainTextEdit):
    """A few lines of text, meant when they are left. Signals: edited(str)."""

    edited = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._value = ""
        self.setTabChangesFocus(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        theme.give_role(self, Role.CODE)
        self._fit()

    def set_value(self, value: object) -> None:
        """Show a value; what is being typed right now stays and counts as a change of it."""
        is_typing = self.hasFocus() and self.toPlainText() != self._value
        self._value = str(value)
        if not is_typing and self.toPlainText() != self._value:
            self.setPlainText(self._value)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() is not Qt.FocusReason.PopupFocusReason and self.toPlainText() != self._value:
            self._value = self.toPlainText()
            self.edited.emit(self._value)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()

    def _fit(self) -> None:
        self.setFixedHeight(self.fontMetrics().lineSpacing() * LINES_OF_TEXT + 2 * theme.px(theme.SPACE_M))


class PathEditor(QWidget):
    """A file or folder, typed or chosen; empty is allowed. Signals: edited(str)."""

    edited = Signal(object)

    def __init__(self, *, folder: bool, filters: Callable[[], list[str]] = list) -> None:
        super().__init__()
        self.field = TextEditor()
        self.choose_button = QPushButton()
        self._folder = folder
        self._filters = filters
        self._choosing = Job(self)
        self._build()

    def set_value(self, value: object) -> None:
        self.field.set_value(value)

    async def aclose(self) -> None:
        await self._choosing.aclose()

    def _build(self) -> None:
        self.setFocusProxy(self.field)
        self.field.edited.connect(self.edited)
        self.choose_button.clicked.connect(lambda: self._choosing.start(self._choose()))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE_S)
        row.addWidget(self.field, 1)
        row.addWidget(self.choose_button)
        self._retranslate()

    async def _choose(self) -> None:
        current = Path(self.field.text()).expanduser() if self.field.text() else None
        if self._folder:
            chosen = await ask.choose_folder(self, self.accessibleName(), current)
        else:
            files = await ask.choose_open_files(self, self.accessibleName(), self._filters(), many=False)
            chosen = next(iter(files), None)
        if chosen is not None:
            self.field.set_value(chosen)
            self.edited.emit(str(chosen))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self.choose_button.setText(self.tr("Choose…"))

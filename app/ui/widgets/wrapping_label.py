"""WrappingLabel: words of any origin that never ask for more width than there is; texts of ours need it not."""

from __future__ import annotations

import re

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

from app.ui.widgets.plain_label import PlainLabel

_BREAK = "\u200b"
"""Zero width space: a line may end here, and nothing is to be seen of it."""
_LONGEST_WORD = 24
_LONG_WORD = re.compile(rf"[^\s\u2e80-\uffef]{{{_LONGEST_WORD + 1},}}")
"""Base64 or an address. Chinese, Japanese and Korean may break nearly anywhere, and know better where not to."""
_PLACE = re.compile(r"(?<=[^\u200d])(?=[\w!-/:-@\[-`{-~])")
"""Between characters, but before no combining mark and within no joined emoji."""


class WrappingLabel(PlainLabel):
    """Breaks lines at words, and within those that are too long for any line; what is copied has no such breaks."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._words = ""
        self.setWordWrap(True)
        self.copy_action = QAction(self)
        self.copy_action.setObjectName("copy_words_action")
        self.copy_action.triggered.connect(self.copy)
        self._retranslate()

    def text(self) -> str:
        """The words as they were set."""
        return self._words

    def setText(self, text: str) -> None:
        self._words = text
        super().setText(_LONG_WORD.sub(lambda found: _PLACE.sub(_BREAK, found[0]), text))

    def selectedText(self) -> str:
        return super().selectedText().replace(_BREAK, "")

    def copy(self) -> None:
        """Copy the selected words, or all of them."""
        QGuiApplication.clipboard().setText(self.selectedText() or self._words)

    def setTextInteractionFlags(self, flags: Qt.TextInteractionFlag) -> None:
        """As in QLabel; where words can be selected, a menu offers to copy them."""
        super().setTextInteractionFlags(flags)
        if flags & Qt.TextInteractionFlag.TextSelectableByMouse:
            self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
            self.addAction(self.copy_action)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self.copy_action.setText(self.tr("Copy"))

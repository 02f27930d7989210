"""UndoBar: says what was just done and offers to take it back for a while."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QToolButton, QWidget

from app.ui import theme
from app.ui.theme import Role
from app.ui.widgets.elided_label import ElidedLabel

UNDO_S = 10.0


class UndoBar(QFrame):
    """Hidden until `offer`; one offer at a time: a new one, the time-out or the close button settles the one before.

    The usual key for Undo takes it back, too, unless the focus is in a text, which has its own. The time does not run
    out under the pointer or while one of the buttons has the focus.

    Exactly one of an offer's two callables is called: `undo` when the user wants it back, else `settle`.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label = ElidedLabel()
        self.undo_button = QPushButton()
        self.close_button = QToolButton()
        self._timer = QTimer(self)
        self._undo: Callable[[], object] | None = None
        self._settle: Callable[[], object] | None = None
        self._build()
        self.hide()

    def offer(
        self,
        text: str,
        undo: Callable[[], object],
        settle: Callable[[], object] | None = None,
        seconds: float = UNDO_S,
    ) -> None:
        """Show `text` with an Undo button for `seconds`."""
        self.settle()
        self._undo, self._settle = undo, settle
        self.label.setText(text)
        self.setAccessibleName(text)
        self._timer.start(round(seconds * 1000))
        self.show()

    def settle(self) -> None:
        """Make what was done final now; nothing happens without an offer."""
        settle = self._settle
        self._forget()
        if settle is not None:
            settle()

    def take_back(self) -> None:
        """What the Undo button does."""
        undo = self._undo
        self._forget()
        if undo is not None:
            undo()

    def _build(self) -> None:
        self.setObjectName("undo_bar")
        self.label.setObjectName("undo_text")
        self.undo_button.setObjectName("undo_button")
        self.close_button.setObjectName("undo_close")
        theme.give_role(self, Role.CARD)
        theme.give_role(self.undo_button, Role.LINK)
        theme.give_role(self.close_button, Role.FLAT)
        self.close_button.setIcon(theme.icon("x"))
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_timer_timeout)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Undo), self, self.take_back)
        self.undo_button.clicked.connect(self.take_back)
        self.close_button.clicked.connect(self.settle)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE_M, theme.SPACE_XS, theme.SPACE_XS, theme.SPACE_XS)
        row.addWidget(self.label, 1)
        row.addWidget(self.undo_button)
        row.addWidget(self.close_button)
        self._retranslate()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _on_timer_timeout(self) -> None:
        if self.underMouse() or self.undo_button.hasFocus() or self.close_button.hasFocus():
            self._timer.start()
        else:
            self.settle()

    def _forget(self) -> None:
        self._timer.stop()
        self._undo = self._settle = None
        self.hide()

    def _retranslate(self) -> None:
        self.undo_button.setText(self.tr("Undo"))
        keys = QKeySequence(QKeySequence.StandardKey.Undo).toString(QKeySequence.SequenceFormat.NativeText)
        self.undo_button.setToolTip(self.tr("Take it back ({keys})").format(keys=keys))
        self.close_button.setToolTip(self.tr("Dismiss"))
        self.close_button.setAccessibleName(self.tr("Dismiss"))

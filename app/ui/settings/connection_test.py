"""ConnectionTest: the Test button and below it what it found; the test itself is made elsewhere."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QApplication, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.model.providers import TestResult
from app.ui import theme
from app.ui.settings.verdict_card import VerdictCard
from app.ui.widgets.spinner import Spinner


class ConnectionTest(QWidget):
    """`card` has signals of its own. Signals: requested(): test now."""

    requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.test_button = QPushButton()
        self.spinner = Spinner()
        self.card = VerdictCard()
        self._focus_moved_to: QWidget | None = None
        self._build()

    def set_possible(self, possible: bool) -> None:
        """Without an address there is nothing to test."""
        self.test_button.setEnabled(possible)

    def show_running(self) -> None:
        self.card.hide()
        self.spinner.start()
        had_focus = self.test_button.hasFocus()
        self.test_button.setEnabled(False)
        self._focus_moved_to = QApplication.focusWidget() if had_focus else None

    def show_result(self, result: TestResult | None) -> None:
        """None shows no verdict, as before the first test."""
        self.spinner.stop()
        self.test_button.setEnabled(True)
        if self._focus_moved_to is not None and self._focus_moved_to is QApplication.focusWidget():
            self.test_button.setFocus()  # it had left only because the button was disabled
        self._focus_moved_to = None
        self.card.setVisible(result is not None)
        if result is not None:
            self.card.show_result(result)

    def _build(self) -> None:
        self.test_button.setObjectName("test_provider")
        self.test_button.setIcon(theme.icon("plug"))
        self.test_button.clicked.connect(self.requested)
        self.card.hide()
        top = QHBoxLayout()
        top.setSpacing(theme.SPACE_M)
        top.addWidget(self.test_button)
        top.addWidget(self.spinner)
        top.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_S)
        column.addLayout(top)
        column.addWidget(self.card)
        self._retranslate()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self.test_button.setText(self.tr("Test connection"))
        self.spinner.setAccessibleName(self.tr("Testing"))

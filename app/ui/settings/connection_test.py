"""ConnectionTest: the Test button and its verdict in words with the repair; the test itself is made elsewhere."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.model.providers import TestResult, Verdict
from app.ui import theme
from app.ui.theme import Role
from app.ui.widgets.icon_label import IconLabel
from app.ui.widgets.spinner import Spinner

MOST_WORDS = 600
"""Characters of the server's words that are shown."""


class ConnectionTest(QWidget):
    """Signals: requested(): test now; address_accepted(str): use the address that works."""

    requested = Signal()
    address_accepted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.test_button = QPushButton()
        self.spinner = Spinner()
        self.icon = IconLabel()
        self.verdict_label = QLabel()
        self.words_label = QLabel()
        self.address_button = QPushButton()
        self._result: TestResult | None = None
        self._build()

    def set_possible(self, possible: bool) -> None:
        """Without an address there is nothing to test."""
        self.test_button.setEnabled(possible)

    def show_running(self) -> None:
        self._result = None
        self.spinner.start()
        self.test_button.setEnabled(False)
        self._retranslate()

    def show_result(self, result: TestResult | None) -> None:
        """None shows no verdict, as before the first test."""
        self._result = result
        self.spinner.stop()
        self.test_button.setEnabled(True)
        self._retranslate()

    def _build(self) -> None:
        self.test_button.setObjectName("test_provider")
        self.verdict_label.setObjectName("verdict")
        self.words_label.setObjectName("verdict_words")
        self.address_button.setObjectName("use_address")
        theme.give_role(self.words_label, Role.SMALL)
        self.verdict_label.setWordWrap(True)
        self.words_label.setWordWrap(True)
        self.words_label.setTextFormat(Qt.TextFormat.PlainText)
        for label in (self.verdict_label, self.words_label):
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.test_button.setIcon(theme.icon("plug"))
        self.test_button.clicked.connect(self.requested)
        self.address_button.clicked.connect(self._on_address_clicked)
        top = QHBoxLayout()
        top.setSpacing(theme.SPACE_M)
        top.addWidget(self.test_button)
        top.addWidget(self.spinner)
        top.addStretch(1)
        verdict = QHBoxLayout()
        verdict.setSpacing(theme.SPACE_S)
        verdict.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignTop)
        verdict.addWidget(self.verdict_label, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_S)
        column.addLayout(top)
        column.addLayout(verdict)
        column.addWidget(self.words_label)
        column.addWidget(self.address_button, 0, Qt.AlignmentFlag.AlignLeft)
        self._retranslate()

    def _on_address_clicked(self) -> None:
        if self._result is not None:
            self.address_accepted.emit(self._result.corrected_url)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        result = self._result
        self.test_button.setText(self.tr("Test connection"))
        self.spinner.setAccessibleName(self.tr("Testing"))
        for widget in (self.icon, self.verdict_label):
            widget.setVisible(result is not None)
        self.words_label.setVisible(result is not None and bool(result.words))
        self.address_button.setVisible(result is not None and bool(result.corrected_url))
        if result is None:
            return
        works = result.verdict is Verdict.WORKS
        self.icon.set_icon(theme.icon("circle-check", "success") if works else theme.icon("circle-alert", "danger"))
        self.verdict_label.setText(self._verdict(result))
        self.words_label.setText(result.words[:MOST_WORDS])
        self.address_button.setText(self.tr("Use {address}").format(address=result.corrected_url))

    def _verdict(self, result: TestResult) -> str:
        if result.verdict is Verdict.WORKS:
            if result.models:
                return self.tr("It works: the server offers %n model(s).", "", len(result.models))
            return self.tr("It works. The server does not list its models; type their names in the model picker.")
        if result.corrected_url:
            return self.tr("Nothing useful answers at this address, but another one nearby works.")
        return {
            Verdict.WRONG_ADDRESS: self.tr(
                "Something answers at this address, but not as an OpenAI-compatible server does. Check the address; "
                "it usually ends in /v1."
            ),
            Verdict.UNREACHABLE: self.tr(
                "The server cannot be reached. Check the address and the network, and whether the server runs."
            ),
            Verdict.CERTIFICATE: self.tr(
                "The server's certificate is not trusted. In a company network, choose its certificate file under "
                "“More options”."
            ),
            Verdict.PROXY: self.tr("The proxy does not let the request through. Check it under “More options”."),
            Verdict.KEY: self.tr("The server is reached, but it does not accept the key. Enter it again."),
            Verdict.PERMISSION: self.tr(
                "The key is valid, but it may not be used for this. The account may need to be verified."
            ),
            Verdict.LIMIT: self.tr(
                "Address and key are right, but the account's limit is reached or too many requests were made."
            ),
            Verdict.SERVER: self.tr("The server is reached, but it has a problem of its own. Try again later."),
        }[result.verdict]

"""VerdictCard: what a connection test found, in words, with the buttons that put it right; nothing is done here."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.model.providers import TestResult, Verdict
from app.ui import theme
from app.ui.theme import Role
from app.ui.widgets.icon_label import IconLabel
from app.ui.widgets.plain_label import PlainLabel
from app.ui.widgets.plain_tip import plain_caption, plain_tip

MOST_WORDS = 600
"""Characters of the server's words that are shown."""


class Repair(StrEnum):
    """What a button below a verdict offers."""

    ADDRESS = "address"
    KEY = "key"
    CERTIFICATE = "certificate"
    PROXY = "proxy"
    MODEL = "model"
    KEYS_PAGE = "keys-page"
    ACCOUNT_PAGE = "account-page"


_REPAIRS: dict[Verdict, tuple[Repair, ...]] = {
    Verdict.MALFORMED: (Repair.ADDRESS,),
    Verdict.PLACEHOLDER: (Repair.ADDRESS,),
    Verdict.WRONG_ADDRESS: (Repair.ADDRESS,),
    Verdict.UNKNOWN_HOST: (Repair.ADDRESS,),
    Verdict.UNREACHABLE: (Repair.ADDRESS,),
    Verdict.SILENT: (Repair.ADDRESS, Repair.PROXY),
    Verdict.CERTIFICATE: (Repair.CERTIFICATE,),
    Verdict.CERTIFICATE_NAME: (Repair.ADDRESS,),
    Verdict.CERTIFICATE_FILE: (Repair.CERTIFICATE,),
    Verdict.PROXY: (Repair.PROXY,),
    Verdict.PROXY_LOGIN: (Repair.PROXY,),
    Verdict.KEY: (Repair.KEY, Repair.KEYS_PAGE),
    Verdict.NO_KEY: (Repair.KEY, Repair.KEYS_PAGE),
    Verdict.KEY_UNUSABLE: (Repair.KEY, Repair.KEYS_PAGE),
    Verdict.PERMISSION: (Repair.ACCOUNT_PAGE,),
    Verdict.LIMIT: (Repair.ACCOUNT_PAGE,),
    Verdict.NO_MODEL: (Repair.MODEL,),
}
"""Where nothing is listed, waiting and testing again is all there is."""
_PASSING = (Verdict.BUSY, Verdict.LOADING, Verdict.NO_MODEL)
"""The settings are right."""


class VerdictCard(QWidget):
    """Signals: address_accepted(str): use the address that works; repair_requested(Repair)."""

    address_accepted = Signal(str)
    repair_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.icon = IconLabel()
        self.verdict_label = PlainLabel()
        self.words_label = PlainLabel()
        self.address_button = QPushButton()
        self.repair_buttons = {repair: QPushButton() for repair in Repair}
        self._result: TestResult | None = None
        self._pages: dict[Repair, str] = {}
        self._build()

    def set_pages(self, keys_url: str, account_url: str) -> None:
        """The provider's pages for keys and for credit; empty where none is known."""
        self._pages = {Repair.KEYS_PAGE: keys_url, Repair.ACCOUNT_PAGE: account_url}
        self._retranslate()

    def page_of(self, repair: Repair) -> str:
        """The address that such a button opens."""
        return self._pages[repair]

    def show_result(self, result: TestResult) -> None:
        self._result = result
        self._retranslate()

    def _build(self) -> None:
        self.verdict_label.setObjectName("verdict")
        self.words_label.setObjectName("verdict_words")
        self.address_button.setObjectName("use_address")
        theme.give_role(self.words_label, Role.SMALL)
        theme.give_role(self.address_button, Role.PRIMARY)
        for label in (self.verdict_label, self.words_label):
            label.setWordWrap(True)
            label.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
        self.address_button.clicked.connect(self._on_address_clicked)
        for repair, button in self.repair_buttons.items():
            button.setObjectName(f"repair_{repair.value}")
            button.clicked.connect(lambda _=False, repair=repair: self.repair_requested.emit(repair))
        for repair in (Repair.KEYS_PAGE, Repair.ACCOUNT_PAGE):
            self.repair_buttons[repair].setIcon(theme.icon("external-link"))
        self._lay_out()
        self._retranslate()

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.SPACE_S)
        for button in (self.address_button, *self.repair_buttons.values()):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout()
        column.setSpacing(theme.SPACE_S)
        for label in (self.verdict_label, self.words_label):
            column.addWidget(label)
        column.addLayout(buttons)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE_S)
        row.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(column, 1)

    def _on_address_clicked(self) -> None:
        if self._result is not None:
            self.address_accepted.emit(self._result.corrected_url)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        result = self._result
        if result is None:
            return
        self.icon.set_icon(_sign(result))
        self.verdict_label.setText(self._verdict(result))
        self.words_label.setText(result.words[:MOST_WORDS])
        self.words_label.setVisible(bool(result.words))
        self.address_button.setText(plain_caption(self.tr("Use {address}").format(address=result.corrected_url)))
        self.address_button.setVisible(bool(result.corrected_url))
        texts = {
            Repair.ADDRESS: self.tr("Edit the address"),
            Repair.KEY: self.tr("Enter the key"),
            Repair.CERTIFICATE: self.tr("Choose a certificate file…"),
            Repair.PROXY: self.tr("Show the proxy's settings"),
            Repair.MODEL: self.tr("Choose another model"),
            Repair.KEYS_PAGE: self.tr("Get a key"),
            Repair.ACCOUNT_PAGE: self.tr("Open the account's page"),
        }
        for repair, button in self.repair_buttons.items():
            button.setText(texts[repair])
            button.setVisible(self._helps(repair, result))
            button.setToolTip(plain_tip(self._pages.get(repair, "")))

    def _helps(self, repair: Repair, result: TestResult) -> bool:
        if repair is Repair.MODEL and not result.missing_model:
            return False
        has_page = repair not in (Repair.KEYS_PAGE, Repair.ACCOUNT_PAGE) or bool(self._pages.get(repair))
        return has_page and not result.corrected_url and repair in _REPAIRS.get(result.verdict, ())

    def _verdict(self, result: TestResult) -> str:
        if result.corrected_url:
            return self.tr("Nothing useful answers at this address, but a server answers at another one nearby.")
        if result.verdict is Verdict.WORKS:
            if result.models:
                return self.tr("It works: the server offers %n model(s).", "", len(result.models))
            return self.tr("It works. The server does not list its models; type their names in the model picker.")
        return (self._about_address() | self._about_the_way() | self._about_account(result.missing_model))[
            result.verdict
        ]

    def _about_address(self) -> dict[Verdict, str]:
        return {
            Verdict.MALFORMED: self.tr(
                "This is not a server's address. It should look like https://api.example.com/v1."
            ),
            Verdict.PLACEHOLDER: self.tr(
                "The address is still the template's. Put the name of your own resource in its place."
            ),
            Verdict.WRONG_ADDRESS: self.tr(
                "Something answers at this address, but not as an OpenAI-compatible server does. Check the address; "
                "it usually ends in /v1."
            ),
            Verdict.UNKNOWN_HOST: self.tr(
                "No server of this name is found. Check the address for a slip, and whether the network works."
            ),
            Verdict.UNREACHABLE: self.tr(
                "Nobody answers at this address. Check its port, and whether the server has been started."
            ),
            Verdict.SILENT: self.tr(
                "The server does not answer in time. Check the address; a firewall or a missing proxy may swallow the "
                "request, or the server may be overloaded."
            ),
        }

    def _about_the_way(self) -> dict[Verdict, str]:
        return {
            Verdict.CERTIFICATE: self.tr(
                "The server's certificate is not trusted, so nothing was sent. If this is your company's or your own "
                "server, choose the file of its certificate authority."
            ),
            Verdict.CERTIFICATE_DATE: self.tr(
                "The server's certificate is not valid today, so nothing was sent. Check this computer's date; if it "
                "is right, whoever runs the server has to renew the certificate."
            ),
            Verdict.CERTIFICATE_NAME: self.tr(
                "The server's certificate is made out to another name, so nothing was sent. Use the name that it is "
                "made out to."
            ),
            Verdict.CERTIFICATE_FILE: self.tr("The certificate file cannot be read. Choose one in the PEM format."),
            Verdict.PROXY: self.tr("The proxy cannot be reached or does not let the request through."),
            Verdict.PROXY_LOGIN: self.tr(
                "The proxy asks for a name and a password. Write them into its address: http://name:password@host:port"
            ),
            Verdict.SERVER: self.tr("The server is reached, but it has a problem of its own. Test again later."),
            Verdict.LOADING: self.tr("The server runs and is still loading its model. Test again in a minute."),
        }

    def _about_account(self, missing_model: str) -> dict[Verdict, str]:
        missing = self.tr("The server is reached but has no model yet. Download or load one there, then test again.")
        if missing_model:
            missing = self.tr("The server is reached, but it does not have “{model}”, or this key may not use it.")
        return {
            Verdict.KEY: self.tr("The server is reached, but it does not accept the key. Enter it again."),
            Verdict.NO_KEY: self.tr("The server is reached, and it wants a key. Enter one above."),
            Verdict.KEY_UNUSABLE: self.tr(
                "The key holds a character that no key has, so nothing was sent. Copy it again, without quotes."
            ),
            Verdict.PERMISSION: self.tr(
                "The server is reached and knows the key, but does not permit this. The account may need to be "
                "verified, the key may lack a permission, or the server is closed to this country."
            ),
            Verdict.LIMIT: self.tr(
                "Address and key are right, but the account has no credit or has reached its limit. Testing again does "
                "not help before that has changed."
            ),
            Verdict.BUSY: self.tr(
                "Address and key are right; the server only asks for a pause. Test again in a minute."
            ),
            Verdict.NO_MODEL: missing.format(model=missing_model),
        }


def _sign(result: TestResult) -> QIcon:
    if result.verdict is Verdict.WORKS:
        return theme.icon("circle-check", "success")
    is_near = result.verdict in _PASSING or result.corrected_url
    return theme.icon("triangle-alert", "warning") if is_near else theme.icon("circle-alert", "danger")

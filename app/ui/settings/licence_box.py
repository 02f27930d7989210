"""LicenceBox: the licence of one part of the program, to be read; which parts there are is not known here."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from app.parts import Part
from app.ui import theme
from app.ui.outside import open_page
from app.ui.theme import Role
from app.ui.translation import model_name
from app.ui.widgets.first_size import resize_on_screen
from app.ui.widgets.plain_label import PlainLabel


class LicenceBox(QDialog):
    """Name, licence and text; the home page opens by the button that names it."""

    def __init__(self, part: Part, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._part = part
        self.title_label, self.licence_label = PlainLabel(), PlainLabel(part.licence)
        self.text = QPlainTextEdit(part.text)
        self.home_button = QPushButton()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self._build()

    def _build(self) -> None:
        self.setObjectName("licence_box")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name in ("title_label", "licence_label", "text", "home_button"):
            getattr(self, name).setObjectName(f"licence_{name}")
        theme.give_role(self.title_label, Role.HEADING)
        theme.give_role(self.licence_label, Role.SMALL)
        theme.give_role(self.text, Role.CODE)
        self.licence_label.setWordWrap(True)
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.home_button.setIcon(theme.icon("external-link"))
        self.home_button.setVisible(bool(self._part.homepage))
        self.home_button.clicked.connect(lambda: open_page(self._part.homepage))
        self.buttons.addButton(self.home_button, QDialogButtonBox.ButtonRole.ActionRole)
        self.buttons.rejected.connect(self.close)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE_L, theme.SPACE_L, theme.SPACE_L, theme.SPACE_L)
        column.setSpacing(theme.SPACE_M)
        for widget in (self.title_label, self.licence_label, self.text, self.buttons):
            column.addWidget(widget)
        resize_on_screen(self, theme.px(760), theme.px(600))
        self._retranslate()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        name = f"{model_name(self._part.name)} {self._part.version}".strip()
        self.setWindowTitle(self.tr("Licence of {name}").format(name=name))
        self.title_label.setText(name)
        self.text.setAccessibleName(self.windowTitle())
        self.home_button.setText(self._part.homepage.partition("://")[2].rstrip("/"))
        self.home_button.setToolTip(self._part.homepage)
        self.home_button.setAccessibleName(self.tr("Open {address}").format(address=self._part.homepage))

"""AboutPage: what the program is, its version and licence, and whose work is in it."""

from __future__ import annotations

import platform

from PySide6.QtCore import Qt, QUrl, qVersion
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QWidget

from app.identity import HOMEPAGE, NAME, VERSION
from app.ui import theme
from app.ui.settings.page import Page
from app.ui.theme import Role

LICENCE = "MIT"
PARTS = (
    ("Python", "PSF-2.0"),
    ("Qt, PySide6", "LGPL-3.0"),
    ("qasync", "BSD-2-Clause"),
    ("httpx", "BSD-3-Clause"),
    ("truststore", "MIT"),
    ("msgspec", "BSD-3-Clause"),
    ("keyring", "MIT"),
    ("cryptography with OpenSSL", "Apache-2.0"),
    ("platformdirs", "MIT"),
    ("Pillow", "MIT-CMU"),
    ("pillow-heif with libheif, libde265, x265", "BSD-3-Clause, LGPL-3.0, GPL-2.0"),
    ("PyAV with FFmpeg, x264, x265", "BSD-3-Clause, LGPL-3.0, GPL-2.0"),
    ("NumPy", "BSD-3-Clause"),
    ("sounddevice, PortAudio", "MIT"),
    ("markdown-it-py", "MIT"),
    ("Pygments", "BSD-2-Clause"),
    ("ziamath", "MIT"),
    ("charset-normalizer", "MIT"),
    ("cyllama with llama.cpp, whisper.cpp, stable-diffusion.cpp", "MIT"),
    ("Starlette, uvicorn", "BSD-3-Clause"),
    ("python-multipart", "Apache-2.0"),
    ("Lucide", "ISC"),
)
"""What is inside, and its licence by the short name of SPDX."""


class AboutPage(Page):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("about", parent=parent)
        self.version_label = QLabel()
        self.text_label = QLabel()
        self.licence_label = QLabel()
        self.home_button = QPushButton()
        self.folder_button = QPushButton()
        self.parts_label = QLabel()
        self._build()

    def title(self) -> str:
        return self.tr("About")

    def _build(self) -> None:
        self._outer.addWidget(self.scrolling(), 1)
        for name in ("version_label", "text_label", "licence_label", "home_button", "folder_button", "parts_label"):
            getattr(self, name).setObjectName(name)
        self.text_label.setWordWrap(True)
        self.version_label.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        theme.give_role(self.version_label, Role.SMALL)
        theme.give_role(self.parts_label, Role.HEADING)
        self.home_button.clicked.connect(lambda: QDesktopServices.openUrl(QUrl(HOMEPAGE)))
        self.folder_button.clicked.connect(lambda: self.page_requested.emit("folder"))
        self.home_button.setIcon(theme.icon("external-link"))
        self.folder_button.setIcon(theme.icon("folder-open"))
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.SPACE_S)
        for button in (self.home_button, self.folder_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        for widget in (self.version_label, self.text_label, self.licence_label):
            self.column.addWidget(widget)
        self.column.addLayout(buttons)
        self.column.addSpacing(theme.SPACE_L)
        self.column.addWidget(self.parts_label)
        self.column.addLayout(_parts())
        self.column.addStretch(1)
        self._retranslate()

    def _retranslate(self) -> None:
        super()._retranslate()
        self.title_label.setText(NAME)
        versions = f"Python {platform.python_version()} · Qt {qVersion()} · {platform.system()} {platform.machine()}"
        self.version_label.setText(self.tr("Version {number}").format(number=VERSION) + f" · {versions}")
        self.text_label.setText(
            self.tr(
                "Chat, images and audio with OpenAI's API, every server that speaks it, or the engine inside. "
                "Nothing is sent anywhere but to the providers you set up and, when you ask for a model, to its "
                "publisher."
            )
        )
        self.licence_label.setText(self.tr("Free software under the {name} licence.").format(name=LICENCE))
        self.home_button.setText(self.tr("Website"))
        self.folder_button.setText(self.tr("Open the data folder"))
        self.parts_label.setText(self.tr("With the work of many others"))


def _parts() -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(theme.SPACE_XL)
    grid.setVerticalSpacing(theme.SPACE_XS)
    grid.setColumnStretch(1, 1)
    for line, (name, licence) in enumerate(PARTS):
        label = QLabel(licence)
        theme.give_role(label, Role.SMALL)
        grid.addWidget(QLabel(name), line, 0)
        grid.addWidget(label, line, 1)
    return grid

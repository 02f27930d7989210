"""AboutPage: what the program is, its version and licence, and whose work is in it."""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence

from PySide6.QtCore import QModelIndex, Qt, qVersion
from PySide6.QtGui import QKeyEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QHBoxLayout, QListView, QPushButton, QWidget

from app.identity import HOMEPAGE, NAME, VERSION
from app.parts import Part, parts
from app.ui import theme
from app.ui.job import Job
from app.ui.outside import open_page
from app.ui.settings.licence_box import LicenceBox
from app.ui.settings.page import Page
from app.ui.theme import Role
from app.ui.translation import model_name
from app.ui.widgets.noted_item import NotedItemDelegate, set_note
from app.ui.widgets.plain_label import PlainLabel

LICENCE = "MIT"
LIST_PX = 320


class AboutPage(Page):
    """`find_parts` lists whose work is in the program; it is called once, on a thread, when the page is shown."""

    def __init__(self, parent: QWidget | None = None, find_parts: Callable[[], Sequence[Part]] = parts) -> None:
        super().__init__("about", parent=parent)
        self._find_parts = find_parts
        self._job = Job(self)
        self._found: Sequence[Part] = ()
        self.version_label = PlainLabel()
        self.text_label = PlainLabel()
        self.licence_label = PlainLabel()
        self.home_button = QPushButton()
        self.folder_button = QPushButton()
        self.parts_label = PlainLabel()
        self.hint_label = PlainLabel()
        self.parts_list = QListView()
        self.parts_model = QStandardItemModel(self)
        self._build()

    def title(self) -> str:
        return self.tr("About")

    def shown(self) -> None:
        if not self._found:
            self._job.start(self._load())

    async def aclose(self) -> None:
        await self._job.aclose()

    async def _load(self) -> None:
        import asyncio

        self._found = await asyncio.to_thread(self._find_parts)
        for part in self._found:
            item = QStandardItem(f"{model_name(part.name)} {part.version}".strip())
            item.setToolTip(part.homepage)
            set_note(item, part.licence)
            self.parts_model.appendRow(item)
        self.parts_list.setCurrentIndex(self.parts_model.index(0, 0))

    def _on_parts_list_activated(self, index: QModelIndex) -> None:
        LicenceBox(self._found[index.row()], self).show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter on the list, which the dialog around it takes for the end of an editing, opens the text."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.parts_list.hasFocus():
            self._on_parts_list_activated(self.parts_list.currentIndex())
        else:
            super().keyPressEvent(event)

    def _build(self) -> None:
        self._outer.addWidget(self.scrolling(), 1)
        for name in ("version_label", "text_label", "licence_label", "home_button", "folder_button", "parts_label"):
            getattr(self, name).setObjectName(name)
        self.parts_list.setObjectName("parts_list")
        self.parts_list.setModel(self.parts_model)
        self.parts_list.setItemDelegate(NotedItemDelegate(self.parts_list))
        self.parts_list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.parts_list.setMinimumHeight(theme.px(LIST_PX))
        self.parts_list.clicked.connect(self._on_parts_list_activated)
        theme.give_role(self.hint_label, Role.SMALL)
        self.text_label.setWordWrap(True)
        self.version_label.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        theme.give_role(self.version_label, Role.SMALL)
        theme.give_role(self.parts_label, Role.HEADING)
        self.home_button.clicked.connect(lambda: open_page(HOMEPAGE))
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
        self.column.addWidget(self.hint_label)
        self.column.addWidget(self.parts_list, 1)
        self._retranslate()

    def _retranslate(self) -> None:
        super()._retranslate()
        self.title_label.setText(NAME)
        versions = f"Python {platform.python_version()} · Qt {qVersion()} · {platform.system()} {platform.machine()}"
        self.version_label.setText(self.tr("Version {number}").format(number=VERSION) + f" · {versions}")
        self.text_label.setText(
            self.tr(
                "Chat, images and audio with OpenAI's API, every server that speaks it, or the engine inside. "
                "Nothing is sent anywhere but to the providers you set up, when you ask for a model to its publisher, "
                "and, if you want to hear of newer versions, to the page that announces them."
            )
        )
        self.licence_label.setText(self.tr("Free software under the {name} licence.").format(name=LICENCE))
        self.home_button.setText(self.tr("Website"))
        self.folder_button.setText(self.tr("Open the data folder"))
        self.parts_label.setText(self.tr("With the work of many others"))
        self.parts_list.setAccessibleName(self.parts_label.text())
        self.hint_label.setText(self.tr("A click shows the licence."))

"""SettingsDialog: the pages of the settings beside their list; it blocks nothing, and ends no download."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QListWidget, QListWidgetItem, QStackedWidget, QWidget

from app.ui import theme
from app.ui.download_queue import DownloadQueue
from app.ui.settings.about_page import AboutPage
from app.ui.settings.general_page import GeneralPage
from app.ui.settings.models_page import ModelsPage
from app.ui.settings.page import Page, VerticalLine
from app.ui.settings.providers_page import ProvidersPage
from app.ui.settings.restore_page import RestorePage
from app.ui.settings.store import SettingsStore
from app.ui.settings.updates_page import UpdatesPage
from app.ui.theme import Role
from app.ui.update_flow import UpdateFlow
from app.ui.widgets.first_size import resize_on_screen
from app.workers.backups import BackupWorker
from app.workers.providers import ProviderWorker
from app.workers.transfer import TransferWorker

SIZE = QSize(980, 680)
SMALLEST = QSize(720, 420)
LIST_PX = 210


class SettingsDialog(QDialog):
    """Every change holds at once. Downloads go on while the dialog is closed.

    Signals:
        models_changed(): providers, their models or those of the built-in engine are others now.
        folder_requested(): show the data folder.
        history_changed(), conversation_requested(int), restart_requested(): as of the page for backups.
        picker_requested(): let another model be chosen.
    """

    models_changed = Signal()
    folder_requested = Signal()
    history_changed = Signal()
    conversation_requested = Signal(int)
    restart_requested = Signal()
    picker_requested = Signal()

    def __init__(
        self,
        settings: SettingsStore,
        providers: ProviderWorker,
        downloads: DownloadQueue,
        backups: BackupWorker,
        transfer: TransferWorker,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.general = GeneralPage(settings)
        self.providers = ProvidersPage(providers)
        self.models = ModelsPage(downloads)
        self.restore = RestorePage(backups, transfer)
        self.about = AboutPage()
        self.page_list = QListWidget()
        self._pages: dict[str, tuple[Page, str]] = {
            "general": (self.general, "sliders-horizontal"),
            "providers": (self.providers, "server"),
            "models": (self.models, "cpu"),
            "restore": (self.restore, "archive"),
            "about": (self.about, "info"),
        }
        self._stack = QStackedWidget()
        self._build()

    def add_updates(self, flow: UpdateFlow) -> None:
        """Have a page for newer versions of the program as well, before the last one."""
        self.updates = UpdatesPage(flow)
        last = list(self._pages)[-1]
        after = self._pages.pop(last)
        self._pages["updates"] = (self.updates, "download")
        self._pages[last] = after
        self._add("updates")
        self._retranslate()

    def show_page(self, page: str) -> None:
        """Open the dialog, or bring it to the front, on a page, or where it was if there is none of that name.

        The pages are "general", "providers", "models", "restore", "updates" and "about"; "export" and "import" begin
        that on "restore", and "check" looks for a newer version on "updates".
        """
        page, begin = self._beginning(page)
        names = list(self._pages)
        if page in names:
            self.page_list.setCurrentRow(names.index(page))
        self.show()
        self.raise_()
        self.activateWindow()
        self._pages[names[self.page_list.currentRow()]][0].shown()
        if begin is not None:
            begin()

    def _beginning(self, name: str) -> tuple[str, Callable[[], object] | None]:
        """The page that `name` stands for, and what begins there."""
        match name:
            case "export":
                return "restore", self.restore.transfer.export
            case "import":
                return "restore", self.restore.transfer.bring_in
            case "check":
                return "updates", self.updates.card.check_requested.emit
            case _:
                return name, None

    async def aclose(self) -> None:
        """Close, end tests, store what was typed."""
        self.hide()
        for page, _ in self._pages.values():
            await page.aclose()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter in a field ends its editing and nothing else; a button with the focus still takes it."""
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()
        if event.type() is QEvent.Type.FontChange:
            self.page_list.setFixedWidth(theme.px(LIST_PX))

    def _build(self) -> None:
        self.setObjectName("settings_dialog")
        self.page_list.setObjectName("settings_pages")
        side = QWidget()
        theme.give_role(side, Role.SIDE_BAR)
        side.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        inside = QHBoxLayout(side)
        inside.setContentsMargins(theme.SPACE_S, theme.SPACE_S, theme.SPACE_S, theme.SPACE_S)
        inside.addWidget(self.page_list)
        for name in self._pages:
            self._add(name)
        self.page_list.currentRowChanged.connect(self._on_page_list_changed)
        self.providers.changed.connect(self.models_changed)
        self.models.changed.connect(self.models_changed)
        self.restore.history_changed.connect(self.history_changed)
        self.restore.conversation_requested.connect(self.conversation_requested)
        self.restore.restart_requested.connect(self.restart_requested)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(side)
        row.addWidget(VerticalLine())
        row.addWidget(self._stack, 1)
        self.page_list.setCurrentRow(0)
        self.setMinimumSize(SMALLEST)
        resize_on_screen(self, theme.px(SIZE.width()), theme.px(SIZE.height()))
        self._retranslate()

    def _add(self, name: str) -> None:
        page, icon = self._pages[name]
        row = list(self._pages).index(name)
        self.page_list.insertItem(row, QListWidgetItem(theme.icon(icon), ""))
        self._stack.insertWidget(row, page)
        page.page_requested.connect(self._on_page_requested)

    def _on_page_list_changed(self, row: int) -> None:
        self._stack.setCurrentIndex(row)
        if self.isVisible():
            list(self._pages.values())[row][0].shown()

    def _on_page_requested(self, page: str) -> None:
        if page in self._pages:
            self.show_page(page)
        elif page == "folder":
            self.folder_requested.emit()
        elif page == "picker":
            self.hide()
            self.picker_requested.emit()

    def _retranslate(self) -> None:
        self.setWindowTitle(self.tr("Settings"))
        self.page_list.setAccessibleName(self.tr("Pages of the settings"))
        self.page_list.setFixedWidth(theme.px(LIST_PX))
        names = {
            "general": self.tr("General"),
            "providers": self.tr("Providers"),
            "models": self.tr("Models"),
            "restore": self.tr("Backup and restore"),
            "updates": self.tr("Updates"),
            "about": self.tr("About"),
        }
        for row, page in enumerate(self._pages):
            self.page_list.item(row).setText(names[page])

"""Preferences: the settings dialog, made when it is first opened, and what follows from what is done in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from app.assembly import Assembly
from app.model_choice import ModelChoice
from app.ui.download_queue import DownloadQueue
from app.ui.window import MainWindow

if TYPE_CHECKING:
    from app.ui.settings.dialog import SettingsDialog


class Preferences(QObject):
    """Signals: restart_requested(): end, and start again with the backup that was chosen."""

    restart_requested = Signal()

    def __init__(self, host: MainWindow, assembly: Assembly, models: ModelChoice, downloads: DownloadQueue) -> None:
        super().__init__(host)
        self._host = host
        self._assembly = assembly
        self._models = models
        self._downloads = downloads
        self._dialog: SettingsDialog | None = None

    def open(self, page: str) -> None:
        """Show a page of the dialog, or the data folder for "folder"; "export" and "import" begin that at once."""
        if page == "folder":
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._assembly.paths.data)))
            return
        if self._dialog is None:
            self._dialog = self._made()
        self._dialog.show_page(page)

    async def aclose(self) -> None:
        """Close the dialog and end its work."""
        if self._dialog is not None:
            await self._dialog.aclose()

    def _made(self) -> SettingsDialog:
        from app.ui.settings.dialog import SettingsDialog

        assembly = self._assembly
        dialog = SettingsDialog(
            assembly.settings,
            assembly.providers,
            self._downloads,
            assembly.backups,
            assembly.transfer(),
            self._host,
        )
        dialog.models_changed.connect(self._models.refresh)
        dialog.folder_requested.connect(lambda: self.open("folder"))
        dialog.picker_requested.connect(self._host.picker.open)
        dialog.history_changed.connect(self._on_dialog_history_changed)
        dialog.conversation_requested.connect(self._on_dialog_conversation_requested)
        dialog.restart_requested.connect(self.restart_requested)
        return dialog

    def _on_dialog_history_changed(self) -> None:
        """Show what came in where it belongs; tabs that were not shown yet read it by themselves."""
        from app.ui.audio.tab import AudioTab
        from app.ui.chat.tab import ChatTab
        from app.ui.images.tab import ImagesTab

        for tab in self._host.tabs.built():
            if isinstance(tab, ChatTab):
                tab.conversations.reload()
            elif isinstance(tab, ImagesTab):
                tab.pane.load()
            elif isinstance(tab, AudioTab):
                tab.actions_on_queue.load()

    def _on_dialog_conversation_requested(self, conversation_id: int) -> None:
        from app.ui.chat.tab import ChatTab

        if self._dialog is not None:
            self._dialog.close()
        tab = self._host.tabs.show_tab(ChatTab.id)
        assert isinstance(tab, ChatTab)
        tab.open(conversation_id)

"""Preferences: the settings dialog, made when it is first opened, and what follows from what is done in it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.assembly import Assembly
from app.model_choice import ModelChoice
from app.ui.download_queue import DownloadQueue
from app.ui.job import Errands
from app.ui.outside import open_path
from app.ui.window import MainWindow

if TYPE_CHECKING:
    from app.model.backups import Backup, Restored
    from app.ui.problem_report import ProblemReport
    from app.ui.settings.dialog import SettingsDialog
    from app.ui.update_flow import UpdateFlow


class Preferences(QObject):
    """Signals: restart_requested(): end, and start again with the backup that was chosen."""

    restart_requested = Signal()

    def __init__(
        self,
        host: MainWindow,
        assembly: Assembly,
        models: ModelChoice,
        downloads: DownloadQueue,
        updates: UpdateFlow,
    ) -> None:
        super().__init__(host)
        self._host = host
        self._assembly = assembly
        self._models = models
        self._downloads = downloads
        self._updates = updates
        self._dialog: SettingsDialog | None = None
        self._undoing = Errands(self)
        self._undoing.failed.connect(host.notices.show_error)
        host.leaving.is_session_lost = lambda: assembly.history.is_lost_when_closed
        host.leaving.export_requested.connect(lambda: self.open("export"))
        self._report: ProblemReport | None = None

    def open(self, page: str) -> None:
        """Show a page of the dialog, the data folder for "folder", or a report of a problem for "report".

        "export" and "import" begin that at once.
        """
        if page == "folder":
            open_path(self._assembly.paths.data)
            return
        if page == "report":
            self._show_report()
            return
        if self._dialog is None:
            self._dialog = self._made()
        self._dialog.show_page(page)

    def tell_of(self, restored: Restored) -> None:
        """Say that a whole backup took the place of the data, and offer the way back."""
        from app.ui.window_notices import restored_notice

        before = restored.before
        undo = None if before is None else partial(self._undoing.add, partial(self._undo_restore, before))
        opens = partial(self.open, "providers")
        self._host.notices.show_notice(partial(restored_notice, restored, undo, opens))

    async def _undo_restore(self, before: Backup) -> None:
        await self._assembly.backups.stage(before)
        self.restart_requested.emit()

    async def aclose(self) -> None:
        """Close the dialogs and end their work."""
        await self._undoing.aclose()
        if self._report is not None:
            await self._report.aclose()
        if self._dialog is not None:
            await self._dialog.aclose()

    def _show_report(self) -> None:
        if self._report is None:
            from app.ui.problem_report import ProblemReport

            self._report = ProblemReport(self._assembly.report(), self._host)
        self._report.collect()
        self._report.show()
        self._report.raise_()
        self._report.activateWindow()

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
        dialog.add_updates(self._updates)
        dialog.models_changed.connect(self._models.refresh)
        dialog.folder_requested.connect(lambda: self.open("folder"))
        dialog.picker_requested.connect(self._host.picker.open)
        dialog.history_changed.connect(self._on_dialog_history_changed)
        dialog.conversation_requested.connect(self._on_dialog_conversation_requested)
        dialog.restart_requested.connect(self.restart_requested)
        return dialog

    def _on_dialog_history_changed(self) -> None:
        """Tabs that were not shown yet read it by themselves."""
        for tab in self._host.tabs.built():
            tab.reload()

    def _on_dialog_conversation_requested(self, conversation_id: int) -> None:
        from app.ui.chat.tab import ChatTab

        if self._dialog is not None:
            self._dialog.close()
        tab = self._host.tabs.show_tab(ChatTab.id)
        assert isinstance(tab, ChatTab)
        tab.open(conversation_id)

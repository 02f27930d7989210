"""RestorePage: export, import, and the backups: what is in each, and bringing back all or one conversation."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.model.backups import Backup, BroughtBack, StoredConversation
from app.model.transfer import TransferReport
from app.model.visible import one_line
from app.ui import theme
from app.ui.job import Errands
from app.ui.notices import Notice, Severity
from app.ui.outside import open_path
from app.ui.settings.backup_contents import BackupContents
from app.ui.settings.backup_list import BackupList
from app.ui.settings.page import Page
from app.ui.settings.transfer_card import TransferCard
from app.ui.translation import in_a_row
from app.workers.backups import BackupWorker
from app.workers.transfer import TransferWorker


class RestorePage(Page):
    """Signals:
    history_changed(): conversations, pictures or sounds came in.
    conversation_requested(int): show this one.
    restart_requested(): as of `BackupList`.
    """

    history_changed = Signal()
    conversation_requested = Signal(int)
    restart_requested = Signal()

    def __init__(self, backups: BackupWorker, transfer: TransferWorker, parent: QWidget | None = None) -> None:
        super().__init__("restore", parent=parent)
        self._backups = backups
        self.transfer = TransferCard(transfer)
        self.backups = BackupList(backups)
        self.contents = BackupContents()
        self.stack = QStackedWidget()
        self._work = Errands(self)
        self._build()

    def title(self) -> str:
        return self.tr("Backup and restore")

    def shown(self) -> None:
        self.backups.load()

    async def aclose(self) -> None:
        self._work.stop()
        for part in (self.transfer, self.backups, self._work):
            await part.aclose()

    def _build(self) -> None:
        self.stack.addWidget(self.scrolling())
        self.stack.addWidget(self.contents)
        self._outer.addWidget(self.stack, 1)
        self.column.addWidget(self.transfer)
        self.column.addSpacing(theme.SPACE_M)
        self.column.addWidget(self.backups)
        self.column.addStretch(1)
        self.backups.look_requested.connect(lambda backup: self._work.add(partial(self._look, backup)))
        self.backups.restart_requested.connect(self.restart_requested)
        self.contents.closed.connect(lambda: self.stack.setCurrentIndex(0))
        self.contents.restore_requested.connect(
            lambda backup, stored: self._work.add(partial(self._restore_conversation, backup, stored))
        )
        self.transfer.exported.connect(self._on_transfer_exported)
        self.transfer.imported.connect(self._on_transfer_imported)
        for source in (self.transfer, self.backups, self._work):
            source.failed.connect(self.notices.show_error)
        self._retranslate()

    async def _look(self, backup: Backup) -> None:
        self.contents.show_backup(backup, await self._backups.conversations(backup))
        self.stack.setCurrentWidget(self.contents)
        self.contents.search_field.setFocus()

    async def _restore_conversation(self, backup: Backup, stored: StoredConversation) -> None:
        back = await self._backups.restore_conversation(backup, stored.id)
        self.history_changed.emit()
        self.notices.show_notice(partial(self._restored_notice, stored, back))

    def _on_transfer_exported(self, report: TransferReport, target: Path) -> None:
        self.notices.show_notice(partial(self._exported_notice, report, target))

    def _on_transfer_imported(self, report: TransferReport, source: Path) -> None:
        self.history_changed.emit()
        self.notices.show_notice(partial(self._imported_notice, report, source))

    def _restored_notice(self, stored: StoredConversation, back: BroughtBack) -> Notice:
        title = self.tr("“{title}” is back").format(title=one_line(stored.title) or self.tr("Untitled"))
        text = self.tr("It is in the list of conversations again.") + self._missing(back.missing)
        shows = (self.tr("Show it"), lambda: self.conversation_requested.emit(back.conversation_id))
        return Notice("restored", title, text, severity=Severity.INFO, actions=(shows,))

    def _exported_notice(self, report: TransferReport, target: Path) -> Notice:
        text = self.tr("{things} are in “{name}”.").format(things=self._things(report), name=target.name)
        text += self._missing(report.missing)
        shows = (self.tr("Show in folder"), lambda: open_path(target.parent))
        title = self.tr("Everything is exported")
        return Notice("exported", title, text, severity=Severity.INFO, actions=(shows,))

    def _imported_notice(self, report: TransferReport, source: Path) -> Notice:
        text = self.tr("New: {things}.").format(things=self._things(report))
        if report.known:
            text += " " + self.tr("Here already and left alone: {count}.").format(count=report.known)
        if report.grown:
            text += " " + self.tr("Here already and longer now: {count}.").format(count=report.grown)
        if report.beside:
            text += " " + self.tr("Gone on differently here, so they are here twice now: {count}.").format(
                count=report.beside
            )
        if report.unreadable:
            text += " " + self.tr("Left out, as they cannot be read: {things}.").format(
                things=self.tr("%n conversation(s)", "", report.unreadable)
            )
        text += self._missing(report.missing)
        title = self.tr("“{name}” is imported").format(name=source.name)
        if not report.switched_off:
            return Notice("imported", title, text, severity=Severity.INFO)
        names = in_a_row(map(one_line, report.switched_off))
        text += " " + self.tr("Switched off until you have checked the address: {names}.").format(names=names)
        opens = (self.tr("Open provider settings"), lambda: self.page_requested.emit("providers"))
        return Notice("imported", title, text, severity=Severity.INFO, actions=(opens,))

    def _things(self, report: TransferReport) -> str:
        words = [self.tr("%n conversation(s)", "", report.conversations)]
        if report.pictures:
            words.append(self.tr("%n picture(s)", "", report.pictures))
        if report.recordings:
            words.append(self.tr("%n recording(s)", "", report.recordings))
        if report.transcripts:
            words.append(self.tr("%n transcript(s)", "", report.transcripts))
        if report.providers:
            words.append(self.tr("%n provider(s)", "", report.providers))
        return in_a_row(words)

    def _missing(self, files: int) -> str:
        return " " + self.tr("Files that are missing: {count}.").format(count=files) if files else ""

"""BackupList: every backup there is, making one now, deleting one, and choosing one to take the place of the data."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.model.backups import Backup
from app.ui import ask, theme
from app.ui.job import Errands
from app.ui.settings.backup_row import BackupRow
from app.ui.theme import Role
from app.ui.translation import shown_moment
from app.ui.widgets.plain_label import PlainLabel
from app.workers.backups import BackupWorker


class BackupList(QWidget):
    """Signals:
    failed(AppError): everything is as it was.
    look_requested(Backup): show what is in it.
    restart_requested(): a backup is ready to take the place of the data when the program starts the next time.
    """

    failed = Signal(object)
    look_requested = Signal(object)
    restart_requested = Signal()

    def __init__(self, backups: BackupWorker, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._backups = backups
        self.title_label = PlainLabel()
        self.hint_label = PlainLabel()
        self.none_label = PlainLabel()
        self.make_button = QPushButton()
        self.rows: list[BackupRow] = []
        self._list = QVBoxLayout()
        self._work = Errands(self)
        self._build()

    def load(self) -> None:
        """Show what is there now."""
        self._work.add(self._load)

    async def aclose(self) -> None:
        """Stop; a backup that is not whole is none."""
        self._work.stop()
        await self._work.aclose()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _build(self) -> None:
        self.setObjectName("backup_list")
        for name in ("title_label", "hint_label", "none_label", "make_button"):
            getattr(self, name).setObjectName(f"backups_{name}")
        theme.give_role(self.title_label, Role.HEADING)
        for label in (self.hint_label, self.none_label):
            theme.give_role(label, Role.SMALL)
            label.setWordWrap(True)
        self.none_label.hide()
        self.make_button.setIcon(theme.icon("archive"))
        self.make_button.clicked.connect(lambda: self._work.add(self._make))
        self._work.failed.connect(self.failed)
        top = QHBoxLayout()
        top.addWidget(self.title_label, 1)
        top.addWidget(self.make_button)
        self._list.setSpacing(theme.SPACE_S)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_M)
        column.addLayout(top)
        column.addWidget(self.hint_label)
        column.addWidget(self.none_label)
        column.addLayout(self._list)
        self._retranslate()

    async def _load(self) -> None:
        found = await self._backups.all()
        for row in self.rows:
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = [self._row(backup) for backup in found]
        for row in self.rows:
            self._list.addWidget(row)
        self.none_label.setVisible(not self.rows)

    def _row(self, backup: Backup) -> BackupRow:
        row = BackupRow(backup)
        row.look_requested.connect(lambda: self.look_requested.emit(backup))
        row.restore_requested.connect(lambda: self._work.add(partial(self._restore, backup)))
        row.remove_requested.connect(lambda: self._work.add(partial(self._remove, backup)))
        return row

    async def _make(self) -> None:
        self.make_button.setEnabled(False)
        try:
            await self._backups.make()
        finally:
            self.make_button.setEnabled(True)
        await self._load()

    async def _restore(self, backup: Backup) -> None:
        title = self.tr("Put this backup in the place of your data?")
        text = self.tr(
            "Conversations, the lists of pictures and recordings, transcripts and settings become those of {moment}. "
            "The state of now is kept as a backup, and files of pictures and recordings stay where they are. "
            "Triptych closes its window and opens it again."
        ).format(moment=shown_moment(backup.made_at))
        if await ask.confirm(self, title, text, self.tr("Restore")):
            await self._backups.stage(backup)
            self.restart_requested.emit()

    async def _remove(self, backup: Backup) -> None:
        title = self.tr("Delete this backup?")
        moment = shown_moment(backup.made_at)
        text = self.tr("What is only in the backup of {moment} is lost then.").format(moment=moment)
        if await ask.confirm(self, title, text, self.tr("Delete")):
            await self._backups.remove(backup)
            await self._load()

    def _retranslate(self) -> None:
        self.title_label.setText(self.tr("Backups"))
        self.hint_label.setText(
            self.tr(
                "One is made a day and kept for a week, and one of each of the four weeks before. They lie beside your "
                "data, so keep an export elsewhere as well. Keys are in none of them."
            )
        )
        self.make_button.setText(self.tr("Back up now"))
        self.none_label.setText(self.tr("There is no backup yet. The first is made a few minutes after the start."))

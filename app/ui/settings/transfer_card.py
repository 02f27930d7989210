"""TransferCard: export of everything and import with progress and Cancel; what it says at the end others show."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Coroutine
from contextlib import aclosing
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from PySide6.QtCore import QEvent, Signal, SignalInstance
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.model.transfer import TransferProgress, TransferReport
from app.ui import ask, theme
from app.ui.job import Job
from app.ui.theme import Role
from app.ui.widgets.plain_label import PlainLabel

type Events = AsyncGenerator[TransferProgress | TransferReport]


class Carrier(Protocol):
    """What is asked of the worker."""

    def export(self, target: Path, you: str = "You") -> Events: ...

    def bring_in(self, source: Path, *, with_settings: bool = False) -> Events: ...


class TransferCard(QFrame):
    """Signals:
    failed(AppError): nothing was changed.
    exported(TransferReport, Path): everything is in that file.
    imported(TransferReport, Path): what that file held is here now.
    """

    failed = Signal(object)
    exported = Signal(object, object)
    imported = Signal(object, object)

    def __init__(self, carrier: Carrier, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._carrier = carrier
        self._job = Job(self)
        self._is_exporting = False
        self._progress: TransferProgress | None = None
        self.export_button = QPushButton()
        self.export_label = PlainLabel()
        self.import_button = QPushButton()
        self.import_label = PlainLabel()
        self.settings_check = QCheckBox()
        self.progress_bar = QProgressBar()
        self.progress_label = PlainLabel()
        self.cancel_button = QPushButton()
        self._progress_row = QWidget()
        self._build()

    def export(self) -> None:
        """Ask where to, then write everything there."""
        self._start(self._export(), is_export=True)

    def bring_in(self) -> None:
        """Ask which file, then import it."""
        self._start(self._import(), is_export=False)

    async def aclose(self) -> None:
        """Stop; what was not finished leaves nothing behind."""
        await self._job.aclose()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _build(self) -> None:
        self.setObjectName("transfer_card")
        theme.give_role(self, Role.CARD)
        for name in ("export_button", "import_button", "settings_check", "progress_bar", "cancel_button"):
            getattr(self, name).setObjectName(f"transfer_{name}")
        for label in (self.export_label, self.import_label, self.progress_label):
            theme.give_role(label, Role.SMALL)
            label.setWordWrap(label is not self.progress_label)
        self.export_button.setIcon(theme.icon("upload"))
        self.import_button.setIcon(theme.icon("download"))
        self.settings_check.setChecked(True)
        self.progress_bar.setTextVisible(False)
        self.export_button.clicked.connect(self.export)
        self.import_button.clicked.connect(self.bring_in)
        self.cancel_button.clicked.connect(self._job.stop)
        self._job.failed.connect(self.failed)
        self._job.ended.connect(self._on_job_ended)
        self._lay_out()
        self._retranslate()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE_L, theme.SPACE_L, theme.SPACE_L, theme.SPACE_L)
        column.setSpacing(theme.SPACE_M)
        sides = QHBoxLayout()
        sides.setSpacing(theme.SPACE_XL)
        for button, label in ((self.export_button, self.export_label), (self.import_button, self.import_label)):
            side = QVBoxLayout()
            side.setSpacing(theme.SPACE_S)
            row = QHBoxLayout()
            row.addWidget(button)
            row.addStretch(1)
            side.addLayout(row)
            side.addWidget(label)
            if button is self.import_button:
                side.addWidget(self.settings_check)
            side.addStretch(1)
            sides.addLayout(side, 1)
        progress = QHBoxLayout(self._progress_row)
        progress.setContentsMargins(0, 0, 0, 0)
        progress.setSpacing(theme.SPACE_M)
        progress.addWidget(self.progress_bar, 1)
        progress.addWidget(self.progress_label)
        progress.addWidget(self.cancel_button)
        column.addLayout(sides)
        column.addWidget(self._progress_row)
        self._progress_row.hide()

    def _start(self, work: Coroutine[Any, Any, None], *, is_export: bool) -> None:
        if self._job.running:
            work.close()
            return
        self._is_exporting = is_export
        self._job.start(work)
        for widget in (self.export_button, self.import_button, self.settings_check):
            widget.setEnabled(False)

    async def _export(self) -> None:
        suggested = Path.home() / f"Triptych {datetime.now():%Y-%m-%d}.zip"
        target = await ask.choose_save_file(
            self, self.tr("Export everything"), suggested, [self.tr("Archives (*.zip)")]
        )
        if target is not None:
            events = self._carrier.export(target, self.tr("You"))
            await self._follow(events, self.exported, target)

    async def _import(self) -> None:
        filters = [self.tr("Exports (*.zip *.json)"), self.tr("All files (*)")]
        for source in await ask.choose_open_files(self, self.tr("Import"), filters, many=False):
            with_settings = self.settings_check.isChecked()
            events = self._carrier.bring_in(source, with_settings=with_settings)
            await self._follow(events, self.imported, source)

    async def _follow(self, events: Events, reported: SignalInstance, file: Path) -> None:
        """Tell the report as soon as it comes: what fails after it does not take back what it says."""
        self._show(TransferProgress(0, 0))
        async with aclosing(events) as coming:
            async for event in coming:
                if isinstance(event, TransferReport):
                    reported.emit(event, file)
                else:
                    self._show(event)

    def _show(self, progress: TransferProgress | None) -> None:
        self._progress = progress
        self._progress_row.setVisible(progress is not None)
        if progress is None:
            return
        self.progress_bar.setRange(0, progress.total)  # moves to and fro while that is 0
        self.progress_bar.setValue(progress.done)
        self.progress_label.setText(self._words(progress))

    def _words(self, progress: TransferProgress) -> str:
        if progress.total:
            return self.tr("{done} of {total}").format(done=progress.done, total=progress.total)
        return self.tr("Beginning") if self._is_exporting else self.tr("Checking the file")

    def _on_job_ended(self) -> None:
        self._show(None)
        for widget in (self.export_button, self.import_button, self.settings_check):
            widget.setEnabled(True)

    def _retranslate(self) -> None:
        self.export_button.setText(self.tr("Export everything…"))
        self.export_label.setText(
            self.tr("Conversations, pictures, recordings and transcripts as ordinary files in one archive. No keys.")
        )
        self.import_button.setText(self.tr("Import…"))
        self.import_label.setText(
            self.tr(
                "An export of Triptych, or the archive that ChatGPT sends you. What is here already stays as it is."
            )
        )
        self.settings_check.setText(self.tr("With options and providers, if it has them"))
        self.cancel_button.setText(self.tr("Cancel"))
        self.progress_bar.setAccessibleName(self.tr("Progress"))
        self._show(self._progress)

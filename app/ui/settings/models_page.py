"""ModelsPage: the built-in engine and its models: what is here, what can be had, what is in memory."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QLocale, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.model.engine import DownloadProgress, LocalModel
from app.model.errors import AppError
from app.ui import ask, theme
from app.ui.download_queue import DownloadQueue
from app.ui.job import Errands, Job
from app.ui.settings.engine_card import EngineCard
from app.ui.settings.model_row import ModelRow
from app.ui.settings.page import Page
from app.ui.theme import Role
from app.ui.translation import model_name, shown_size
from app.ui.widgets.plain_label import PlainLabel

LOOK_EVERY_MS = 2000
"""How often the page, while it is shown, looks how the engine is."""


class ModelsPage(Page):
    """`rows` by model id. What is fetched belongs to `downloads`, which go on when the page is gone.

    Signals:
        changed(): a model of the user's was added, or one removed.
    """

    changed = Signal()

    def __init__(self, downloads: DownloadQueue, parent: QWidget | None = None) -> None:
        super().__init__("models", parent=parent)
        self.downloads = downloads
        self._models = downloads.models
        self.engine_card = EngineCard()
        self.default_button = QPushButton()
        self.add_button = QPushButton()
        self.own_label = PlainLabel()
        self.rows: dict[str, ModelRow] = {}
        self._list = QVBoxLayout()
        self._missing: Sequence[LocalModel] = ()
        self._work = Errands(self)
        self._looking = Job(self)
        self._timer = QTimer(self)
        self._build()

    def title(self) -> str:
        return self.tr("Models on this computer")

    def shown(self) -> None:
        self._work.add(self._load)

    async def aclose(self) -> None:
        self._timer.stop()
        await self._looking.aclose()
        await self._work.aclose()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange and self.rows:
            self._work.add(self._load)  # descriptions come in the language that was asked for

    def _build(self) -> None:
        self._outer.addWidget(self.scrolling(), 1)
        for name in ("default_button", "add_button", "own_label"):
            getattr(self, name).setObjectName(f"models_{name}")
        theme.give_role(self.default_button, Role.PRIMARY)
        theme.give_role(self.own_label, Role.SMALL)
        self.own_label.setWordWrap(True)
        self.default_button.setIcon(theme.icon("download", "on_accent"))
        self.add_button.setIcon(theme.icon("plus"))
        self.default_button.hide()
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.SPACE_S)
        for button in (self.default_button, self.add_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        self._list.setSpacing(theme.SPACE_S)
        self.column.addWidget(self.engine_card)
        self.column.addLayout(buttons)
        self.column.addWidget(self.own_label)
        self.column.addLayout(self._list)
        self.column.addStretch(1)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(lambda: self._looking.start(self._look()))
        self.default_button.clicked.connect(lambda: self.downloads.add(model.id for model in self._missing))
        self.add_button.clicked.connect(lambda: self._work.add(self._add_own))
        self.engine_card.restart_requested.connect(lambda: self._work.add(self._models.restart))
        self.downloads.changed.connect(self._show_downloads)
        self.downloads.progressed.connect(self._on_downloads_progressed)
        self.downloads.installed.connect(self._on_downloads_installed)
        self.downloads.failed.connect(self._on_downloads_failed)
        self._work.failed.connect(self.notices.show_error)
        self._looking.failed.connect(self.notices.show_error)
        self._retranslate()

    async def _load(self) -> None:
        """Show every model as it is now; rows that stay keep their place and focus."""
        models = await self._models.list(QLocale().name())
        self._missing = await self._models.default_missing()
        for gone in self.rows.keys() - {model.id for model in models}:
            self.rows.pop(gone).deleteLater()
        for place, model in enumerate(models):
            if model.id not in self.rows:
                self.rows[model.id] = self._row(model)
                self._list.insertWidget(place, self.rows[model.id])
            self.rows[model.id].show_model(model)
        self._show_downloads()
        self._retranslate()
        await self._look()

    def _row(self, model: LocalModel) -> ModelRow:
        row = ModelRow(model)
        row.download_requested.connect(lambda: self.downloads.add([model.id]))
        row.cancel_requested.connect(lambda: self.downloads.cancel(model.id))
        row.remove_requested.connect(lambda: self._work.add(lambda: self._remove(row.model)))
        return row

    async def _look(self) -> None:
        status = await self._models.status()
        names = {model_id: model_name(row.model.name) for model_id, row in self.rows.items()}
        self.engine_card.show_status(status, tuple(names.get(model_id, model_id) for model_id in status.loaded))
        for model_id, row in self.rows.items():
            row.set_loaded(model_id in status.loaded)

    async def _add_own(self) -> None:
        filters = [self.tr("Models (*.gguf *.bin *.safetensors)"), self.tr("All files (*)")]
        for path in await ask.choose_open_files(self, self.tr("Add a model file"), filters, many=False):
            await self._models.add(path)
            await self._load()
            self.changed.emit()

    async def _remove(self, model: LocalModel) -> None:
        title = self.tr("Remove {name}?").format(name=model_name(model.name))
        text = (
            self.tr("Triptych forgets the file and leaves it where it is.")
            if model.is_own
            else self.tr("Its file is deleted from this computer; it can be downloaded again.")
        )
        if await ask.confirm(self, title, text, self.tr("Remove")):
            await self._models.remove(model.id)
            await self._load()
            self.changed.emit()

    def _show_downloads(self) -> None:
        for model_id, row in self.rows.items():
            if not self.downloads.holds(model_id) or model_id != self.downloads.current:
                row.set_queued(self.downloads.holds(model_id))
        self._show_default_button()

    def _on_downloads_progressed(self, progress: DownloadProgress) -> None:
        row = self.rows.get(progress.model_id)
        if row is not None:
            row.set_queued(True, progress)

    def _on_downloads_installed(self, _model_id: str) -> None:
        self._work.add(self._load)

    def _on_downloads_failed(self, model_id: str, error: AppError) -> None:
        self.notices.show_error(error, retry=lambda: self.downloads.add([model_id]))
        self._work.add(self._load)

    def _show_default_button(self) -> None:
        missing = [model for model in self._missing if not self.downloads.holds(model.id)]
        size = shown_size(sum(model.download_bytes for model in missing))
        self.default_button.setText(self.tr("Download the default set ({size})").format(size=size))
        self.default_button.setVisible(bool(missing))

    def _retranslate(self) -> None:
        super()._retranslate()
        self.add_button.setText(self.tr("Add own file…"))
        self.own_label.setText(
            self.tr(
                "Own files: chat models as GGUF, Whisper models as ggml, Stable Diffusion checkpoints as safetensors "
                "or GGUF. They stay where they are."
            )
        )
        self._show_default_button()

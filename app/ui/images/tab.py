"""ImagesTab: the form on the left, pictures in the making and the gallery on the right, and how they work together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from functools import partial
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from app.model.data_errors import WorkInterrupted
from app.model.errors import AppError
from app.model.images import BuiltInPictures, ImageEvent, ImageJob, ImageModelOptions, Picture, UnfinishedPicture
from app.model.providers import Capability, ModelReference
from app.ui import theme
from app.ui.images.intake import Intake, NoteReader
from app.ui.images.job_strip import JobStrip
from app.ui.images.maker_panel import WIDTH_PX, MakerPanel
from app.ui.images.pictures_pane import PictureKeeper, PicturesPane
from app.ui.images.thumbnails import ThumbnailLoader
from app.ui.images.unsaved import PictureHolder, UnsavedPictures
from app.ui.job import Errands
from app.ui.tab import Command, HandOver, LeaveOut, Tab
from app.ui.widgets.drop_area import DropOverlay

_TITLE_SIGNS = 80


class PictureMaker(PictureHolder, Protocol):
    """What the tab asks of the worker that makes pictures."""

    def options_for(self, model: ModelReference) -> ImageModelOptions: ...

    async def built_in(self) -> BuiltInPictures: ...

    def generate(self, job: ImageJob) -> AsyncGenerator[ImageEvent]: ...

    def upscale(self, source: Path) -> AsyncGenerator[ImageEvent]: ...

    async def interrupted(self) -> list[UnfinishedPicture]: ...


class Gallery(PictureKeeper, NoteReader, Protocol):
    """What the tab asks of the worker that keeps pictures."""

    def thumbnail(self, path: Path, size_px: int) -> bytes: ...


class ImagesTab(Tab):
    """Makes, enlarges and keeps pictures; works on while another tab is shown."""

    id = "images"
    capability = Capability.IMAGE

    def __init__(
        self, worker: PictureMaker, gallery: Gallery, leave_out: LeaveOut, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._leave_out = leave_out
        self._worker = worker
        self._is_loaded = False
        self._errands = Errands(self)
        self._thumbnails = ThumbnailLoader(gallery.thumbnail, self)
        self.maker = MakerPanel(worker.options_for, self._thumbnails)
        self.jobs = JobStrip()
        self.pane = PicturesPane(gallery, self._thumbnails)
        self.intake = Intake(gallery, self.maker, self.pane.undo_bar, self)
        self.unsaved_files = UnsavedPictures(worker, self.jobs)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self._build()
        self.drop_overlay = DropOverlay(self, self.intake.describe_drop)
        self.drop_overlay.dropped.connect(self.intake.take_data)

    def set_model(self, model: ModelReference | None) -> None:
        self.maker.set_model(model)
        self._retranslate()
        if self._is_loaded:
            self._errands.add(self._ask_worker)  # this is also told when models came or went

    def commands(self) -> list[Command]:
        return [
            Command("images.generate", self.tr("Generate or enlarge pictures"), "Ctrl+Return", self.maker.submit),
            Command("images.add", self.tr("Choose pictures…"), "", self.intake.choose_files),
            Command("images.cancel", self.tr("Cancel all pictures in progress"), "", self.jobs.cancel_all),
            Command("images.search", self.tr("Search pictures"), "Ctrl+F", self.pane.start_search),
            Command("images.find", self.tr("Scan the folder for pictures"), "", self.pane.find_files),
        ]

    def draft(self) -> str:
        return self.maker.form.prompt_box.toPlainText()

    def show_draft(self, text: str) -> None:
        self.maker.form.prompt_box.setPlainText(text)

    def unfinished(self) -> str:
        if not self.jobs.running_count:
            return ""
        return self.tr("%n picture(s) are still being made and would be lost.", "", self.jobs.running_count)

    def take(self, hand_over: HandOver) -> None:
        if hand_over.text:
            self.maker.form.prompt_box.replace(hand_over.text)
        if hand_over.files:
            self.intake.take_files(hand_over.files)

    def reload(self) -> None:
        self.pane.load()

    def activated(self) -> None:
        self.maker.focus_first()
        self._errands.add(self._ask_worker)  # a model may have been added or removed meanwhile

    async def aclose(self) -> None:
        parts = (self.jobs, self._errands, self.intake, self.pane, self._thumbnails)
        await asyncio.gather(*(part.aclose() for part in parts))

    def _build(self) -> None:
        self.setObjectName("images_tab")
        self.splitter.setObjectName("images_splitter")
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.jobs)
        column.addWidget(self.pane, 1)
        self.splitter.addWidget(self.maker)
        self.splitter.addWidget(right)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setSizes([theme.px(WIDTH_PX), 4 * theme.px(WIDTH_PX)])
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.splitter)
        self._connect()
        self._retranslate()

    def _connect(self) -> None:
        self.maker.jobs_submitted.connect(self._generate)
        self.maker.form.prompt_box.textChanged.connect(self.draft_changed)
        self.maker.enlarge_requested.connect(self._enlarge)
        self.maker.files_wanted.connect(self.intake.choose_files)
        self.maker.picture_pasted.connect(self.intake.take_data)
        self.jobs.working_changed.connect(self.working_changed)
        for part in (self.maker, self.jobs):
            part.settings_requested.connect(self.settings_requested)
        actions = self.pane.actions_on_pictures
        actions.chat_requested.connect(
            lambda pictures: self.handed_over.emit(HandOver("chat", tuple(_files(pictures))))
        )
        actions.edit_requested.connect(lambda pictures: self.intake.take_files(_files(pictures)))
        actions.settings_requested.connect(self.intake.restore)
        actions.enlarge_requested.connect(lambda pictures: self._enlarge(_files(pictures)))
        self.pane.loaded.connect(lambda: self.maker.form.prompt_box.set_history(self.pane.model.prompts()))
        self.pane.gallery.pictures_wanted.connect(self.intake.choose_files)
        for source in (self._errands, self.intake, self.pane):
            source.failed.connect(self._fail)
        for keys, run in (
            (QKeySequence.StandardKey.Paste, self.intake.paste),
            (QKeySequence.StandardKey.Find, self.pane.start_search),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(run)

    def _generate(self, jobs: list[ImageJob], failure: AppError | None = None) -> None:
        for job in reversed(jobs):  # the strip puts the newest first
            work, go_without = partial(self._worker.generate, job), partial(self._leave_out, job.model)
            tile = self.jobs.add(_shortened(job.prompt), work, go_without, failure)
            tile.picture_made.connect(self.pane.add)

    def _enlarge(self, sources: list[Path], failure: AppError | None = None) -> None:
        for source in reversed(sources):
            tile = self.jobs.add(source.name, partial(self._worker.upscale, source), failure=failure)
            tile.picture_made.connect(partial(self.pane.add, source=source))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._is_loaded:
            self._is_loaded = True
            self.pane.load()
            self._errands.add(self._ask_worker)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    async def _ask_worker(self) -> None:
        """What the engine can do now; and what a killed program left, which is offered and not begun."""
        self.maker.set_engine(await self._worker.built_in())
        self._retranslate()
        for work in await self._worker.interrupted():
            if work.is_enlargement:
                self._enlarge([Path(file) for file in work.files], WorkInterrupted())
            else:
                self._generate([work.as_job()], WorkInterrupted())

    def _retranslate(self) -> None:
        title, action = self.tr("Your pictures appear here"), self.tr("Choose pictures…")
        if not self.maker.is_built_in:
            text = self.tr("Describe one on the left and press Generate, or drop pictures here to start from them.")
        elif self.maker.enlarges:
            text = self.tr("Drop a small picture here and press Enlarge: it comes out four times as wide and high.")
        else:
            text, action = self.tr("Download the model for enlarging pictures, or connect a provider."), ""
        self.pane.gallery.set_empty_texts(title, text, action)


def _files(pictures: list[Picture]) -> list[Path]:
    return [picture.path for picture in pictures]


def _shortened(prompt: str) -> str:
    line = " ".join(prompt.split())
    return line if len(line) <= _TITLE_SIGNS else line[:_TITLE_SIGNS] + "…"

"""Intake: pictures on their way into the form: dropped, pasted, chosen or handed over; ours bring their recipe."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from app.model.errors import UnreadableFile
from app.model.file_errors import together
from app.model.file_types import PICTURE_TYPES, patterns
from app.model.images import ImageSettings, Picture, PictureNote
from app.ui import ask
from app.ui.images import dropped
from app.ui.images.maker_panel import MakerPanel
from app.ui.images.thumbnails import SIZES_PX
from app.ui.job import Errands, Job
from app.ui.widgets.undo_bar import UndoBar


class NoteReader(Protocol):
    """What is asked of the gallery's worker; `note_in` and `thumbnail` block."""

    def note_in(self, path: Path) -> PictureNote | None: ...

    def thumbnail(self, path: Path, size_px: int) -> bytes: ...

    async def keep_pasted(self, data: bytes, moment: datetime) -> Path: ...


class Intake(QObject):
    """What cannot be read as a picture stays outside. Signals: failed(AppError): pictures could not be taken."""

    failed = Signal(object)

    def __init__(self, reader: NoteReader, maker: MakerPanel, undo_bar: UndoBar, parent: QWidget) -> None:
        super().__init__(parent)
        self._reader = reader
        self._maker = maker
        self._undo_bar = undo_bar
        self._owner = parent
        self._errands = Errands(self)
        self._choice = Job(self)
        for part in (self._errands, self._choice):
            part.failed.connect(self.failed)

    def describe_drop(self, data: QMimeData) -> str:
        """What dropping this would do, translated; empty if it is nothing for this tab."""
        files = dropped.picture_files(data)
        if not files and not dropped.has_picture(data):
            return ""
        return self._maker.describe_drop(max(1, len(files)))

    def take_data(self, data: QMimeData) -> None:
        """Take what was dropped or pasted; `data` is not used after this returns."""
        files = dropped.picture_files(data)
        if files:
            self.take_files(files)
        elif picture := dropped.picture_data(data):
            self._errands.add(partial(self._keep_and_take, picture))

    def take_files(self, files: Iterable[Path]) -> None:
        """Take pictures; a single one that was made here brings its prompt and settings back."""
        self._errands.add(partial(self._take, list(files)))

    def choose_files(self) -> None:
        """Let the user choose pictures."""
        self._choice.start(self._choose())

    def paste(self) -> None:
        """Take the clipboard's pictures."""
        self.take_data(QGuiApplication.clipboard().mimeData())

    def restore(self, picture: Picture) -> None:
        """Put the prompt and the settings of a picture into the form."""
        self._restore(picture.prompt, picture.settings)
        self._maker.focus_first()

    async def aclose(self) -> None:
        await asyncio.gather(self._errands.aclose(), self._choice.aclose())

    async def _choose(self) -> None:
        filters = [self.tr("Pictures ({patterns})").format(patterns=patterns(PICTURE_TYPES))]
        files = await ask.choose_open_files(self._owner, self.tr("Choose pictures"), filters, many=True)
        if files:
            await self._take(files)

    async def _keep_and_take(self, picture: bytes) -> None:
        await self._take([await self._reader.keep_pasted(picture, datetime.now(UTC))])

    async def _take(self, wanted: list[Path]) -> None:
        looks = await asyncio.gather(*(asyncio.to_thread(self._problem_of, path) for path in wanted))
        files = [path for path, problem in zip(wanted, looks, strict=True) if problem is None]
        if files:
            self._maker.take_files(files)
        if problems := [problem for problem in looks if problem is not None]:
            self.failed.emit(together(problems))
        if len(files) == 1 and not self._maker.is_built_in:
            note = await asyncio.to_thread(self._reader.note_in, files[0])
            if note is not None and note.prompt:
                self._restore(note.prompt, note.settings)

    def _problem_of(self, path: Path) -> UnreadableFile | None:
        """Why a file is no picture; in a thread. What it looks like is needed anyway a moment later."""
        try:
            self._reader.thumbnail(path, SIZES_PX[0])
        except UnreadableFile as error:
            return error
        return None

    def _restore(self, prompt: str, settings: ImageSettings) -> None:
        before = self._maker.form.content()
        self._maker.form.set_recipe(prompt, settings)
        if self._maker.form.content() != before:
            self._undo_bar.offer(
                self.tr("Prompt and settings of the picture are in the form"),
                undo=lambda: self._maker.form.set_content(before),
            )

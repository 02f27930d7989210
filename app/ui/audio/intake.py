"""Intake: takes dropped, chosen and handed-over files and folders into the queue; says what a drop would do."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from functools import partial
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtWidgets import QWidget

from app.model.audio import Recording
from app.model.errors import UnreadableFile
from app.model.file_errors import together
from app.model.file_types import SOUND_TYPES, patterns
from app.ui import ask
from app.ui.job import Errands, Job
from app.ui.widgets.drop_area import files_in


class FileTaker(Protocol):
    """What is asked of the worker that keeps the queue."""

    def add(self, paths: Iterable[Path]) -> AsyncGenerator[Recording | UnreadableFile]: ...


class Intake(QObject):
    """Files come in one after the other; one that cannot be read does not keep the others out.

    Signals:
        added(Recording): it is in the queue, new or already.
        failed(AppError): files cannot be used, told once for all that came together, or the disk refuses.
    """

    added = Signal(object)
    failed = Signal(object)

    def __init__(self, taker: FileTaker, area: QWidget) -> None:
        """`area` is what file dialogs belong to."""
        super().__init__(area)
        self._taker = taker
        self._area = area
        self._taking = Errands(self)
        self._choosing = Job(self)
        self._taking.failed.connect(self.failed)

    def describe_drop(self, data: QMimeData) -> str:
        """What dropping this on the tab would do; empty if nothing."""
        files = files_in(data)
        if not files:
            return ""
        if any(path.is_dir() for path in files):
            return self.tr("Add the sound and video files of this folder")
        return self.tr("Add %n file(s) to be transcribed", "", len(files))

    def take_data(self, data: QMimeData) -> None:
        self.take(files_in(data))

    def take(self, paths: Sequence[Path]) -> None:
        """Put files and folders into the queue."""
        if paths:
            self._taking.add(partial(self._take, tuple(paths)))

    def choose_files(self) -> None:
        """Let the user choose files."""
        self._choosing.start(self._choose())

    async def aclose(self) -> None:
        await self._choosing.aclose()
        self._taking.stop()
        await self._taking.aclose()

    async def _choose(self) -> None:
        filters = [
            self.tr("Sound and video ({patterns})").format(patterns=patterns(SOUND_TYPES)),
            self.tr("All files (*)"),
        ]
        self.take(await ask.choose_open_files(self._area, self.tr("Add sound or video files"), filters, many=True))

    async def _take(self, paths: tuple[Path, ...]) -> None:
        failures: list[UnreadableFile] = []
        async with aclosing(self._taker.add(paths)) as results:
            async for result in results:
                if isinstance(result, UnreadableFile):
                    failures.append(result)
                else:
                    self.added.emit(result)
        if failures:
            self.failed.emit(together(failures))

"""QueueActions: loads the queue and does what its menu offers: rename, remove with Undo, show in folder."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from app.model.audio import QueueEntry, Recording, RecordingState
from app.ui.audio.queue_model import QueueModel
from app.ui.audio.queue_panel import QueuePanel
from app.ui.job import Errands
from app.ui.outside import open_path
from app.ui.widgets.undo_bar import UndoBar


class QueueKeeper(Protocol):
    """What is asked of the worker that keeps the queue."""

    async def all(self) -> list[QueueEntry]: ...
    async def rename(self, recording: Recording, name: str) -> Recording: ...
    async def remove(self, recording: Recording) -> None: ...
    async def restore(self, recording: Recording) -> None: ...
    async def purge(self, recording: Recording | None = None) -> None: ...


class Recovery(Protocol):
    """What is asked of the worker that records."""

    async def recover(self) -> list[Recording]: ...


class QueueActions(QObject):
    """Keeps the model, the panel and the worker in step.

    Signals:
        loaded(): the queue is on show; `recovered` says what a crash had cut off.
        removed(Recording): it left the queue.
        renamed(Recording): it has another name now.
        failed(AppError): the disk refused something.
    """

    loaded = Signal()
    removed = Signal(object)
    renamed = Signal(object)
    failed = Signal(object)

    def __init__(
        self, keeper: QueueKeeper, recovery: Recovery, model: QueueModel, panel: QueuePanel, undo_bar: UndoBar
    ) -> None:
        super().__init__(panel)
        self._undo_bar = undo_bar
        self._keeper = keeper
        self._recovery = recovery
        self._model = model
        self._panel = panel
        self._errands = Errands(self)
        self._errands.failed.connect(self.failed)
        self.recovered: list[Recording] = []
        model.renamed.connect(self._on_model_renamed)
        panel.removal_wanted.connect(self.remove)
        panel.folder_wanted.connect(self.show_in_folder)

    def load(self) -> None:
        """Repair what a crash cut off, forget what was removed last time, and show the queue."""
        self._errands.add(self._load)

    def remove(self, recording: Recording) -> None:
        """Take it out of the queue, with Undo for a while; a recording that is being made stays."""
        row = self._model.row_of(recording.id)
        if row < 0 or recording.state is RecordingState.RECORDING:
            return
        self._model.remove(recording.id)
        self._errands.add(partial(self._keeper.remove, recording))
        self._undo_bar.offer(
            self.tr("Removed “{name}”").format(name=recording.name),
            undo=partial(self._restore, recording, row),
            settle=lambda: self._errands.add(partial(self._keeper.purge, recording)),
        )
        self.removed.emit(recording)

    def show_in_folder(self, recording: Recording) -> None:
        """Open the folder of the file in the system's file manager."""
        open_path(recording.path.parent)

    async def aclose(self) -> None:
        """Make removals final and finish what waits."""
        self._undo_bar.settle()
        await self._errands.aclose()

    async def _load(self) -> None:
        self.recovered = await self._recovery.recover()
        await self._keeper.purge()
        present = self._model.items()
        self._model.set_entries(_merged(await self._keeper.all(), [item.recording for item in present]))
        self.loaded.emit()

    def _restore(self, recording: Recording, row: int) -> None:
        self._errands.add(partial(self._keeper.restore, recording))
        self._errands.add(partial(self._show_again, recording, row))

    async def _show_again(self, recording: Recording, row: int) -> None:
        self._model.put(recording, min(row, self._model.rowCount()))
        for entry in await self._keeper.all():
            self._model.set_headway(entry.recording.id, entry.headway)
        self._panel.select(recording.id)
        self._panel.list_view.setFocus()

    def _on_model_renamed(self, recording: Recording, name: str) -> None:
        self._errands.add(partial(self._rename, recording, name))

    async def _rename(self, recording: Recording, name: str) -> None:
        renamed = await self._keeper.rename(recording, name)
        self._model.put(renamed)
        self.renamed.emit(renamed)


def _merged(entries: Iterable[QueueEntry], present: Iterable[Recording]) -> list[QueueEntry]:
    """What is stored, and what came into the queue while it was being read."""
    stored = list(entries)
    known = {entry.recording.id for entry in stored}
    return [*(QueueEntry(recording) for recording in present if recording.id not in known), *stored]

"""UnsavedPictures: those that were made and that the disk refused, for whoever is about to quit; it asks nobody."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Protocol

from app.model.errors import StorageFailed
from app.model.images import Picture
from app.ui.images.job_strip import JobStrip


class PictureHolder(Protocol):
    """What is asked of the worker that makes pictures."""

    @property
    def unsaved_count(self) -> int: ...

    async def save_unsaved(self, folder: Path | None = None) -> list[Picture]: ...


class UnsavedPictures:
    """Their tiles offer to try again, which is of no use once they are stored."""

    def __init__(self, worker: PictureHolder, jobs: JobStrip) -> None:
        self._worker = worker
        self._jobs = jobs

    @property
    def count(self) -> int:
        return self._worker.unsaved_count

    async def save(self) -> None:
        await self._save(None)

    async def save_in(self, folder: Path) -> None:
        await self._save(folder)

    async def _save(self, folder: Path | None) -> None:
        with contextlib.suppress(StorageFailed):
            await self._worker.save_unsaved(folder)
        if not self.count:
            self._jobs.dismiss_unsaved()

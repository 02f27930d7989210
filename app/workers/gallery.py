"""GalleryWorker: browses, keeps, exports and deletes the pictures made here; it makes none."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from app.model.errors import StorageFailed, UnreadableFile, storage_failure
from app.model.images import Picture, PictureNote, PictureOrigin

if TYPE_CHECKING:
    from app.services.history.store import History

log = logging.getLogger(__name__)

PAGE = 500


class GalleryWorker:
    """The pictures made here: rows of the history and files that carry the same inside.

    What says "blocks" is for a thread; everything else is for the event loop.
    """

    def __init__(self, history: History, folder: Callable[[], Path], thumbnails: Path, pasted: Path) -> None:
        """`folder` tells where new pictures go at the moment; `thumbnails` and `pasted` may be emptied at any time."""
        self._history = history
        self._folder = folder
        self._thumbnails = thumbnails
        self._pasted = pasted

    async def browse(self) -> AsyncGenerator[list[Picture]]:
        """All pictures in pages, the newest first; what an earlier session deleted is removed for good.

        An empty gallery beside a folder with our files (a new computer, a lost database) is rebuilt from them first.

        Raises:
            StorageFailed: the history cannot be read.
        """
        try:
            await self._history.pictures.purge()
        except StorageFailed as error:
            log.warning("deleted pictures are still there: %s", error)  # tried again at the next start
        await asyncio.to_thread(_tidy, self._folder(), self._thumbnails, self._pasted)
        page = await self._history.pictures.all(PAGE) or await self._rebuilt()
        shown = 0
        while page:
            yield page
            shown += len(page)
            page = await self._history.pictures.all(PAGE, shown) if shown % PAGE == 0 else []

    async def find_files(self) -> list[Picture]:
        """List the files in the folder that were made here but are unknown to the gallery; returns those.

        Raises:
            StorageFailed: the history cannot be read or written.
        """
        known = {picture.path for picture in await self._history.pictures.all()}
        found = await asyncio.to_thread(_own_files, self._folder(), known)
        return [await self._history.pictures.add(picture) for picture in found]

    async def delete(self, pictures: Sequence[Picture]) -> None:
        """Take pictures out of the gallery; their files stay until `purge`.

        Raises:
            StorageFailed: the disk refuses.
        """
        for picture in pictures:
            await self._history.pictures.delete(picture.id)

    async def restore(self, pictures: Sequence[Picture]) -> None:
        """Undo `delete`.

        Raises:
            StorageFailed: the disk refuses.
        """
        for picture in pictures:
            await self._history.pictures.restore(picture.id)

    async def purge(self, pictures: Sequence[Picture]) -> None:
        """Remove deleted pictures for good, with their files; those that were restored stay.

        Raises:
            StorageFailed: a file cannot be removed; it is tried again at the next start.
        """
        for picture in pictures:
            await self._history.pictures.purge(picture.id)

    async def save_copy(self, picture: Picture, target: Path) -> None:
        """Copy the file with its note; an existing `target` is replaced as a whole.

        Raises:
            DiskFull, StorageFailed: `target` is as it was.
        """
        await asyncio.to_thread(_copy, picture.path, target)

    async def save_copies(self, pictures: Sequence[Picture], folder: Path) -> list[Path]:
        """Copy files into `folder` under names of their own; nothing there is replaced.

        Raises:
            DiskFull, StorageFailed: those copied before stay.
        """
        return [await asyncio.to_thread(_copy_beside, picture.path, folder) for picture in pictures]

    async def keep_pasted(self, data: bytes, moment: datetime) -> Path:
        """A file for a picture that came without one, from the clipboard or another program.

        Raises:
            UnreadableFile: it is no picture.
            DiskFull, StorageFailed: it cannot be kept.
        """
        return await asyncio.to_thread(_keep, self._pasted, data, moment)

    def thumbnail(self, path: Path, size_px: int) -> bytes:
        """A small upright PNG or JPEG of the picture; blocks.

        Raises:
            UnreadableFile: the file is gone or is no picture.
        """
        from app.services import pictures

        return pictures.thumbnail(path, size_px, self._thumbnails)

    def displayable(self, path: Path) -> bytes:
        """The whole picture, upright, in a format that every viewer reads; blocks.

        Raises:
            UnreadableFile: the file is gone or is no picture.
        """
        from app.services import pictures

        return pictures.prepare_for_sending(path, original=True).data

    def note_in(self, path: Path) -> PictureNote | None:
        """How a picture of ours was made, None for every other file; blocks."""
        from app.services import pictures

        return pictures.read_embedded(path)

    def source_of(self, picture: Picture) -> Path | None:
        """The file that an enlarged picture was made from, if it lies beside it; blocks."""
        if picture.origin is not PictureOrigin.UPSCALED or not picture.source_names:
            return None
        source = picture.path.with_name(picture.source_names[0])
        return source if source.is_file() else None

    async def _rebuilt(self) -> list[Picture]:
        await self.find_files()
        return await self._history.pictures.all(PAGE)


def _tidy(folder: Path, thumbnails: Path, pasted: Path) -> None:
    """Keep the cache within bounds, and drop what earlier sessions pasted or left unfinished in the folder."""
    from app.services import pictures

    pictures.remove_unfinished(folder)
    pictures.prune_thumbnails(thumbnails)
    for path in pictures.picture_files(pasted):
        with suppress(OSError):
            path.unlink()


def _own_files(folder: Path, known: set[Path]) -> list[Picture]:
    from app.services import pictures

    found = []
    for path in pictures.picture_files(folder):
        note = None if path in known else pictures.read_embedded(path)
        if note is None:
            continue
        try:
            size = pictures.picture_size(path)
            found.append(note.as_picture(path, size, path.stat().st_size))
        except (UnreadableFile, OSError):
            continue  # damaged, or removed this moment: not a picture to show
    return found


def _copy(source: Path, target: Path) -> None:
    from app.services import pictures

    pictures.write_copy(source, target)


def _copy_beside(source: Path, folder: Path) -> Path:
    from app.services import pictures

    try:
        data = source.read_bytes()
    except OSError as error:
        raise storage_failure(error, source) from error
    return pictures.save_picture(folder, source.stem, source.suffix, data)


def _keep(folder: Path, data: bytes, moment: datetime) -> Path:
    from app.services import pictures

    prepared = pictures.prepare_for_sending(data, original=True)
    stem = pictures.picture_file_name("", moment)
    return pictures.save_picture(folder, stem, pictures.suffix_for(prepared.media_type), prepared.data)

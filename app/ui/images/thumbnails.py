"""ThumbnailLoader: small previews of picture files, loaded off the window's thread and kept while there is room."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage, QPixmap

from app.model.errors import UnreadableFile
from app.ui.images.decoded import decoded
from app.ui.job import Job

AT_ONCE = 4
SIZES_PX = (256, 512)
"""Few sizes, so that zooming or another screen seldom needs new files in the cache."""
MOST_KEPT_BYTES = 64 << 20


class ThumbnailLoader(QObject):
    """Asked while a list is drawn: what is there is returned at once, the rest is announced when it has come.

    The last request is served first: it is for what is on the screen now.

    Signals:
        loaded(Path): `pixmap` has it now; a null pixmap if the file cannot be read.
    """

    loaded = Signal(object)

    def __init__(self, thumbnail: Callable[[Path, int], bytes], parent: QObject | None = None) -> None:
        """`thumbnail` gives a PNG or a JPEG within so many pixels; it is called in threads."""
        super().__init__(parent)
        self._thumbnail = thumbnail
        self._kept: OrderedDict[tuple[Path, int], QPixmap] = OrderedDict()
        self._kept_bytes = 0
        self._wanted: dict[tuple[Path, int], None] = {}
        self._job = Job(self)
        self._job.ended.connect(self._go_on)

    def pixmap(self, path: Path, edge_px: int) -> QPixmap | None:
        """The preview for an edge of `edge_px` physical pixels, or None while it is being loaded."""
        size = next((known for known in SIZES_PX if known >= edge_px), SIZES_PX[-1])
        key = (path, size)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        self._wanted.pop(key, None)
        self._wanted[key] = None
        self._go_on()
        return None

    async def aclose(self) -> None:
        self._wanted.clear()
        await self._job.aclose()

    def _go_on(self) -> None:
        """Also after the end of a run: a wish may come between its last look and its end."""
        if self._wanted and not self._job.running:
            self._job.start(self._load())

    async def _load(self) -> None:
        while self._wanted:
            keys = [self._wanted.popitem()[0] for _ in range(min(AT_ONCE, len(self._wanted)))]
            images = await asyncio.gather(*(asyncio.to_thread(self._image, *key) for key in keys))
            for key, image in zip(keys, images, strict=True):
                self._keep(key, QPixmap.fromImage(image))
                self.loaded.emit(key[0])

    def _image(self, path: Path, size_px: int) -> QImage:
        try:
            return decoded(self._thumbnail(path, size_px))
        except UnreadableFile:
            return QImage()

    def _keep(self, key: tuple[Path, int], pixmap: QPixmap) -> None:
        self._kept[key] = pixmap
        self._kept_bytes += _bytes_of(pixmap)
        while self._kept_bytes > MOST_KEPT_BYTES and len(self._kept) > 1:
            _, dropped = self._kept.popitem(last=False)
            self._kept_bytes -= _bytes_of(dropped)


def _bytes_of(pixmap: QPixmap) -> int:
    return pixmap.width() * pixmap.height() * 4

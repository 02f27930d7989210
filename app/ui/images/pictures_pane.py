"""PicturesPane: the gallery and, opened from it, the viewer; loads, deletes and restores with the gallery's worker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QEvent, QSize, Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.model.images import Picture
from app.ui.images.gallery import Gallery
from app.ui.images.gallery_model import GalleryModel
from app.ui.images.picture_actions import Exporter, PictureActions
from app.ui.images.thumbnails import ThumbnailLoader
from app.ui.images.viewer import PictureSource, Viewer
from app.ui.job import Errands
from app.ui.widgets.undo_bar import UndoBar


class PictureKeeper(Exporter, PictureSource, Protocol):
    """What the pane asks of the gallery's worker."""

    def browse(self) -> AsyncGenerator[list[Picture]]: ...

    async def find_files(self) -> list[Picture]: ...

    async def delete(self, pictures: Sequence[Picture]) -> None: ...

    async def restore(self, pictures: Sequence[Picture]) -> None: ...

    async def purge(self, pictures: Sequence[Picture]) -> None: ...


class _Pages(QStackedWidget):
    """They ask for no height: what is in them scrolls, while the pictures in the making above must not be cut off."""

    def hasHeightForWidth(self) -> bool:
        return False

    def minimumSizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), 0)


class PicturesPane(QWidget):
    """All pictures; what is asked of one of them beyond looking, copying and deleting goes to `actions`' signals.

    Signals:
        loaded(): all pictures are here.
        failed(AppError): something could not be read or written.
    """

    loaded = Signal()
    failed = Signal(object)

    def __init__(self, keeper: PictureKeeper, thumbnails: ThumbnailLoader, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keeper = keeper
        self._errands = Errands(self)
        self._sources: dict[int, Path] = {}
        self.model = GalleryModel(self)
        self.actions_on_pictures = PictureActions(keeper, self)
        self.gallery = Gallery(self.model, thumbnails, self.actions_on_pictures.all)
        self.viewer = Viewer(keeper)
        self.undo_bar = UndoBar()
        self._stack = _Pages()
        self._build()

    def load(self) -> None:
        """Read all pictures, newest first; once more when others may have come in."""
        self._errands.add(self._load)

    def find_files(self) -> None:
        """Take pictures of ours into the gallery that lie in the folder but are not listed."""
        self._errands.add(self._find_files)

    def add(self, picture: Picture, source: Path | None = None) -> None:
        """Show a picture that was just made; `source` is the file it was enlarged from."""
        if source is not None:
            self._sources[picture.id] = source
        self.model.insert(picture)
        view = self.gallery.view
        if not view.hasFocus() and len(view.selectedIndexes()) < 2:  # never under the hands of who is choosing
            view.show_picture(picture.id)

    def start_search(self) -> None:
        """Lead to the search field, out of the viewer too."""
        if self._stack.currentWidget() is self.viewer:
            self._close_viewer()
        self.gallery.search_edit.setFocus()

    async def aclose(self) -> None:
        await asyncio.gather(self._errands.aclose(), self.viewer.aclose(), self.actions_on_pictures.aclose())

    def _build(self) -> None:
        self.setObjectName("pictures_pane")
        self.viewer.add_actions(self.actions_on_pictures.all)
        self._stack.addWidget(self.gallery)
        self._stack.addWidget(self.viewer)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._stack, 1)
        column.addWidget(self.undo_bar)
        self._connect()

    def _connect(self) -> None:
        actions, view = self.actions_on_pictures, self.gallery.view
        view.pictures_selected.connect(actions.set_pictures)
        view.picture_opened.connect(self._open)
        actions.delete_requested.connect(self._delete)
        self.viewer.closed.connect(self._close_viewer)
        self.viewer.stepped.connect(self._step)
        for part in (self._errands, actions, self.viewer):
            part.failed.connect(self.failed)

    def _open(self, picture: Picture) -> None:
        self.viewer.show_picture(picture, self._sources.get(picture.id))
        self.actions_on_pictures.set_pictures([picture])
        self._stack.setCurrentWidget(self.viewer)
        self.viewer.canvas.setFocus()

    def _close_viewer(self) -> None:
        self._stack.setCurrentWidget(self.gallery)
        if self.viewer.picture is not None:
            self.gallery.view.show_picture(self.viewer.picture.id)
        self.actions_on_pictures.set_pictures(self.gallery.view.selected())
        self.gallery.view.setFocus()

    def _step(self, step: int) -> None:
        picture = self.viewer.picture
        row = self.model.row_of(picture.id) + step if picture is not None else -1
        if 0 <= row < len(self.model.pictures()):
            self._open(self.model.pictures()[row])

    def _delete(self, pictures: list[Picture]) -> None:
        if not pictures:
            return
        self.undo_bar.settle()
        is_open = self._stack.currentWidget() is self.viewer
        row = max(0, self.model.row_of(pictures[0].id))
        self.model.remove(pictures)
        self._errands.add(lambda: self._keeper.delete(pictures))
        self.undo_bar.offer(
            self.tr("%n picture(s) deleted", "", len(pictures)),
            undo=lambda: self._take_back(pictures),
            settle=lambda: self._errands.add(lambda: self._keeper.purge(pictures)),
        )
        left = self.model.pictures()
        if is_open and left:
            self._open(left[min(row, len(left) - 1)])
        elif is_open:
            self._close_viewer()

    def _take_back(self, pictures: list[Picture]) -> None:
        for picture in pictures:
            self.model.insert(picture)
        self._errands.add(lambda: self._keeper.restore(pictures))
        self.gallery.view.show_picture(pictures[0].id)
        if self._stack.currentWidget() is self.gallery:
            self.gallery.view.setFocus()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self.actions_on_pictures.retranslate()

    async def _load(self) -> None:
        self.model.clear()
        async with aclosing(self._keeper.browse()) as pages:
            async for page in pages:
                self.model.append(page)
        self.loaded.emit()

    async def _find_files(self) -> None:
        for picture in await self._keeper.find_files():
            self.model.insert(picture)
        self.loaded.emit()

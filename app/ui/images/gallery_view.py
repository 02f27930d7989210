"""GalleryView: the list of pictures as a grid that fills its width; what can be done with them is told from outside."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QItemSelection, QModelIndex, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from app.model.images import Picture
from app.ui.images.gallery_model import PICTURE_ROLE, GalleryModel
from app.ui.images.picture_delegate import PictureDelegate
from app.ui.images.thumbnails import ThumbnailLoader


class GalleryView(QListView):
    """Shows a `GalleryModel`; only what is visible is drawn and loaded.

    Signals:
        picture_opened(Picture): double-click or Enter.
        pictures_selected(list[Picture]): the selection changed.
    """

    picture_opened = Signal(object)
    pictures_selected = Signal(list)

    def __init__(self, model: GalleryModel, thumbnails: ThumbnailLoader, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pictures = model
        self._delegate = PictureDelegate(thumbnails, self)
        self._build()
        thumbnails.loaded.connect(self._on_thumbnails_loaded)
        self.activated.connect(self._on_activated)

    def selected(self) -> list[Picture]:
        """The selected pictures in the order in which they are shown."""
        rows = sorted(index.row() for index in self.selectedIndexes())
        return [self._pictures.pictures()[row] for row in rows]

    def show_picture(self, picture_id: int) -> None:
        """Select a picture and scroll to it; nothing if it is not shown."""
        row = self._pictures.row_of(picture_id)
        if row >= 0:
            self.setCurrentIndex(self._pictures.index(row))

    def fit(self) -> None:
        """Fill the width evenly at the zoom in force."""
        self.setGridSize(self._delegate.cell_size(max(1, self.viewport().width() - 1)))

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        self.pictures_selected.emit(self.selected())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.fit()
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self.fit()
        elif event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _build(self) -> None:
        self.setObjectName("gallery_view")
        self.setModel(self._pictures)
        self.setItemDelegate(self._delegate)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Always there: a bar that comes and goes changes the width, and with it the number of columns, back and forth.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setMouseTracking(True)
        self._retranslate()

    def _on_activated(self, index: QModelIndex) -> None:
        self.picture_opened.emit(index.data(PICTURE_ROLE))

    def _on_thumbnails_loaded(self) -> None:
        self.viewport().update()

    def _retranslate(self) -> None:
        self.setAccessibleName(self.tr("Pictures"))

"""GalleryModel: the pictures as rows for a list view, newest first, filtered by words; it draws and changes nothing."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QUrl,
)
from PySide6.QtGui import QImage

from app.model.images import Picture
from app.ui.images import words
from app.ui.translation import shown_model
from app.ui.widgets.plain_tip import plain_tip

PICTURE_ROLE = int(Qt.ItemDataRole.UserRole)

type Index = QModelIndex | QPersistentModelIndex

_ROOT = QModelIndex()


class GalleryModel(QAbstractListModel):
    """Holds all pictures and shows those that fit the search."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all: list[Picture] = []
        self._shown: list[Picture] = []
        self._words: list[str] = []

    @property
    def total(self) -> int:
        """How many pictures there are, whatever the search."""
        return len(self._all)

    def pictures(self) -> Sequence[Picture]:
        """Those that fit the search, in order."""
        return self._shown

    def prompts(self) -> list[str]:
        """The different prompts of all pictures, the oldest first."""
        return list(reversed(dict.fromkeys(picture.prompt for picture in self._all if picture.prompt)))

    def clear(self) -> None:
        """Hold no picture, as before they are read."""
        self.beginResetModel()
        self._all, self._shown = [], []
        self.endResetModel()

    def append(self, page: Iterable[Picture]) -> None:
        """Add pictures that are older than all that are here, as they are read page by page."""
        page = list(page)
        self._all += page
        fitting = [picture for picture in page if self._fits(picture)]
        if fitting:
            self.beginInsertRows(_ROOT, len(self._shown), len(self._shown) + len(fitting) - 1)
            self._shown += fitting
            self.endInsertRows()

    def insert(self, picture: Picture) -> None:
        """Add one picture where its time belongs."""
        self._all.insert(bisect.bisect_left(self._all, _place(picture), key=_place), picture)
        if self._fits(picture):
            row = bisect.bisect_left(self._shown, _place(picture), key=_place)
            self.beginInsertRows(_ROOT, row, row)
            self._shown.insert(row, picture)
            self.endInsertRows()

    def remove(self, pictures: Iterable[Picture]) -> None:
        """Take pictures out; those that are not here are passed over."""
        gone = {picture.id for picture in pictures}
        self._all = [picture for picture in self._all if picture.id not in gone]
        for row in reversed([row for row, picture in enumerate(self._shown) if picture.id in gone]):
            self.beginRemoveRows(_ROOT, row, row)
            del self._shown[row]
            self.endRemoveRows()

    def search(self, text: str) -> None:
        """Show only what holds every word of `text` in its prompt, its model's name or its date."""
        words = text.casefold().split()
        if words == self._words:
            return
        self.beginResetModel()
        self._words = words
        self._shown = [picture for picture in self._all if self._fits(picture)]
        self.endResetModel()

    def row_of(self, picture_id: int) -> int:
        """-1 if the picture does not fit the search or is gone."""
        return next((row for row, picture in enumerate(self._shown) if picture.id == picture_id), -1)

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        picture = self._shown[index.row()]
        if role == PICTURE_ROLE:
            return picture
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return caption(picture)
        if role == Qt.ItemDataRole.ToolTipRole:
            return _tool_tip(picture)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsDragEnabled if index.isValid() else flags

    def supportedDragActions(self) -> Qt.DropAction:
        return Qt.DropAction.CopyAction

    def mimeTypes(self) -> list[str]:
        return ["text/uri-list"]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        return mime_data([self._shown[index.row()] for index in indexes])

    def _fits(self, picture: Picture) -> bool:
        if not self._words:
            return True
        moment = picture.created_at.astimezone()
        text = f"{picture.prompt} {picture.revised_prompt} {moment:%Y-%m-%d} {moment:%B}"
        names = (picture.model.model_id, shown_model(picture.model), *picture.source_names)
        text = f"{text} {' '.join(names)}".casefold()
        return all(word in text for word in self._words)


def mime_data(pictures: Sequence[Picture]) -> QMimeData:
    """The files, for file managers and for programs that open files; a single picture also as an image."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(picture.path)) for picture in pictures])
    if len(pictures) == 1:
        image = QImage(str(pictures[0].path))
        if not image.isNull():
            data.setImageData(image)
    return data


def caption(picture: Picture) -> str:
    """One line that tells what it is: its prompt, else what it was made from."""
    return " ".join((picture.prompt or ", ".join(picture.source_names) or picture.path.stem).split())


def _place(picture: Picture) -> tuple[float, int]:
    """Sorts the newest first."""
    return -picture.created_at.timestamp(), -picture.id


def _tool_tip(picture: Picture) -> str:
    prompt = picture.prompt if len(picture.prompt) <= 400 else picture.prompt[:400] + "…"
    facts = (
        f"{picture.width_px} × {picture.height_px}, {shown_model(picture.model)}, {words.moment(picture.created_at)}"
    )
    return plain_tip(f"{prompt}\n{facts}".strip())

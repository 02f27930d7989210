"""QueueModel: recordings and files with how far each is, as a Qt model; it loads and changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from app.model.audio import Headway, QueueEntry, Recording
from app.ui.audio import words
from app.ui.translation import in_a_row
from app.ui.widgets.plain_tip import plain_tip

type Index = QModelIndex | QPersistentModelIndex

ITEM_ROLE = Qt.ItemDataRole.UserRole + 1
"""The `QueueItem` of a row."""


@dataclass(frozen=True, slots=True)
class QueueItem:
    """One row. `activity` is what happens to it now, translated; `fraction` how far that is, None if unknown."""

    recording: Recording
    headway: Headway | None = None
    activity: str = ""
    fraction: float | None = None

    def status(self) -> str:
        return self.activity or words.state(self.recording.state, self.headway)


class QueueModel(QAbstractListModel):
    """Rows are sound, the newest first; names can be edited in place.

    Signals:
        renamed(Recording, str): the user gave this one a new name.
    """

    renamed = Signal(object, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._items: list[QueueItem] = []

    def set_entries(self, entries: Sequence[QueueEntry]) -> None:
        self.beginResetModel()
        self._items = [QueueItem(entry.recording, entry.headway) for entry in entries]
        self.endResetModel()

    def items(self) -> list[QueueItem]:
        return list(self._items)

    def names(self) -> set[str]:
        return {item.recording.name for item in self._items}

    def item(self, recording_id: int) -> QueueItem | None:
        row = self.row_of(recording_id)
        return self._items[row] if row >= 0 else None

    def row_of(self, recording_id: int) -> int:
        """-1 if it is not in the queue."""
        return next((row for row, item in enumerate(self._items) if item.recording.id == recording_id), -1)

    def put(self, recording: Recording, row: int = 0) -> None:
        """Show a new one, or what changed about one that is there."""
        known = self.row_of(recording.id)
        if known >= 0:
            self._set(known, replace(self._items[known], recording=recording))
            return
        self.beginInsertRows(QModelIndex(), row, row)
        self._items.insert(row, QueueItem(recording))
        self.endInsertRows()

    def remove(self, recording_id: int) -> None:
        row = self.row_of(recording_id)
        if row >= 0:
            self.beginRemoveRows(QModelIndex(), row, row)
            del self._items[row]
            self.endRemoveRows()

    def set_headway(self, recording_id: int, headway: Headway | None) -> None:
        """How far the newest transcript came."""
        row = self.row_of(recording_id)
        if row >= 0:
            self._set(row, replace(self._items[row], headway=headway))

    def set_activity(self, recording_id: int, activity: str, fraction: float | None = None) -> None:
        """What happens to it now; empty when nothing does."""
        row = self.row_of(recording_id)
        if row >= 0:
            self._set(row, replace(self._items[row], activity=activity, fraction=fraction))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._items)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - Qt's variant
        if not index.isValid():
            return None
        item = self._items[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return item.recording.name
        if role == ITEM_ROLE:
            return item
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(f"{item.recording.name}\n{item.recording.path}")
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return in_a_row((item.recording.name, words.clock(item.recording.duration_s), item.status()))
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if index.isValid() else flags

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        name = str(value).strip()
        item = self._items[index.row()]
        if role != Qt.ItemDataRole.EditRole or not name or name == item.recording.name:
            return False
        self.renamed.emit(item.recording, name)
        return True

    def _set(self, row: int, item: QueueItem) -> None:
        if item != self._items[row]:
            self._items[row] = item
            self.dataChanged.emit(self.index(row), self.index(row))

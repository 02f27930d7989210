"""The widgets of the messages near the view, made when they come near and used again when they have gone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QObject, QRect, Signal
from PySide6.QtWidgets import QWidget

from app.ui.chat.message_view import MessageView
from app.ui.chat.transcript_heights import Heights
from app.ui.chat.transcript_rows import TranscriptRows

_MARGIN_PX = 200  # rows so far outside the view are made ready
_MAX_POOLED = 10


@dataclass(frozen=True, slots=True)
class Anchor:
    """A row and how far below the upper edge of the view it begins: what must not move when heights are corrected."""

    index: int
    offset: int


class TranscriptStage(QObject):
    """Rows of different heights on a viewport that shows a part of them.

    Signals:
        view_made(MessageView): a new widget, to be connected.
    """

    view_made = Signal(object)

    def __init__(self, rows: TranscriptRows, viewport: QWidget) -> None:
        super().__init__(viewport)
        self.heights = Heights()
        self._rows = rows
        self._viewport = viewport
        self._live: dict[int, MessageView] = {}
        self._pool: list[MessageView] = []
        self._width = max(1, viewport.width())

    def live(self) -> dict[int, MessageView]:
        """The widgets there are, by row."""
        return dict(self._live)

    def view(self, index: int) -> MessageView | None:
        return self._live.get(index)

    def reset(self) -> None:
        """All rows are others now."""
        self._retire(self._live)
        self.guess_heights()

    def guess_heights(self) -> None:
        """Forget how high the rows were; those on the stage have to be loaded again."""
        self.heights = Heights(self._rows.guess_heights(self._width))

    def insert(self, place: int, count: int) -> None:
        """So many rows were added, the first of them at `place`."""
        self._live = {index + count if index >= place else index: view for index, view in self._live.items()}
        self.heights.insert(place, self._rows.guess_heights(self._width, slice(place, place + count)))

    def truncate(self, count: int) -> None:
        """Only the first `count` rows are left."""
        self._retire([index for index in self._live if index >= count])
        self.heights.truncate(count)

    def load(self, index: int) -> None:
        """The content of a row changed: show it again if it is on the stage, else guess its height."""
        view = self._live.get(index)
        if view is None:
            self.heights.set(index, self._guess(index))
        else:
            self._rows.load(view, index)
            self.measure(index)

    def measure(self, index: int) -> bool:
        """Place the parts of a row's widget; whether its height is another one now."""
        view = self._live.get(index)
        if view is None:
            return False
        height = view.height_for(self._width)
        view.resize(self._width, height)
        return self.heights.set(index, height)

    def set_width(self, width: int) -> None:
        """Lay everything out in another width; what is off the stage is corrected when it comes near."""
        if width != self._width:
            self._width = width
            for index in self._live:
                self.measure(index)

    def anchor(self, top: int, height: int) -> Anchor:
        """The first row in view whose height is certain, so that corrections above it push nothing down."""
        for index in sorted(self._live):
            begin = self.heights.top(index)
            if begin + self.heights[index] > top and begin < top + height:
                return Anchor(index, begin - top)
        if not len(self.heights):
            return Anchor(0, 0)
        index = self.heights.at(top)
        return Anchor(index, self.heights.top(index) - top)

    def fill(self, top: int, height: int) -> bool:
        """Make the rows near the view; whether one of them has another height than was thought."""
        if not len(self.heights):
            return False
        first, last = self.heights.at(top - _MARGIN_PX), self.heights.at(top + height + _MARGIN_PX)
        gone = [index for index in self._live if not first <= index <= last]
        self._retire([index for index in gone if not self._live[index].is_in_use])
        corrected = False
        for index in range(first, last + 1):
            if index not in self._live:
                view = self._pool.pop() if self._pool else self._make()
                self._live[index] = view
                self._rows.load(view, index)
                corrected |= self.measure(index)
        return corrected

    def arrange(self, top: int) -> None:
        """Put the widgets where they belong when the view begins at `top`."""
        for index, view in self._live.items():
            view.setGeometry(QRect(0, self.heights.top(index) - top, self._width, self.heights[index]))
            view.show()

    def _guess(self, index: int) -> int:
        return self._rows.guess_heights(self._width, slice(index, index + 1))[0]

    def _make(self) -> MessageView:
        view = MessageView(self._rows.formulas, self._viewport)
        self.view_made.emit(view)
        return view

    def _retire(self, indexes: Iterable[int]) -> None:
        for index in list(indexes):
            view = self._live.pop(index)
            view.hide()
            view.release()
            if len(self._pool) < _MAX_POOLED:
                self._pool.append(view)
            else:
                view.deleteLater()

"""The messages of a transcript and what belongs to each: the reader's folds, marked words, a guess of its height."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.ui import theme
from app.ui.chat.message_view import MessageView, ViewState
from app.ui.chat.transcript_model import MessageRow
from app.ui.widgets.formula import FormulaRenderer
from app.ui.widgets.markdown_look import TextStyle

_AROUND_PX = 76  # name, buttons and the space between two messages
_CHARACTER_WIDTH = 0.52  # of the text size, on average
_NARROWEST_PX = 100
_STRIP_PX = 120
_THUMBNAILS_PER_LINE = 6


class TranscriptRows:
    """Rows in their order, found by place or by id."""

    def __init__(self, formulas: FormulaRenderer) -> None:
        self.formulas = formulas
        self.style = TextStyle(theme.colors())
        self._rows: list[MessageRow] = []
        self._places: dict[int, int] = {}
        self._states: dict[int, ViewState] = {}
        self._marked: tuple[int, tuple[str, ...]] = (-1, ())

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> MessageRow:
        return self._rows[index]

    def place(self, message_id: int) -> int:
        """Where a message stands.

        Raises:
            KeyError: there is no such message.
        """
        return self._places[message_id]

    def __contains__(self, message_id: int) -> bool:
        return message_id in self._places

    def replace_all(self, rows: Iterable[MessageRow]) -> None:
        self._rows = list(rows)
        self._marked = (-1, ())
        self._places = {row.id: index for index, row in enumerate(self._rows)}
        self._states = {message: state for message, state in self._states.items() if message in self._places}

    def prepend(self, rows: Sequence[MessageRow]) -> None:
        self._rows[:0] = rows
        self._places = {row.id: index for index, row in enumerate(self._rows)}

    def append(self, row: MessageRow) -> None:
        self._places[row.id] = len(self._rows)
        self._rows.append(row)

    def replace(self, row: MessageRow) -> int:
        """Put `row` where the row of its id stands; returns the place."""
        index = self._places[row.id]
        self._rows[index] = row
        return index

    def truncate(self, count: int) -> None:
        for row in self._rows[count:]:
            del self._places[row.id]
            self._states.pop(row.id, None)
        del self._rows[count:]

    def mark(self, message_id: int, words: tuple[str, ...]) -> None:
        """Have these words marked wherever this message is shown, and those of before no more."""
        self._marked = (message_id, words)

    def load(self, view: MessageView, index: int) -> None:
        """Show a row in a widget."""
        row = self._rows[index]
        view.show_row(row, self.style, self._states.setdefault(row.id, ViewState()))
        message_id, words = self._marked
        view.body.mark(words if row.id == message_id else ())

    def guess_heights(self, width: int, places: slice = slice(None)) -> list[int]:
        """About how high the rows at `places` will be, without drawing them; cheap enough for all of them."""
        body_px = self.style.px(theme.BODY_PX)
        line_px = body_px * theme.LINE_HEIGHT_PERCENT // 100
        column = max(_NARROWEST_PX, min(width, self.style.px(theme.READING_COLUMN_PX)))
        per_line = int(column / (body_px * _CHARACTER_WIDTH))
        return [
            _AROUND_PX
            + (len(row.text) // per_line + row.text.count("\n") + 1) * line_px
            + -(-len(row.attachments) // _THUMBNAILS_PER_LINE) * _STRIP_PX
            for row in self._rows[places]
        ]

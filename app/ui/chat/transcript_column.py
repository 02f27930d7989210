"""Scrolls a column of messages: stays at the end where it is at the end, and in its place anywhere else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from app.ui.chat.message_view import MessageView
from app.ui.chat.transcript_rows import TranscriptRows
from app.ui.chat.transcript_stage import Anchor, TranscriptStage

_LINE_PX = 40
_END_TOLERANCE_PX = 2
_MAX_ROUNDS = 10  # of correcting guessed heights; each brings at least one more row near the view


class TranscriptColumn(QAbstractScrollArea):
    """Shows as much of the rows as fits.

    Signals:
        at_end_changed(bool): the reader came to the end, or left it.
    """

    at_end_changed = Signal(bool)

    def __init__(self, rows: TranscriptRows, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.stage = TranscriptStage(rows, self.viewport())
        self.stage.view_made.connect(self._watch)
        self.rows = rows
        self._at_end = True
        self._settling = False
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.verticalScrollBar().setSingleStep(_LINE_PX)

    @property
    def at_end(self) -> bool:
        """Whether the reader is at the end, where the column follows what is added."""
        return self._at_end

    @contextmanager
    def place_kept(self, moved_by: int = 0) -> Iterator[None]:
        """Change rows inside; afterwards the reader sees what he saw before, or the new end if he was at the end.

        `moved_by` says how many rows are put above all others.
        """
        anchor = self._anchor()
        yield
        self._settle(Anchor(anchor.index + moved_by, anchor.offset))

    def scroll_to(self, index: int, offset_px: int = 0) -> None:
        """Bring the place `offset_px` below the top of a row to the upper edge of the view."""
        self._set_at_end(False)
        self._settle(Anchor(index, -offset_px))
        self._notice_end()

    def scroll_to_end(self) -> None:
        self._set_at_end(True)
        self._settle(self._anchor())

    def _anchor(self) -> Anchor:
        return self.stage.anchor(self.verticalScrollBar().value(), self.viewport().height())

    def _settle(self, anchor: Anchor) -> None:
        """Guessed heights become exact as rows come near, which may bring more rows near."""
        if self._settling:
            return
        self._settling = True
        try:
            for _round in range(_MAX_ROUNDS):
                self._scroll_quietly(anchor)
                if not self.stage.fill(self.verticalScrollBar().value(), self.viewport().height()):
                    break
            self._scroll_quietly(anchor)
            self.stage.arrange(self.verticalScrollBar().value())
        finally:
            self._settling = False

    def _scroll_quietly(self, anchor: Anchor) -> None:
        bar, height = self.verticalScrollBar(), self.viewport().height()
        bar.setPageStep(height)
        bar.setRange(0, max(0, self.stage.heights.total - height))
        bar.setEnabled(bar.maximum() > 0)  # one that is of no use is not drawn
        if self._at_end:
            bar.setValue(bar.maximum())
        elif anchor.index < len(self.stage.heights):
            bar.setValue(self.stage.heights.top(anchor.index) - anchor.offset)

    def _set_at_end(self, at_end: bool) -> None:
        if at_end != self._at_end:
            self._at_end = at_end
            self.at_end_changed.emit(at_end)

    def _notice_end(self) -> None:
        bar = self.verticalScrollBar()
        self._set_at_end(bar.value() >= bar.maximum() - _END_TOLERANCE_PX)

    def _watch(self, view: MessageView) -> None:
        view.height_changed.connect(self._on_view_height_changed)
        view.refolded.connect(self._on_view_refolded)

    def _on_view_height_changed(self, message_id: int) -> None:
        if message_id in self.rows:
            with self.place_kept():
                self.stage.measure(self.rows.place(message_id))

    def _on_view_refolded(self, message_id: int) -> None:
        """What the reader has just clicked stays under the pointer, even at the end."""
        index = self.rows.place(message_id)
        view = self.stage.view(index)
        if view is not None:
            self.stage.measure(index)
            self.scroll_to(index, -view.y())

    def scrollContentsBy(self, _dx: int, _dy: int) -> None:
        if not self._settling:
            self._notice_end()
            self._settle(self._anchor())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        with self.place_kept():
            self.stage.set_width(self.viewport().width())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        bar = self.verticalScrollBar()
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        page = max(_LINE_PX, bar.pageStep() - _LINE_PX)
        steps = {
            Qt.Key.Key_Up: -_LINE_PX, Qt.Key.Key_Down: _LINE_PX, Qt.Key.Key_PageUp: -page, Qt.Key.Key_PageDown: page,
            Qt.Key.Key_Space: -page if shift else page,
        }  # fmt: skip
        if event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier):
            event.ignore()
        elif event.key() == Qt.Key.Key_Home:
            self.scroll_to(0)
        elif event.key() == Qt.Key.Key_End:
            self.scroll_to_end()
        elif event.key() in steps:
            bar.setValue(bar.value() + steps[Qt.Key(event.key())])
        else:
            event.ignore()

"""One selection across all the texts of a message, as if they were one text."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QMouseEvent, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit

from app.ui.widgets.code_card import CodeCard
from app.ui.widgets.markdown_view import MarkdownView

type Part = MarkdownView | CodeCard
type Editor = QTextEdit | QPlainTextEdit


def editor_of(part: Part) -> Editor:
    """The widget of a part that holds its text."""
    return part.text if isinstance(part, CodeCard) else part


class MessageSelection(QObject):
    """Follows the mouse from the part where it was pressed into the others.

    `parts` gives the parts of the message from top to bottom whenever it is asked.

    Signals:
        dragged(MessageSelection, QPoint): this one is drawn, and the pointer is at that place of the screen.
        drag_ended(): the button was released.
    """

    dragged = Signal(object, QPoint)
    drag_ended = Signal()

    def __init__(self, parts: Callable[[], Sequence[Part]], parent: QObject) -> None:
        super().__init__(parent)
        self._parts = parts
        self._start: Part | None = None
        self._start_position = 0

    def watch(self, part: Part) -> None:
        editor_of(part).viewport().installEventFilter(self)

    @property
    def is_empty(self) -> bool:
        return not any(editor_of(part).textCursor().hasSelection() for part in self._parts())

    def text(self) -> str:
        """What is selected, as one reads it."""
        return "\n\n".join(filter(None, (part.selected_text() for part in self._parts())))

    def markdown(self) -> str:
        return "\n\n".join(part.selected_markdown() for part in self._parts() if _has_selection(part))

    def select_all(self) -> None:
        for part in self._parts():
            editor_of(part).selectAll()

    def clear(self) -> None:
        self._keep_only(())

    def extend_to(self, place: QPoint) -> None:
        """Select up to a place of the screen, where the text has moved below a pointer that rests."""
        if self._start is None or self._extend(place):
            return
        editor = editor_of(self._start)
        cursor = QTextCursor(editor.document())
        cursor.setPosition(self._start_position)
        reached = editor.cursorForPosition(editor.viewport().mapFromGlobal(place)).position()
        cursor.setPosition(reached, QTextCursor.MoveMode.KeepAnchor)
        editor.setTextCursor(cursor)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QMouseEvent):
            return False
        if event.type() is QEvent.Type.MouseButtonPress and event.button() is Qt.MouseButton.LeftButton:
            self._begin(watched, event)
        elif event.type() is QEvent.Type.MouseMove and event.buttons() & Qt.MouseButton.LeftButton:
            place = event.globalPosition().toPoint()
            done_here = self._extend(place)
            self.dragged.emit(self, place)
            return done_here
        elif event.type() is QEvent.Type.MouseButtonRelease:
            self.drag_ended.emit()
        return False

    def _begin(self, viewport: QObject, event: QMouseEvent) -> None:
        self._start = next((part for part in self._parts() if editor_of(part).viewport() is viewport), None)
        if self._start is not None and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._keep_only((self._start,))
            self._start_position = editor_of(self._start).cursorForPosition(event.position().toPoint()).position()

    def _extend(self, place: QPoint) -> bool:
        """Select up to `place`; False where the part that was pressed does it by itself."""
        parts = list(self._parts())
        if self._start is None or self._start not in parts:
            return False
        first = parts.index(self._start)
        last = _index_at(parts, place)
        low, high = min(first, last), max(first, last)
        self._keep_only(parts[low : high + 1])
        if first == last:
            return False
        downwards = last > first
        _select(editor_of(parts[first]), self._start_position, to_end=downwards)
        for part in parts[low + 1 : high]:
            editor_of(part).selectAll()
        target = editor_of(parts[last])
        reached = target.cursorForPosition(target.viewport().mapFromGlobal(place)).position()
        _select(target, reached, to_end=not downwards)
        return True

    def _keep_only(self, kept: Sequence[Part]) -> None:
        for part in self._parts():
            if part not in kept and _has_selection(part):
                cursor = editor_of(part).textCursor()
                cursor.clearSelection()
                editor_of(part).setTextCursor(cursor)


def _has_selection(part: Part) -> bool:
    return editor_of(part).textCursor().hasSelection()


def _index_at(parts: Sequence[Part], place: QPoint) -> int:
    """The part at a place of the screen, or the nearest above it."""
    below = (index for index, part in enumerate(parts) if part.mapFromGlobal(place).y() < 0)
    return max(0, next(below, len(parts)) - 1)


def _select(editor: Editor, position: int, to_end: bool) -> None:
    cursor = QTextCursor(editor.document())
    cursor.setPosition(position)
    edge = QTextCursor.MoveOperation.End if to_end else QTextCursor.MoveOperation.Start
    cursor.movePosition(edge, QTextCursor.MoveMode.KeepAnchor)
    editor.setTextCursor(cursor)

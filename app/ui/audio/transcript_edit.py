"""TranscriptEdit: the text of a transcript, one paragraph for each segment, corrected in place with undo.

The paragraphs never change in number while the user types, so a segment keeps its times: Enter goes to the next
paragraph, and deleting over several paragraphs empties them but does not join them.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QMimeData, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QInputMethodEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QTextBlock,
    QTextBlockFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QTextEdit, QWidget

from app.model.audio import Segment
from app.ui import theme
from app.ui.theme import Role

_MARK_PX = theme.SPACE_XS
"""How far the mark of the segment that plays reaches over its text."""


class TranscriptEdit(QTextEdit):
    """Plain text in paragraphs.

    Signals:
        edited(): the user changed the text.
        play_requested(int): the user wants to hear the segment with this number.
        segment_clicked(int, float): a plain click into a segment, so far into its text (0.0 to 1.0), which while
            playing means "go there".
    """

    edited = Signal()
    play_requested = Signal(int)
    segment_clicked = Signal(int, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._segments: list[Segment] = []
        self._is_filling = False
        self._current = -1
        self.setObjectName("transcript_edit")
        theme.give_role(self, Role.PLAIN)
        self.setAcceptRichText(False)
        self.setAcceptDrops(False)  # files belong to the tab, and dragged text would join paragraphs
        self.setTabChangesFocus(True)
        self.document().setDocumentMargin(theme.SPACE_S)
        self.textChanged.connect(self._on_text_changed)

    @property
    def count(self) -> int:
        return len(self._segments)

    def segments(self) -> tuple[Segment, ...]:
        """The segments with the text as it is now; words are dropped where they no longer say the same."""
        return tuple(
            segment
            if (text := self.document().findBlockByNumber(number).text()) == segment.text
            else Segment(segment.start_s, segment.end_s, text)
            for number, segment in enumerate(self._segments)
        )

    def set_segments(self, segments: Sequence[Segment]) -> None:
        """Show other segments; what did not change stays where it is, so a growing transcript does not jump."""
        same = 0
        while same < min(len(segments), self.count) and self._segments[same] == segments[same]:
            same += 1
        if same == len(segments) == self.count:
            return
        self._is_filling = True
        self.setUndoRedoEnabled(False)
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        self._cut_after(cursor, same)
        for number, segment in enumerate(segments[same:], same):
            if number:
                cursor.movePosition(QTextCursor.MoveOperation.End)
                cursor.insertBlock()
            cursor.setBlockFormat(_paragraph())
            cursor.insertText(segment.text.replace("\n", " "))
        cursor.endEditBlock()
        self._segments = list(segments)
        if same == 0:
            self.moveCursor(QTextCursor.MoveOperation.Start)
        self.setUndoRedoEnabled(True)
        self._is_filling = False
        if self._current >= self.count:
            self.highlight(-1)

    def highlight(self, number: int) -> None:
        """Mark the segment that plays, -1 for none."""
        self._current = number
        self.viewport().update()

    def show_segment(self, number: int) -> None:
        """Scroll so that a segment is in view, with some text after it."""
        block = self.document().findBlockByNumber(number)
        top, bottom = self.span_of(block)
        if top < 0 or bottom > self.viewport().height():
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() + round(top - self.viewport().height() * 0.3))

    def span_of(self, block: QTextBlock) -> tuple[float, float]:
        """Top and bottom of a paragraph in the viewport."""
        place = self.document().documentLayout().blockBoundingRect(block)
        offset = self.verticalScrollBar().value()
        return place.top() - offset, place.bottom() - offset

    def apply_zoom(self) -> None:
        """Take over the text size in force."""
        self.setFont(theme.text_font())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        cursor = self.textCursor()
        if event.matches(QKeySequence.StandardKey.InsertParagraphSeparator):
            if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                self.play_requested.emit(cursor.blockNumber())
            else:
                self.moveCursor(QTextCursor.MoveOperation.NextBlock)
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.play_requested.emit(cursor.blockNumber())
            return
        if self.isReadOnly() or event.matches(QKeySequence.StandardKey.Copy):
            super().keyPressEvent(event)
            return
        if event.matches(QKeySequence.StandardKey.Cut):
            self.copy()
            self._clear_selection()
        elif not self._joins_paragraphs(event) and not self._replaces_paragraphs(event):
            super().keyPressEvent(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        if event.commitString() or event.preeditString():
            self._clear_selection(only_across=True)
        super().inputMethodEvent(event)

    def insertFromMimeData(self, source: QMimeData) -> None:
        self._clear_selection(only_across=True)
        self.insertPlainText(" ".join(source.text().split()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if event.button() is not Qt.MouseButton.LeftButton or self.textCursor().hasSelection() or not self.count:
            return
        cursor = self.cursorForPosition(event.position().toPoint())
        number = cursor.blockNumber()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.play_requested.emit(number)
        else:
            self.segment_clicked.emit(number, cursor.positionInBlock() / max(1, cursor.block().length() - 1))

    def paintEvent(self, event: QPaintEvent) -> None:
        block = self.document().findBlockByNumber(self._current) if self._current >= 0 else QTextBlock()
        if block.isValid():
            top, bottom = self.span_of(block)
            painter = QPainter(self.viewport())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.colors().info_surface))
            marked = QRectF(0, top, self.viewport().width(), bottom - top).adjusted(0, -_MARK_PX, 0, _MARK_PX)
            painter.drawRoundedRect(marked, theme.RADIUS_PX, theme.RADIUS_PX)
            painter.end()
        super().paintEvent(event)

    def _cut_after(self, cursor: QTextCursor, kept: int) -> None:
        """Remove everything behind the first `kept` paragraphs."""
        if kept == 0:
            cursor.select(QTextCursor.SelectionType.Document)
        else:
            last = self.document().findBlockByNumber(kept - 1)
            cursor.setPosition(last.position() + last.length() - 1)
            cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
        cursor.removeSelectedText()

    def _joins_paragraphs(self, event: QKeyEvent) -> bool:
        """Whether a key would delete the border between two paragraphs, which is refused."""
        cursor = self.textCursor()
        if cursor.hasSelection():
            return False
        is_back = event.key() == Qt.Key.Key_Backspace
        is_forward = event.key() == Qt.Key.Key_Delete or event.matches(QKeySequence.StandardKey.DeleteEndOfLine)
        return (is_back and cursor.atBlockStart()) or (is_forward and cursor.atBlockEnd())

    def _replaces_paragraphs(self, event: QKeyEvent) -> bool:
        """Delete, or type over, a selection of several paragraphs; True if nothing is left to do."""
        is_deletion = event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete)
        is_typing = bool(event.text()) and event.text().isprintable()
        if is_deletion or is_typing:
            return self._clear_selection(only_across=True) and is_deletion
        return False

    def _clear_selection(self, *, only_across: bool = False) -> bool:
        """Empty the selected parts of paragraphs without joining these, as one step of undo; True if it was done."""
        cursor = self.textCursor()
        first = self.document().findBlock(cursor.selectionStart())
        last = self.document().findBlock(cursor.selectionEnd())
        if not cursor.hasSelection() or self.isReadOnly() or (only_across and first == last):
            return False
        start, end = cursor.selectionStart(), cursor.selectionEnd()
        cursor.beginEditBlock()
        for number in range(last.blockNumber(), first.blockNumber() - 1, -1):
            block = self.document().findBlockByNumber(number)
            cursor.setPosition(max(start, block.position()))
            cursor.setPosition(min(end, block.position() + block.length() - 1), QTextCursor.MoveMode.KeepAnchor)
            cursor.removeSelectedText()
        cursor.endEditBlock()
        cursor.setPosition(start)
        self.setTextCursor(cursor)
        return True

    def _on_text_changed(self) -> None:
        if self._is_filling:
            return
        if self.document().blockCount() != max(1, self.count):
            self.undo()  # some way of editing that is not known here; times matter more
            return
        self.edited.emit()


def _paragraph() -> QTextBlockFormat:
    form = QTextBlockFormat()
    form.setLineHeight(theme.LINE_HEIGHT_PERCENT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
    form.setBottomMargin(theme.SPACE_S)
    return form

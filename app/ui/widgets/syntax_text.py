"""The text inside a code card: read-only, coloured without being edited, measured line by line as it grows."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate

from PySide6.QtCore import QEvent, QSizeF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QKeyEvent,
    QTextCharFormat,
    QTextCursor,
    QTextLayout,
    QTextOption,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QWidget

from app.ui import theme
from app.ui.widgets.long_text import wrap_mode
from app.ui.widgets.markdown_keys import is_for_holder
from app.ui.widgets.syntax import ROLES, Span

_FONT_EVENTS = (QEvent.Type.FontChange, QEvent.Type.StyleChange)


class CodeText(QPlainTextEdit):
    """Code to be read and selected; keys for copying and for vertical scrolling go to what holds it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._measured_lines = 0
        self._measured = QSizeF(0, 0)
        self._measured_width = 0
        self._code_font = self.font()
        self._build()

    @property
    def wraps(self) -> bool:
        return self.lineWrapMode() is not QPlainTextEdit.LineWrapMode.NoWrap

    def set_code_font(self, font: QFont) -> None:
        """Show the text in `font`, whatever happens to the fonts of the program."""
        self._code_font = font
        self.setFont(font)
        self._forget_measures()

    def set_wraps(self, wraps: bool) -> None:
        if wraps:
            self.setWordWrapMode(wrap_mode(self.toPlainText()))
        modes = QPlainTextEdit.LineWrapMode
        self.setLineWrapMode(modes.WidgetWidth if wraps else modes.NoWrap)
        self._forget_measures()

    def replace_text(self, text: str) -> None:
        self._forget_measures()
        if self.wraps:
            self.setWordWrapMode(wrap_mode(text))
        self.setPlainText(text)

    def append_text(self, text: str) -> None:
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(text)

    def measure(self, width: int) -> QSizeF:
        """How wide and high the text is at `width` px; only what was added since the last time is looked at."""
        if width != self._measured_width:
            self._forget_measures()
            self._measured_width = width
            self.resize(width, self.height())
        widest, height = self._measured.width(), self._measured.height()
        block = self.document().findBlockByNumber(self._measured_lines)
        while block.isValid():
            self._measured, self._measured_lines = QSizeF(widest, height), block.blockNumber()
            rect = self.blockBoundingRect(block)  # lays the block out
            lines = block.layout()
            line_widths = (lines.lineAt(index).naturalTextWidth() for index in range(lines.lineCount()))
            widest, height = max(widest, *line_widths, 0.0), height + rect.height()
            block = block.next()
        return QSizeF(widest, height)

    def color(self, found: tuple[Span, ...], colors: theme.Colors) -> None:
        """Colour the text by formats of its layout: an edit of the document would cost many times as much."""
        formats = {role: _text_format(getattr(colors, f"code_{role}")) for role in ROLES}
        starts = [0, *accumulate(len(line) + 1 for line in self.toPlainText().split("\n"))]
        ranges: dict[int, list[QTextLayout.FormatRange]] = {}
        for span in found:
            start, end = span.start, span.start + span.length
            while start < end:
                line = bisect_right(starts, start) - 1
                stop = min(end, starts[line + 1])
                ranges.setdefault(line, []).append(_range(start - starts[line], stop - start, formats[span.role]))
                start = stop
        for line, line_ranges in ranges.items():
            self.document().findBlockByNumber(line).layout().setFormats(line_ranges)
        self.document().markContentsDirty(0, self.document().characterCount())

    def _build(self) -> None:
        theme.give_role(self, theme.Role.PLAIN)
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.document().setDocumentMargin(0)
        option = self.document().defaultTextOption()
        option.setTextDirection(Qt.LayoutDirection.LeftToRight)  # code is code in every language
        self.document().setDefaultTextOption(option)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)

    def _forget_measures(self) -> None:
        self._measured_lines = 0
        self._measured = QSizeF(0, 0)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in _FONT_EVENTS and self.font() != self._code_font:
            self.set_code_font(self._code_font)  # Qt forgets a widget's own font when the style sheet is exchanged

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if is_for_holder(event):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        sideways = abs(event.angleDelta().x()) > abs(event.angleDelta().y())
        if sideways and self.horizontalScrollBar().maximum() > 0:
            super().wheelEvent(event)
        else:
            event.ignore()


def _text_format(color: str) -> QTextCharFormat:
    text_format = QTextCharFormat()
    text_format.setForeground(QColor(color))
    return text_format


def _range(start: int, length: int, text_format: QTextCharFormat) -> QTextLayout.FormatRange:
    text_range = QTextLayout.FormatRange()
    text_range.start, text_range.length, text_range.format = start, length, text_format
    return text_range

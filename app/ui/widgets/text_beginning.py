"""The beginning of a text of megabytes, shown in place of the whole; where it is short, the text is shown as it is."""

from __future__ import annotations

from PySide6.QtGui import QColor, QTextBlockFormat, QTextCharFormat, QTextCursor, QTextDocument

from app.model.visible import without_turns
from app.ui import theme
from app.ui.widgets import markdown_copy
from app.ui.widgets.markdown_look import TextStyle

MOST_SHOWN_CHARACTERS = 60_000
MOST_SHOWN_LINES = 1_500
"""Of a text shown as it was typed: more takes Qt longer to lay out than a window may stand still."""
MORE_ADDRESS = "more:"
"""Where the words lead that ask for more of the text."""


class TextBeginning:
    """Which part of a text is in a document, and what stands behind it there."""

    def __init__(self) -> None:
        self._source = ""
        self._parts = 1
        self._note_start: int | None = None

    @property
    def is_cut(self) -> bool:
        return self._note_start is not None

    def begin(self, source: str) -> None:
        """Another text, or the same one longer: of a text that grows as much stays shown as was asked for."""
        if not (self._source and source.startswith(self._source)):
            self._parts = 1
        self._source = source
        self._note_start = None

    def show_more(self) -> None:
        """Show one more part the next time."""
        self._parts += 1

    @property
    def text(self) -> str:
        """The part that is shown, as it stands in the text."""
        end = MOST_SHOWN_CHARACTERS * self._parts
        if len(self._source) <= end and self._source.count("\n") < MOST_SHOWN_LINES * self._parts:
            return self._source
        lines = self._source[:end].split("\n", MOST_SHOWN_LINES * self._parts)
        return "\n".join(lines[: MOST_SHOWN_LINES * self._parts])

    @property
    def is_whole(self) -> bool:
        return len(self.text) == len(self._source)

    def add_note(self, document: QTextDocument, note: str, more: str, style: TextStyle) -> None:
        """Say behind what is shown that there is more of it, in words of which `more` lead on."""
        cursor = QTextCursor(document)
        cursor.movePosition(QTextCursor.MoveOperation.End)
        self._note_start = cursor.position()
        words, link = QTextCharFormat(), QTextCharFormat()
        words.setForeground(QColor(style.colors.muted))
        link.setForeground(QColor(style.colors.accent))
        link.setFontUnderline(True)
        link.setAnchor(True)
        link.setAnchorHref(MORE_ADDRESS)
        space = QTextBlockFormat()
        space.setTopMargin(style.px(theme.SPACE_M))
        cursor.insertBlock(space, words)
        cursor.insertText(f"{note} ", words)
        cursor.insertText(more, link)

    def selected_text(self, cursor: QTextCursor) -> str:
        """What of the text is selected: who selects up to the note means all that it stands for."""
        if self._note_start is None or cursor.selectionEnd() <= self._note_start:
            return markdown_copy.plain_text(cursor, {})
        inside = QTextCursor(cursor.document())
        inside.setPosition(min(cursor.selectionStart(), self._note_start))
        inside.setPosition(self._note_start, QTextCursor.MoveMode.KeepAnchor)
        return markdown_copy.plain_text(inside, {}) + without_turns(self._source[len(self.text) :])

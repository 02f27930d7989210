"""Marks words in a text widget; where the words come from is not known here."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QColor, QTextCursor, QTextDocument
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit

from app.ui.widgets.markdown_look import TextStyle

_MAX_MARKS = 500


def mark(editor: QTextEdit | QPlainTextEdit, words: Sequence[str], style: TextStyle) -> int | None:
    """Mark every place of every word, whatever its case; the top of the first in px, None where there is none."""
    found = [cursor for word in words if word for cursor in _places(editor.document(), word)]
    selections = []
    for cursor in found[:_MAX_MARKS]:
        selection = QTextEdit.ExtraSelection()
        selection.cursor = cursor
        selection.format.setBackground(QColor(style.colors.warning_surface))
        selections.append(selection)
    editor.setExtraSelections(selections)
    if not found:
        return None
    return editor.cursorRect(min(found, key=QTextCursor.position)).top()


def _places(document: QTextDocument, word: str) -> list[QTextCursor]:
    places: list[QTextCursor] = []
    cursor = document.find(word, 0)
    while not cursor.isNull() and len(places) < _MAX_MARKS:
        places.append(cursor)
        cursor = document.find(word, cursor)
    return places

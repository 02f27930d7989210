"""What a selection becomes when it is copied: plain text, Markdown, or rich text that pastes formatted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication, QTextCursor

from app.model.visible import without_controls
from app.ui.widgets.markdown_source import Formula
from app.ui.widgets.markdown_style import MARKDOWN_FEATURES, OBJECT, blocks, image_names


def plain_text(cursor: QTextCursor, formulas: Mapping[str, Formula]) -> str:
    """The selection as one reads it; formulas as their source, pictures left out."""
    text = cursor.selection().toPlainText().replace("\u2028", "\n").replace("\xa0", " ")
    for name in _selected_images(cursor):
        text = text.replace(OBJECT, formulas[name].source if name in formulas else "", 1)
    return text


def markdown(cursor: QTextCursor, formulas: Mapping[str, Formula]) -> str:
    """The selection as Markdown, with formulas as their source."""
    text = cursor.selection().toMarkdown(MARKDOWN_FEATURES).strip("\n")
    for name, formula in formulas.items():
        text = text.replace(f"![formula]({name})", formula.source)
    return text


def rich_text(source: str) -> QMimeData:
    """Markdown as HTML that word processors and mail programs understand, with the Markdown as its plain form."""
    from markdown_it import MarkdownIt

    renderer = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    data = QMimeData()
    source = without_controls(source)
    data.setHtml(renderer.render(source).replace("<table>", '<table border="1" cellspacing="0" cellpadding="4">'))
    data.setText(source)
    return data


def put_text(text: str) -> str:
    """Put `text` on the clipboard without what a terminal would obey when it is pasted there; returns what it is."""
    safe = without_controls(text)
    QGuiApplication.clipboard().setText(safe)
    return safe


def fenced(code: str, language: str) -> str:
    """Code as a Markdown block, whatever backticks it contains."""
    fence = "```"
    while fence in code:
        fence += "`"
    return f"{fence}{language}\n{code}\n{fence}"


def _selected_images(cursor: QTextCursor) -> Iterator[str]:
    for block in blocks(cursor.document()):
        for position, name in image_names(block):
            if cursor.selectionStart() <= position < cursor.selectionEnd():
                yield name

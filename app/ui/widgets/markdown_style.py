"""Gives a document that Qt read from Markdown its typography; what the document says is not touched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)

from app.ui import theme
from app.ui.widgets import markdown_table
from app.ui.widgets.markdown_look import CODE_SCALE, TextStyle
from app.ui.widgets.markdown_source import DISPLAY_FORMULA, FORMULA_SCHEME, LINK_SCHEMES

OBJECT = "\ufffc"
"""What stands for an image in the text of a document."""

_HEADING_SCALES = {1: 1.5, 2: 1.3, 3: 1.13}
_PARAGRAPH_GAP_PX = 11
_ITEM_GAP_PX = 4
_HEADING_GAPS_PX = (20, 7)
_LIST_INDENT_PX = 26
QUOTE_INDENT_PX = 18
_CELL_PADDING_PX = 7

MARKDOWN_FEATURES = QTextDocument.MarkdownFeature.MarkdownDialectGitHub | QTextDocument.MarkdownFeature.MarkdownNoHTML


@dataclass(frozen=True, slots=True)
class Dressed:
    """What was met on the way: space in px to leave above the document, and whether it has links and quotes."""

    space_above_px: int
    has_links: bool
    has_quotes: bool


def dress(document: QTextDocument, style: TextStyle, plain: bool = False) -> Dressed:
    """Apply `style`; the lines of a `plain` text keep together."""
    dresser = _Dresser(document, style, plain)
    cursor = QTextCursor(document)
    cursor.beginEditBlock()
    for table in markdown_table.tables(document):
        markdown_table.repair(table)
    for block in blocks(document):
        dresser.dress_block(block)
    for table in markdown_table.tables(document):
        markdown_table.dress(table, style)
    above = _take_space_above(document)
    cursor.endEditBlock()
    return Dressed(above, dresser.has_links, dresser.has_quotes)


def blocks(document: QTextDocument) -> Iterator[QTextBlock]:
    block = document.begin()
    while block.isValid():
        yield block
        block = block.next()


def quote_level(block: QTextBlock) -> int:
    return block.blockFormat().intProperty(QTextFormat.Property.BlockQuoteLevel)


def image_names(block: QTextBlock) -> Iterator[tuple[int, str]]:
    """Position in the document and name of each image of a paragraph."""
    for text_range in block.textFormats():
        if text_range.format.isImageFormat():
            name = text_range.format.toImageFormat().name()
            for index in range(text_range.length):  # the same picture twice in a row is one range
                yield block.position() + text_range.start + index, name


def _image_name(block: QTextBlock) -> str:
    return next((name for _position, name in image_names(block)), "")


def _formula_format(old: QTextCharFormat) -> QTextCharFormat | None:
    image = old.toImageFormat()
    if not image.name().startswith(FORMULA_SCHEME):
        return None
    image.setVerticalAlignment(QTextCharFormat.VerticalAlignment.AlignMiddle)
    return image


def _take_space_above(document: QTextDocument) -> int:
    """The document's first and last margins: its neighbours are other widgets, which keep their distance."""
    first, last = QTextCursor(document.firstBlock()), QTextCursor(document.lastBlock())
    above = round(first.blockFormat().topMargin())
    start, end = QTextBlockFormat(), QTextBlockFormat()
    start.setTopMargin(0)
    end.setBottomMargin(0)
    first.mergeBlockFormat(start)
    last.mergeBlockFormat(end)
    return above


class _Dresser:
    """Walks through one document."""

    def __init__(self, document: QTextDocument, style: TextStyle, plain: bool) -> None:
        self.has_links = False
        self.has_quotes = False
        self._style = style
        self._plain = plain
        font = style.text_font()
        self._gap = max(0.0, style.px(theme.BODY_PX) * theme.LINE_HEIGHT_PERCENT / 100 - QFontMetricsF(font).height())
        if document.defaultFont() != font:
            document.setDefaultFont(font)
        if document.documentMargin():  # to set it, even to what it is, lays the document out
            document.setDocumentMargin(0)
        if document.indentWidth() != style.px(_LIST_INDENT_PX):
            document.setIndentWidth(style.px(_LIST_INDENT_PX))

    def dress_block(self, block: QTextBlock) -> None:
        old = block.blockFormat()
        for text_range in block.textFormats():
            new = self._text_format(text_range.format, old)
            if new is not None:
                cursor = QTextCursor(block)
                cursor.setPosition(block.position() + text_range.start)
                cursor.setPosition(cursor.position() + text_range.length, QTextCursor.MoveMode.KeepAnchor)
                cursor.setCharFormat(new)
        QTextCursor(block).mergeBlockFormat(self._block_format(block, old))

    def _text_format(self, old: QTextCharFormat, block_format: QTextBlockFormat) -> QTextCharFormat | None:
        if old.isImageFormat():
            return _formula_format(old)
        new = QTextCharFormat(old)
        heading = block_format.headingLevel()
        if old.isAnchor():
            self._dress_link(new)
        elif self._style.muted or block_format.hasProperty(QTextFormat.Property.BlockQuoteLevel):
            new.setForeground(QColor(self._style.colors.muted))
        if old.fontFixedPitch():
            self._dress_code(new)
        if heading:
            scale = _HEADING_SCALES.get(heading, 1.0)
            new.clearProperty(QTextFormat.Property.FontSizeAdjustment)
            new.setProperty(QTextFormat.Property.FontPixelSize, self._style.px(theme.BODY_PX * scale))
            new.setFontWeight(QFont.Weight.DemiBold)
        return None if new == old else new

    def _dress_link(self, new: QTextCharFormat) -> None:
        if new.anchorHref().startswith(LINK_SCHEMES):
            self.has_links = True
            new.setForeground(QColor(self._style.colors.accent))
            new.setFontUnderline(True)
            return
        # A file of this machine or a place on a page: nothing a message may lead to.
        new.setAnchor(False)
        new.setAnchorHref("")
        new.setFontUnderline(False)
        new.setForeground(QColor(self._style.text_color))

    def _dress_code(self, new: QTextCharFormat) -> None:
        new.setFontFamilies(self._style.code_font().families())
        new.setBackground(QColor(self._style.colors.raised))
        new.setProperty(QTextFormat.Property.FontPixelSize, self._style.px(theme.BODY_PX * CODE_SCALE))

    def _block_format(self, block: QTextBlock, old: QTextBlockFormat) -> QTextBlockFormat:
        new = QTextBlockFormat()
        new.setTopMargin(0)
        new.setBottomMargin(self._style.px(self._gap_after(block)))
        new.setLineHeight(self._gap, QTextBlockFormat.LineHeightTypes.LineDistanceHeight.value)
        if block.textList() is None:
            new.setMarker(QTextBlockFormat.MarkerType.NoMarker)  # Qt lets a task's box leak into the next paragraph
        if old.headingLevel():
            new.setTopMargin(self._style.px(_HEADING_GAPS_PX[0]))
            new.setBottomMargin(self._style.px(_HEADING_GAPS_PX[1]))
        level = quote_level(block)
        if level:
            self.has_quotes = True
            new.setLeftMargin(level * self._style.px(QUOTE_INDENT_PX))
            new.setRightMargin(0)
        if block.text() == OBJECT and _image_name(block).startswith(DISPLAY_FORMULA):
            new.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        if old.hasProperty(QTextFormat.Property.BlockTrailingHorizontalRulerWidth):
            new.setBackground(QColor(self._style.colors.border))  # the colour of the line itself
        if old.nonBreakableLines():  # code inside a list or a quote: no room for a scroll bar of its own
            new.setNonBreakableLines(False)
            new.setBackground(QColor(self._style.colors.surface))
        return new

    def _gap_after(self, block: QTextBlock) -> float:
        if self._plain or QTextCursor(block).currentTable() is not None:
            return 0
        following = block.next()
        if block.blockFormat().nonBreakableLines() and following.blockFormat().nonBreakableLines():
            return 0
        inside_list = block.textList() is not None and following.isValid() and following.textList() is not None
        return _ITEM_GAP_PX if inside_list else _PARAGRAPH_GAP_PX

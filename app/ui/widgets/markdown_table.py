"""Gives the tables of a document their look, and repairs what Qt's Markdown reader leaves around them."""

from __future__ import annotations

from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrameFormat,
    QTextTable,
)

from app.ui.widgets.markdown_look import TextStyle

_CELL_PADDING_PX = (6, 3, 8)  # above, below (where the space between lines comes on top), beside
_GAPS_PX = (3, 10)


def tables(document: QTextDocument) -> list[QTextTable]:
    return [frame for frame in document.rootFrame().childFrames() if isinstance(frame, QTextTable)]


def repair(table: QTextTable) -> None:
    """After a quote Qt 6.12 puts an empty paragraph before the text of the first cell."""
    cell = table.cellAt(0, 0)
    cursor = cell.firstCursorPosition()
    if not cursor.block().text() and cursor.block() != cell.lastCursorPosition().block():
        cursor.deleteChar()


def dress(table: QTextTable, style: TextStyle) -> None:
    """Lines between the rows, a stronger one under the head; no frame."""
    table_format = table.format()
    table_format.setBorder(0)
    table_format.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_None)
    table_format.setBorderCollapse(True)
    table_format.setCellSpacing(0)
    table_format.setTopMargin(style.px(_GAPS_PX[0]))
    table_format.setBottomMargin(style.px(_GAPS_PX[1]))
    table_format.setHeaderRowCount(1)
    table.setFormat(table_format)
    for row in range(table.rows()):
        for column in range(table.columns()):
            _dress_cell(table, row, column, style)
    _fold_paragraph_after(table)


def _dress_cell(table: QTextTable, row: int, column: int, style: TextStyle) -> None:
    cell = table.cellAt(row, column)
    above, below, beside = (style.px(padding) for padding in _CELL_PADDING_PX)
    cell_format = cell.format().toTableCellFormat()
    cell_format.setTopPadding(above)
    cell_format.setBottomPadding(below)
    cell_format.setLeftPadding(0 if column == 0 else beside)
    cell_format.setRightPadding(beside)
    cell_format.setBottomBorder(1)
    cell_format.setBottomBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
    color = style.colors.outline if row == 0 else style.colors.border
    cell_format.setBottomBorderBrush(QBrush(QColor(color)))
    cell.setFormat(cell_format)
    if row == 0:
        _dress_head(table, column)


def _dress_head(table: QTextTable, column: int) -> None:
    """Bold, and aligned like what stands below: Qt reads the alignment of a column for its body only."""
    cell = table.cellAt(0, column)
    cursor = cell.firstCursorPosition()
    cursor.setPosition(cell.lastCursorPosition().position(), QTextCursor.MoveMode.KeepAnchor)
    bold = QTextCharFormat()
    bold.setFontWeight(QFont.Weight.DemiBold)
    cursor.mergeCharFormat(bold)
    if table.rows() > 1:
        aligned = QTextBlockFormat()
        aligned.setAlignment(table.cellAt(1, column).firstCursorPosition().blockFormat().alignment())
        cursor.mergeBlockFormat(aligned)


def _fold_paragraph_after(table: QTextTable) -> None:
    """A document goes on after a table with a paragraph, empty where the text does not: it must take no room."""
    block = table.document().findBlock(table.lastPosition() + 1)
    rule = QTextFormat.Property.BlockTrailingHorizontalRulerWidth
    if not block.isValid() or block.text() or block.blockFormat().hasProperty(rule):
        return
    nothing = QTextBlockFormat()
    nothing.setLineHeight(0, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
    nothing.setBottomMargin(0)
    QTextCursor(block).mergeBlockFormat(nothing)

"""Where the parts of a message stand in a row of the transcript; it places them and shows nothing."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QFrame

from app.ui import theme
from app.ui.chat.message_attachments import INSET_PX, MessageAttachments
from app.ui.chat.message_body import MessageBody
from app.ui.chat.message_footer import BUTTON_INSET_PX, MessageFooter, StateNote
from app.ui.chat.message_reasoning import ReasoningFold
from app.ui.widgets.plain_label import PlainLabel

_BUBBLE_SHARE = 0.85  # of the reading column, so that it is seen on which side a bubble stands
_BUBBLE_PADDING_PX = (14, 9, 5)  # beside, above, below, where the space between two lines comes on top


@dataclass(slots=True)
class MessageLayout:
    """The widgets of a message from top to bottom; `in_bubble` puts the text into a bubble at the right."""

    header: PlainLabel
    attachments: MessageAttachments
    reasoning: ReasoningFold
    bubble: QFrame
    body: MessageBody
    note: StateNote
    footer: MessageFooter
    in_bubble: bool = False

    def place(self, width: int, column_px: int) -> int:
        """Place everything in a row `width` px wide, the text `column_px` at most; returns the height."""
        column = QRect(0, 0, max(1, min(column_px, width - 2 * theme.SPACE_L)), 0)
        column.moveLeft((width - column.width()) // 2)
        bottom = self._place_above(column, theme.SPACE_M)
        bottom = self._place_bubble(column, bottom) if self.in_bubble else self._place_text(column, bottom)
        if not self.note.isHidden():
            height = self.note.height_for(column.width())
            bottom += theme.SPACE_S
            self.note.setGeometry(column.left(), bottom, column.width(), height)
            bottom += height
        return self._place_footer(column, bottom) + theme.SPACE_S

    def visible_column(self) -> QRect:
        """What a focus ring goes around, sideways."""
        return self.header.geometry()

    def _place_above(self, column: QRect, top: int) -> int:
        """The name, the files and the reasoning."""
        height = self.header.sizeHint().height()
        self.header.setGeometry(column.left(), top, column.width(), height)
        bottom = top + height + theme.SPACE_XS
        if not self.attachments.isHidden():
            bottom += self._place_attachments(column, bottom)
        if not self.reasoning.isHidden():
            height = self.reasoning.height_for(column.width())
            self.reasoning.setGeometry(column.left() - BUTTON_INSET_PX, bottom, column.width(), height)
            bottom += height + theme.SPACE_S
        return bottom

    def _place_attachments(self, column: QRect, top: int) -> int:
        """In the order in which they were attached, above a bubble in line with its right edge."""
        width = self.attachments.natural_width(column.width()) if self.in_bubble else column.width()
        left = column.right() + 1 - width + INSET_PX if self.in_bubble else column.left()
        height = self.attachments.height_for(width)
        self.attachments.setGeometry(left, top, width, height)
        return height

    def _place_text(self, column: QRect, top: int) -> int:
        height = self.body.height_for(column.width())
        self.body.setGeometry(column.left(), top, column.width(), height)
        return top + height

    def _place_footer(self, column: QRect, top: int) -> int:
        """Beside a bubble where there is room: most of the time nothing is shown of it, and it would leave a gap."""
        height, beside = self.footer.line_height(), self.footer.width_beside_bubble()
        left = self.bubble.x() - theme.SPACE_S
        if self.in_bubble and not self.bubble.isHidden() and 0 < beside <= left - column.left():
            self.footer.setGeometry(column.left(), top - height, left - column.left(), height)
            return top
        top += theme.SPACE_XS
        inset = BUTTON_INSET_PX if self.in_bubble else -BUTTON_INSET_PX
        self.footer.setGeometry(column.left() + inset, top, column.width(), height)
        return top + height

    def _place_bubble(self, column: QRect, top: int) -> int:
        if self.bubble.isHidden():
            return top
        beside, above, below = _BUBBLE_PADDING_PX
        width = self.body.natural_width(round(column.width() * _BUBBLE_SHARE) - 2 * beside)
        height = self.body.height_for(width)
        left = column.right() + 1 - width - 2 * beside
        self.bubble.setGeometry(left, top, width + 2 * beside, height + above + below)
        self.body.setGeometry(left + beside, top + above, width, height)
        return top + height + above + below

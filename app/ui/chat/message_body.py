"""The text of a message as a column of parts, texts and code cards; growing touches the last ones only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QRect, Signal
from PySide6.QtWidgets import QWidget

from app.ui import theme
from app.ui.chat.message_parts import MessageParts, can_show
from app.ui.chat.message_selection import MessageSelection, Part, editor_of
from app.ui.widgets.code_card import CodeCard
from app.ui.widgets.markdown_blocks import Block, CodeBlock, TextBlock, split, split_plain
from app.ui.widgets.markdown_look import TextStyle
from app.ui.widgets.markdown_pictures import TextContext
from app.ui.widgets.markdown_search import mark
from app.ui.widgets.markdown_stream import BlockStream
from app.ui.widgets.markdown_view import MarkdownView

_TEXT_GAP_PX = 11
_CODE_GAP_PX = theme.SPACE_M


@dataclass(slots=True)
class _Shown:
    """A part, what it shows, and how high it is (None: to be measured)."""

    part: Part
    block: Block
    height: int | None = None


class MessageBody(QWidget):
    """Shows the text of one message after another.

    Signals:
        link_activated(str), copied(str): from the parts.
        wrap_toggled(int, bool): the reader changed the line breaking of the card at that place among the parts, and so
            its height.
        height_changed(): something arrived; ask `height_for` again.
    """

    link_activated = Signal(str)
    copied = Signal(str)
    wrap_toggled = Signal(int, bool)
    height_changed = Signal()

    def __init__(self, context: TextContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.selection = MessageSelection(self.parts, self)
        self._style = TextStyle(theme.colors())
        self._plain = False
        self._wrapped: frozenset[int] = frozenset()
        self._shown: list[_Shown] = []
        self._stream = BlockStream()
        self._width = -1
        self._parts = MessageParts(context, self)
        self._parts.made.connect(self.selection.watch)
        self._parts.link_activated.connect(self.link_activated)
        self._parts.copied.connect(self.copied)
        self._parts.height_changed.connect(self._on_part_height_changed)
        self._parts.card_wrapped.connect(self._on_card_wrapped)

    def parts(self) -> list[Part]:
        """The parts from top to bottom."""
        return [shown.part for shown in self._shown]

    def show_text(
        self, text: str, style: TextStyle, plain: bool = False, wrapped: frozenset[int] = frozenset()
    ) -> None:
        """Show a text that is whole; parts that show the right thing already are left alone."""
        if (style, plain) != (self._style, self._plain):
            self._take_back(0)
        self._style, self._plain, self._wrapped = style, plain, wrapped
        blocks = split_plain(text) if plain else split(text)
        self._apply([_closed(block) for block in blocks], 0)

    def start(self, text: str, style: TextStyle, wrapped: frozenset[int] = frozenset()) -> None:
        """Show a text that will grow."""
        self.show_text("", style, wrapped=wrapped)
        self._stream = BlockStream()
        self.grow(text)

    def grow(self, text: str) -> None:
        """Add to the text shown since `start`."""
        settled = self._stream.settled
        self._stream.append(text)
        self._apply(self._stream.blocks, settled)

    def height_for(self, width: int) -> int:
        """Place the parts in `width` px; returns how high they are together."""
        anew = width != self._width
        self._width = width
        bottom = 0
        for index, shown in enumerate(self._shown):
            if anew or shown.height is None:
                shown.height = shown.part.height_for(width)
            bottom += self._gap_above(index)
            place = QRect(0, bottom, width, shown.height)
            if shown.part.geometry() != place:
                shown.part.setGeometry(place)
            bottom += shown.height
        return bottom

    def natural_width(self, limit: int) -> int:
        """How wide a text shown as it was typed would like to be, `limit` px at most."""
        widths = (limit if isinstance(part, CodeCard) else part.natural_width() for part in self.parts())
        return min(max(widths, default=0), limit)

    def mark(self, words: Sequence[str]) -> int | None:
        """Mark `words`; the top of the first mark in px, None where there is none."""
        tops = []
        for shown in self._shown:
            top = mark(editor_of(shown.part), words, self._style)
            if top is not None:
                tops.append(shown.part.y() + top)
        return min(tops, default=None)

    def release(self) -> None:
        """Forget the text; some parts are kept to show another one."""
        self._take_back(0)

    def _apply(self, blocks: Sequence[Block], start: int) -> None:
        for index in range(start, len(blocks)):
            if index >= len(self._shown):
                self._shown.append(_Shown(self._parts.take(blocks[index]), blocks[index]))
            elif self._shown[index].block == blocks[index]:
                continue
            elif not can_show(self._shown[index].part, blocks[index]):
                self._parts.give_back(self._shown[index].part)
                self._shown[index] = _Shown(self._parts.take(blocks[index]), blocks[index])
            self._fill(index, blocks[index])
        self._take_back(len(blocks))

    def _fill(self, index: int, block: Block) -> None:
        shown = self._shown[index]
        shown.block, shown.height = block, None
        if isinstance(shown.part, CodeCard) and isinstance(block, CodeBlock):
            shown.part.show_code(block, self._style, index in self._wrapped)
        elif isinstance(shown.part, MarkdownView) and isinstance(block, TextBlock):
            shown.part.show_text(block.source, self._style, self._plain)

    def _take_back(self, count: int) -> None:
        while len(self._shown) > count:
            self._parts.give_back(self._shown.pop().part)

    def _gap_above(self, index: int) -> int:
        if index == 0:
            return 0
        part, above = self._shown[index].part, self._shown[index - 1].part
        if isinstance(part, CodeCard) or isinstance(above, CodeCard):
            gap = self._style.px(_CODE_GAP_PX)
        else:
            gap = self._style.px(_TEXT_GAP_PX)
        return gap if isinstance(part, CodeCard) else max(gap, part.space_above_px)

    def _on_part_height_changed(self, part: Part) -> None:
        for shown in self._shown:
            if shown.part is part:
                shown.height = None
        self.height_changed.emit()

    def _on_card_wrapped(self, card: CodeCard, wrapped: bool) -> None:
        index = self.parts().index(card)
        self._shown[index].height = None
        self.wrap_toggled.emit(index, wrapped)


def _closed(block: Block) -> Block:
    """In a text that is whole even a code block without an end has ended."""
    return replace(block, closed=True) if isinstance(block, CodeBlock) and not block.closed else block

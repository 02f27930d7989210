"""Makes the widgets of which the text of a message consists, and keeps a few that are not needed for the next one."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.ui.chat.message_selection import Part
from app.ui.widgets.code_card import CodeCard
from app.ui.widgets.markdown_blocks import Block, CodeBlock
from app.ui.widgets.markdown_pictures import TextContext
from app.ui.widgets.markdown_view import MarkdownView

_MAX_SPARE = 8


class MessageParts(QObject):
    """Serves one message body, `holder`.

    Signals:
        made(object): a new part.
        link_activated(str), copied(str): from any part.
        height_changed(object): a part has to be measured again.
        card_wrapped(object, bool): the reader switched the line breaking of a card.
    """

    made = Signal(object)
    link_activated = Signal(str)
    copied = Signal(str)
    height_changed = Signal(object)
    card_wrapped = Signal(object, bool)

    def __init__(self, context: TextContext, holder: QWidget) -> None:
        super().__init__(holder)
        self._context = context
        self._holder = holder
        self._spare_texts: list[MarkdownView] = []
        self._spare_cards: list[CodeCard] = []

    def take(self, block: Block) -> Part:
        """A part that can show `block`; it shows nothing yet."""
        part: Part
        if isinstance(block, CodeBlock):
            part = self._spare_cards.pop() if self._spare_cards else self._new_card()
        else:
            part = self._spare_texts.pop() if self._spare_texts else self._new_text()
        part.show()
        return part

    def give_back(self, part: Part) -> None:
        """The part is not needed now."""
        part.hide()
        part.release()
        if isinstance(part, CodeCard) and len(self._spare_cards) < _MAX_SPARE:
            self._spare_cards.append(part)
        elif isinstance(part, MarkdownView) and len(self._spare_texts) < _MAX_SPARE:
            self._spare_texts.append(part)
        else:
            part.deleteLater()

    def _new_text(self) -> MarkdownView:
        text = MarkdownView(self._context, self._holder)
        text.link_activated.connect(self.link_activated)
        text.height_changed.connect(lambda: self.height_changed.emit(text))
        self.made.emit(text)
        return text

    def _new_card(self) -> CodeCard:
        card = CodeCard(self._holder)
        card.copied.connect(self.copied)
        card.wrap_toggled.connect(lambda wrapped: self.card_wrapped.emit(card, wrapped))
        self.made.emit(card)
        return card


def can_show(part: Part, block: Block) -> bool:
    """Whether `part` is of the kind that `block` needs."""
    return isinstance(part, CodeCard) is isinstance(block, CodeBlock)

"""One message of the transcript as a widget; it is used for one message after another while the reader scrolls."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QFrame, QWidget

from app.ui import theme
from app.ui.chat.message_attachments import MessageAttachments
from app.ui.chat.message_body import MessageBody
from app.ui.chat.message_clipboard import MessageClipboard
from app.ui.chat.message_footer import MessageFooter, StateNote
from app.ui.chat.message_layout import MessageLayout
from app.ui.chat.message_reasoning import ReasoningFold
from app.ui.chat.transcript_model import MessageRow
from app.ui.widgets.formula import FormulaRenderer
from app.ui.widgets.markdown_look import TextStyle
from app.ui.widgets.markdown_pictures import TextContext
from app.ui.widgets.plain_label import PlainLabel

ATTACHMENT_SCHEME = "attachment:"
_SPOKEN_CHARACTERS = 300
_NOBODY = MessageRow(-1, "assistant", "")


@dataclass(slots=True)
class ViewState:
    """What the reader changed in a message; it outlives the widget."""

    unfolded: bool = False
    wrapped: frozenset[int] = frozenset()


class MessageView(QWidget):
    """Shows a `MessageRow`.

    Signals (the first argument is the message's id where there is one):
        edit_requested(int), regenerate_requested(int), continue_requested(int), branch_requested(int)
        version_requested(int, int): -1 for the version before, 1 for the next.
        attachment_activated(int, int): message and attachment.
        link_activated(str), copied(str)
        height_changed(int): something arrived and the message has to be measured again.
        refolded(int): the same, because the reader folded, unfolded or wrapped something.
    """

    edit_requested = Signal(int)
    regenerate_requested = Signal(int)
    continue_requested = Signal(int)
    branch_requested = Signal(int)
    version_requested = Signal(int, int)
    attachment_activated = Signal(int, int)
    link_activated = Signal(str)
    copied = Signal(str)
    height_changed = Signal(int)
    refolded = Signal(int)

    def __init__(self, formulas: FormulaRenderer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row = _NOBODY
        self._state = ViewState()
        self._style = TextStyle(theme.colors())
        self._build(TextContext(formulas, self._picture))
        self.clipboard = MessageClipboard(self, self.body.selection, lambda: self.row.text)
        self._connect()

    def show_row(self, row: MessageRow, style: TextStyle, state: ViewState) -> None:
        """Show `row`; `state` is kept up to date."""
        self.row, self._state, self._style = row, state, style
        self.attachments.show_attachments(row.attachments)
        self.attachments.setVisible(bool(row.attachments))
        self._show_reasoning()
        text_style = TextStyle(style.colors, style.zoom_percent, muted=row.role == "system")
        if row.state == "streaming":
            self.body.start(row.text, text_style, state.wrapped)
        else:
            self.body.show_text(row.text, text_style, row.role != "assistant", state.wrapped)
        self._layout.in_bubble = row.role == "user"
        self.bubble.setVisible(row.role == "user" and bool(row.text))
        self.note.show_row(row)
        self.footer.show_row(row)
        self._retranslate()

    def grow(self, row: MessageRow, text: str, reasoning: str) -> None:
        """Show `row`, which is the row shown with `text` and `reasoning` added."""
        before, self.row = self.row, row
        if reasoning and before.reasoning:
            self.reasoning.grow(reasoning)
        elif reasoning:
            self._show_reasoning()
        if text:
            self.body.grow(text)
            self.reasoning.set_duration(thinking=False, duration_s=row.reasoning_s)
        if not before.text and not before.reasoning:
            self.note.show_row(row)

    def height_for(self, width: int) -> int:
        """Place everything in `width` px; returns how high the message is."""
        return self._layout.place(width, self._style.px(theme.READING_COLUMN_PX))

    @property
    def is_in_use(self) -> bool:
        """Whether the reader would lose something if the widget showed another message."""
        focused = QApplication.focusWidget()
        has_focus = focused is not None and (focused is self or self.isAncestorOf(focused))
        return has_focus or not self.body.selection.is_empty

    def set_current(self, current: bool) -> None:
        """Whether the keyboard is in this message."""
        self.footer.set_focused(current)
        self.update()

    def release(self) -> None:
        """Forget the message: the widget waits for another one."""
        self.row = _NOBODY
        self.footer.release()
        self.attachments.release()
        self.reasoning.release()
        self.body.release()

    def _build(self, context: TextContext) -> None:
        self.header = PlainLabel(parent=self)
        self.header.setObjectName("role_label")
        theme.give_role(self.header, theme.Role.SMALL)
        self.attachments = MessageAttachments(self)
        self.reasoning = ReasoningFold(context, self)
        self.bubble = QFrame(self)
        theme.give_role(self.bubble, theme.Role.BUBBLE)
        self.body = MessageBody(context, self)
        self.body.setObjectName("body")
        self.note = StateNote(self)
        self.footer = MessageFooter(self)
        self._layout = MessageLayout(
            self.header, self.attachments, self.reasoning, self.bubble, self.body, self.note, self.footer
        )

    def _connect(self) -> None:
        self.footer.copy_requested.connect(self.clipboard.copy_markdown)
        self.footer.edit_requested.connect(lambda: self.edit_requested.emit(self.row.id))
        self.footer.regenerate_requested.connect(lambda: self.regenerate_requested.emit(self.row.id))
        self.footer.branch_requested.connect(lambda: self.branch_requested.emit(self.row.id))
        self.footer.version_requested.connect(lambda step: self.version_requested.emit(self.row.id, step))
        self.note.continue_requested.connect(lambda: self.continue_requested.emit(self.row.id))
        self.attachments.attachment_activated.connect(lambda item: self.attachment_activated.emit(self.row.id, item))
        self.reasoning.toggled.connect(self._on_reasoning_toggled)
        self.body.wrap_toggled.connect(self._on_body_wrap_toggled)
        for body in (self.body, self.reasoning.body):
            body.link_activated.connect(self.link_activated)
            body.copied.connect(self.copied)
            body.height_changed.connect(lambda: self.height_changed.emit(self.row.id))
        self.clipboard.copied.connect(self.copied)

    def _retranslate(self) -> None:
        names = {"user": self.tr("You"), "assistant": self.tr("Assistant"), "system": self.tr("System")}
        self.header.setText(names[self.row.role])
        sides = Qt.AlignmentFlag
        self.header.setAlignment(sides.AlignRight if self.row.role == "user" else sides.AlignLeft)
        spoken = self.row.text[:_SPOKEN_CHARACTERS]
        if self.row.role == "assistant" and self.row.model:
            self.setAccessibleName(self.tr("Answer by {model}: {text}").format(model=self.row.model, text=spoken))
        else:
            self.setAccessibleName(self.tr("{who}: {text}").format(who=names[self.row.role], text=spoken))
        self.setAccessibleDescription(self.row.small_print)

    def _show_reasoning(self) -> None:
        thinking = self.row.state == "streaming" and not self.row.text
        self.reasoning.setVisible(bool(self.row.reasoning))
        self.reasoning.set_duration(thinking, self.row.reasoning_s)
        self.reasoning.show_reasoning(self.row.reasoning, self._style, self._state.unfolded)

    def _picture(self, address: str) -> QImage | None:
        """A picture of this message's own, as `attachment:ID`."""
        for item in self.row.attachments:
            if item.kind == "image" and address == f"{ATTACHMENT_SCHEME}{item.id}":
                image = QImage(str(item.path))
                return None if image.isNull() else image
        return None

    def _on_reasoning_toggled(self, unfolded: bool) -> None:
        self._state.unfolded = unfolded
        self.refolded.emit(self.row.id)

    def _on_body_wrap_toggled(self, index: int, wrapped: bool) -> None:
        self._state.wrapped = self._state.wrapped | {index} if wrapped else self._state.wrapped - {index}
        self.refolded.emit(self.row.id)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes through what can be done with this message, in the order of reading, and then leaves."""
        stops = [self, *self._tab_stops()]
        focused = QApplication.focusWidget()
        index = next((place for place, stop in enumerate(stops) if stop is focused), 0)
        index += 1 if forward else -1
        if 0 <= index < len(stops):
            stops[index].setFocus(Qt.FocusReason.TabFocusReason)
            return True
        return super().focusNextPrevChild(forward)

    def _tab_stops(self) -> list[QWidget]:
        stops = [
            child
            for child in self.findChildren(QWidget)
            if child.isVisible() and child.isEnabled() and child.focusPolicy().value & Qt.FocusPolicy.TabFocus.value
        ]
        return sorted(stops, key=lambda child: child.mapTo(self, child.rect().topLeft()).toTuple()[::-1])

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.hasFocus():
            return
        column = self._layout.visible_column()
        ring = QRectF(column.left() - theme.SPACE_M, 1, column.width() + 2 * theme.SPACE_M, self.height() - 2)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self._style.colors.accent), 2))
        painter.drawRoundedRect(ring, theme.RADIUS_PX, theme.RADIUS_PX)
        painter.end()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

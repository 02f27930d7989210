"""The transcript of a conversation: shows messages and says what the reader wants done with them; it does nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtWidgets import QWidget

from app.ui import theme
from app.ui.chat.message_view import MessageView
from app.ui.chat.transcript_announcer import TranscriptAnnouncer
from app.ui.chat.transcript_column import TranscriptColumn
from app.ui.chat.transcript_drag import TranscriptDrag
from app.ui.chat.transcript_keyboard import TranscriptKeyboard
from app.ui.chat.transcript_model import MessageRow
from app.ui.chat.transcript_newest import NewestButton
from app.ui.chat.transcript_rows import TranscriptRows
from app.ui.chat.transcript_stream import TranscriptStream
from app.ui.widgets.formula import FormulaRenderer
from app.ui.widgets.markdown_look import TextStyle

_STYLE_EVENTS = (QEvent.Type.PaletteChange, QEvent.Type.StyleChange, QEvent.Type.FontChange)


class Transcript(TranscriptColumn):
    """Messages from the first to the last; their number costs nothing. `rows` are as they were last drawn.

    Signals:
        edit_requested(int), regenerate_requested(int), continue_requested(int), branch_requested(int): a message's id.
        version_requested(int, int): a message's id, -1 for the version before it or 1 for the next.
        attachment_activated(int, int): ids of message and attachment.
        link_activated(str): the address; nothing has been opened.
        copied(str): the plain text that was put on the clipboard.
        at_end_changed(bool): the reader came to the end, or left it.
    """

    edit_requested = Signal(int)
    regenerate_requested = Signal(int)
    continue_requested = Signal(int)
    branch_requested = Signal(int)
    version_requested = Signal(int, int)
    attachment_activated = Signal(int, int)
    link_activated = Signal(str)
    copied = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        self._formulas = FormulaRenderer()
        self.rows = TranscriptRows(self._formulas)
        super().__init__(self.rows, parent)
        self._zoom_percent: int | None = None
        self.stream = TranscriptStream(self)
        self.announcer = TranscriptAnnouncer(self)
        self._keyboard = TranscriptKeyboard(self)
        self._drag = TranscriptDrag(self)
        self.newest_button = NewestButton(self)
        self._polished = QTimer(self, singleShot=True, interval=0)  # only then all labels have their new fonts
        self._polished.timeout.connect(self._restyle)
        self._connect()

    def set_messages(self, rows: Iterable[MessageRow]) -> None:
        """Show another conversation, from its end."""
        self._drag.stop()
        self.stream.clear()
        self.rows.replace_all(rows)
        self.stage.reset()
        self.scroll_to_end()

    def append_message(self, row: MessageRow) -> None:
        with self.place_kept():
            self.rows.append(row)
            self.stage.insert(len(self.rows) - 1, 1)

    def prepend_messages(self, rows: Sequence[MessageRow]) -> None:
        """Put messages above all others; the reader sees what he saw before."""
        with self.place_kept(moved_by=len(rows)):
            self.rows.prepend(rows)
            self.stage.insert(0, len(rows))
        self._keyboard.look_again()

    def replace_message(self, row: MessageRow) -> None:
        """Show `row` instead of the row of the same id.

        Raises:
            KeyError: there is none.
        """
        self.stream.forget(row.id)
        with self.place_kept():
            self.stage.load(self.rows.replace(row))

    def remove_from(self, message_id: int) -> None:
        """Remove a message and all that follow it.

        Raises:
            KeyError: there is no such message.
        """
        self._draw_pending()
        index = self.rows.place(message_id)
        with self.place_kept():
            self.stage.truncate(index)
            self.rows.truncate(index)

    def append_text(self, message_id: int, text: str = "", reasoning: str = "") -> None:
        """Add a piece to a streaming message; cheap, it is drawn with the next frame.

        Pieces for a message that is not (or no longer) shown are dropped.
        """
        self.stream.add(message_id, text, reasoning)

    def finish(self, row: MessageRow) -> None:
        """The streaming message of this id is whole (or ended otherwise): show it as `row`."""
        self._draw_pending()
        self.announcer.finish()
        self.replace_message(row)

    def show_message(self, message_id: int, highlight: str = "") -> None:
        """Scroll to a message and mark the words of `highlight` in it, the first of them in view.

        Raises:
            KeyError: there is no such message.
        """
        index = self.rows.place(message_id)
        words = tuple(highlight.split())
        self.rows.mark(message_id, words)
        for live in self.stage.live().values():
            live.body.mark(())
        self.scroll_to(index)
        view = self.stage.view(index)
        first = view.body.mark(words) if view is not None else None
        if view is not None and first is not None:
            self.scroll_to(index, max(0, view.body.y() + first - self.viewport().height() // 3))

    def set_zoom(self, percent: int) -> None:
        """Show texts at `percent` of their size; until this is called they follow the zoom of the theme."""
        self._zoom_percent = percent
        self._restyle()

    def _retranslate(self) -> None:
        self.setAccessibleName(self.tr("Conversation"))

    def _connect(self) -> None:
        self.stage.view_made.connect(self._on_stage_view_made)
        self.stream.due.connect(self._draw_pending)
        self.newest_button.clicked.connect(self.scroll_to_end)
        self.at_end_changed.connect(self.newest_button.set_at_end)
        self.destroyed.connect(self._formulas.close)
        self._restyle()
        self._retranslate()

    def _on_stage_view_made(self, view: MessageView) -> None:
        """What is asked of a message is asked of the transcript."""
        self._drag.watch(view.body.selection)
        view.edit_requested.connect(self.edit_requested)
        view.regenerate_requested.connect(self.regenerate_requested)
        view.continue_requested.connect(self.continue_requested)
        view.branch_requested.connect(self.branch_requested)
        view.version_requested.connect(self.version_requested)
        view.attachment_activated.connect(self.attachment_activated)
        view.link_activated.connect(self.link_activated)
        view.copied.connect(self.copied)

    def _draw_pending(self) -> None:
        for message_id, text, reasoning in self.stream.take():
            if message_id not in self.rows:
                continue
            index = self.rows.place(message_id)
            row = self.rows[index]
            grown = replace(row, text=row.text + text, reasoning=row.reasoning + reasoning)
            self.rows.replace(grown)
            self.announcer.add(text)
            view = self.stage.view(index)
            if view is not None:
                with self.place_kept():
                    view.grow(grown, text, reasoning)
                    self.stage.measure(index)

    def _restyle(self) -> None:
        zoom = self._zoom_percent or theme.zoom_percent()
        style, before = TextStyle(theme.colors(), zoom), self.rows.style
        with self.place_kept():
            self.rows.style = style
            if style.zoom_percent != before.zoom_percent:
                self.stage.guess_heights()
            for index in self.stage.live():
                if style == before:
                    self.stage.measure(index)
                else:
                    self.stage.load(index)

    def focusNextPrevChild(self, forward: bool) -> bool:
        return self._keyboard.tab(forward)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in _STYLE_EVENTS:
            self._restyle()
            self._polished.start()
        elif event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

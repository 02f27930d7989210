"""ConversationView: the conversation on show as widgets: transcript or welcome, status line and composer; no work."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.model.chat import AnswerStarted, ChatEvent, Draft, Message, MessageState, Role, TextDelta
from app.ui import theme
from app.ui.chat.answers import LiveAnswer
from app.ui.chat.composer import Composer
from app.ui.chat.editing import Editing
from app.ui.chat.rows import as_row
from app.ui.chat.status_line import StatusLine
from app.ui.chat.transcript import Transcript
from app.ui.chat.welcome import Welcome

_NEARLY_ALL = 10_000


class ConversationView(QWidget):
    """Shows messages and an answer that arrives.

    Signals:
        submitted(Draft): Send was pressed.
        attachment_activated(Attachment): one in a message is to be opened.
    """

    submitted = Signal(object)
    attachment_activated = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.transcript = Transcript()
        self.welcome = Welcome()
        self.status_line = StatusLine()
        self.composer = Composer()
        self.pages = QStackedWidget()
        self.messages: dict[int, Message] = {}
        """The branch on show by id, from the first message to the last."""
        self.editing = Editing(self.composer)
        self._bottom = QWidget()
        self._build()

    def show_messages(self, messages: Sequence[Message], live: LiveAnswer | None = None) -> None:
        """Replace the transcript; `live` is the answer that arrives in the conversation at the moment, if one does."""
        self.messages = {message.id: message for message in messages}
        self.transcript.set_messages([as_row(message) for message in messages])
        stored = None if live is None else self.messages.get(live.message_id)
        if live is not None and stored is not None and stored.state is MessageState.STREAMING:
            text, reasoning = "".join(live.text), "".join(live.reasoning)
            self.transcript.append_text(stored.id, text[len(stored.text) :], reasoning[len(stored.reasoning) :])
        self.status_line.show_wait(live)
        self._update_page()

    def show_draft(self, draft: Draft) -> None:
        """Put a draft into the composer; an edit is over."""
        self.editing.give_way(draft)

    def begin_answer(self, started: AnswerStarted) -> None:
        """The prompt, if it is new, and the growing answer below it; an old version and what followed it give way."""
        for message in (started.prompt, started.answer):
            if message is None:
                continue
            if message.id in self.messages:
                self.transcript.replace_message(as_row(message))
            else:
                self._cut_versions(message)
                self.transcript.append_message(as_row(message))
            self.messages[message.id] = message
        if started.prompt is not None:
            self._take_from_composer(started.prompt)
            self.transcript.scroll_to_end()
        self._update_page()

    def add(self, live: LiveAnswer, event: ChatEvent) -> None:
        """A piece of the answer, or what it is waiting for."""
        self.status_line.show_wait(live)
        if isinstance(event, TextDelta):
            self.transcript.append_text(live.message_id, event.text + event.refusal, event.reasoning)

    def finish(self, message: Message) -> None:
        """The answer as it was stored in the end."""
        if message.id in self.messages:
            self.status_line.show_wait(None)
            self.messages[message.id] = message
            self.transcript.finish(as_row(message))

    def edit(self, message_id: int) -> None:
        """Put a prompt into the composer; sending it makes a new version."""
        message = self.messages.get(message_id)
        if message is not None and message.role is Role.USER:
            self.editing.begin(message)

    def edit_last(self) -> None:
        """The last prompt, as Up in the empty composer asks."""
        prompts = [message.id for message in self.messages.values() if message.role is Role.USER]
        if prompts:
            self.edit(prompts[-1])

    def _cut_versions(self, message: Message) -> None:
        """Take away the version that `message` replaces: the one with the same parent, and all below it."""
        ids = list(self.messages)
        for place, other in enumerate(self.messages.values()):
            if other.parent_id == message.parent_id:
                self.transcript.remove_from(other.id)
                self.messages = {kept: self.messages[kept] for kept in ids[:place]}
                return

    def _take_from_composer(self, prompt: Message) -> None:
        """The composer's content became `prompt`; what was written since is kept."""
        if self.editing.message_id is not None:
            self.editing.end()
        elif self.composer.prompt() == prompt.text:
            self.show_draft(Draft(""))

    def _build(self) -> None:
        self.setObjectName("conversation_view")
        self.transcript.setObjectName("transcript")
        self.pages.addWidget(self.welcome)
        self.pages.addWidget(self.transcript)
        self.composer.submitted.connect(self._on_composer_submitted)
        self.composer.recalled.connect(self.edit_last)
        self.transcript.edit_requested.connect(self.edit)
        self.transcript.attachment_activated.connect(self._on_transcript_attachment_activated)
        self.welcome.example_chosen.connect(self._on_welcome_example_chosen)
        self._bottom.setMaximumWidth(_column_px())
        bottom = QVBoxLayout(self._bottom)
        bottom.setContentsMargins(theme.SPACE_L, theme.SPACE_XS, theme.SPACE_L, theme.SPACE_L)
        bottom.setSpacing(theme.SPACE_XS)
        bottom.addWidget(self.status_line)
        bottom.addWidget(self.composer)
        centred = QHBoxLayout()
        centred.addStretch(1)
        centred.addWidget(self._bottom, _NEARLY_ALL)  # the rest counts only when it has its full width
        centred.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.pages, 1)
        column.addLayout(centred)
        self._update_page()

    def _update_page(self) -> None:
        self.pages.setCurrentWidget(self.transcript if self.messages else self.welcome)

    def _on_composer_submitted(self, text: str) -> None:
        self.submitted.emit(Draft(text, self.composer.strip.attachments()))

    def _on_transcript_attachment_activated(self, message_id: int, attachment_id: int) -> None:
        for attachment in self.messages[message_id].attachments:
            if attachment.id == attachment_id:
                self.attachment_activated.emit(attachment)

    def _on_welcome_example_chosen(self, text: str) -> None:
        self.composer.set_content(text, self.composer.strip.attachments())
        self.composer.changed.emit()
        self.composer.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys that transcript and welcome page do not want: Escape as in the composer, text goes there."""
        if event.key() == Qt.Key.Key_Escape:
            self.composer.cancel()
        elif not self.composer.field.type_into(event):
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            for message in self.messages.values():
                if message.state is not MessageState.STREAMING:
                    self.transcript.replace_message(as_row(message))
        elif event.type() is QEvent.Type.FontChange:
            self._bottom.setMaximumWidth(_column_px())


def _column_px() -> int:
    """As wide as the reading column and a little more, for the frame around what is written."""
    return theme.px(theme.READING_COLUMN_PX) + 4 * theme.SPACE_L

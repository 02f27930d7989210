"""ConversationView: the conversation on show as widgets: transcript or welcome, status line and composer; no work."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.model.chat import AnswerStarted, Attachment, ChatEvent, Draft, Message, Role, TextDelta
from app.ui import theme
from app.ui.chat.answers import LiveAnswer
from app.ui.chat.composer import Composer
from app.ui.chat.rows import as_row
from app.ui.chat.status_line import StatusLine
from app.ui.chat.transcript import Transcript
from app.ui.chat.welcome import Welcome


class ConversationView(QWidget):
    """Shows messages and an answer that arrives; knows which prompt is being edited.

    Signals:
        submitted(Draft): Send was pressed.
        edit_cancelled(): the composer is to show the draft again.
    """

    submitted = Signal(object)
    edit_cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.transcript = Transcript()
        self.welcome = Welcome()
        self.status_line = StatusLine()
        self.composer = Composer()
        self.pages = QStackedWidget()
        self.editing: int | None = None
        self._messages: dict[int, Message] = {}
        self._build()

    def show_messages(self, messages: list[Message], live: LiveAnswer | None = None) -> None:
        """Replace the transcript; `live` is the answer that arrives in it at the moment."""
        self._messages = {message.id: message for message in messages}
        self.transcript.set_messages([as_row(message) for message in messages])
        if live is not None and live.message_id in self._messages:
            stored = self._messages[live.message_id]
            text, reasoning = "".join(live.text), "".join(live.reasoning)
            self.transcript.append_text(stored.id, text[len(stored.text) :], reasoning[len(stored.reasoning) :])
        self._update_page()

    def show_draft(self, draft: Draft) -> None:
        """Put a draft into the composer; an edit is over."""
        self._end_edit()
        self.composer.set_content(draft.text, draft.attachments)

    def begin_answer(self, started: AnswerStarted) -> None:
        """The prompt, if it is new, and the growing answer below it; an old version and what followed it give way."""
        for message in (started.prompt, started.answer):
            if message is None:
                continue
            if message.id in self._messages:
                self.transcript.replace_message(as_row(message))
                self._messages[message.id] = message
            else:
                self._cut_versions(message)
                self._messages[message.id] = message
                self.transcript.append_message(as_row(message))
        if started.prompt is not None:
            self.show_draft(Draft(""))
        self._update_page()

    def add(self, event: ChatEvent) -> None:
        """A piece of the answer, or what it is waiting for."""
        self.status_line.show_event(event)
        if isinstance(event, TextDelta) and self._messages:
            answer_id = next(reversed(self._messages))
            self.transcript.append_text(answer_id, event.text + event.refusal, event.reasoning)

    def finish(self, message: Message) -> None:
        """The answer as it was stored in the end."""
        self.status_line.show_event(None)
        if message.id in self._messages:
            self._messages[message.id] = message
            self.transcript.finish(as_row(message))

    def edit(self, message_id: int) -> None:
        """Put a prompt into the composer; sending it makes a new version."""
        message = self._messages.get(message_id)
        if message is not None and message.role is Role.USER:
            self.editing = message_id
            self.composer.set_content(message.text, message.attachments)
            self.composer.set_editing(True)
            self.composer.setFocus()

    def edit_last(self) -> None:
        """The last prompt, as Up in the empty composer asks."""
        prompts = [message.id for message in self._messages.values() if message.role is Role.USER]
        if prompts:
            self.edit(prompts[-1])

    def place_of(self, message_id: int) -> int:
        """The position of a message on the branch on show, 0 if it is not there."""
        return list(self._messages).index(message_id) if message_id in self._messages else 0

    def attachment(self, message_id: int, attachment_id: int) -> Attachment | None:
        message = self._messages.get(message_id)
        found = message.attachments if message is not None else ()
        return next((attachment for attachment in found if attachment.id == attachment_id), None)

    def _cut_versions(self, message: Message) -> None:
        """Take away the version that `message` replaces: the one with the same parent, and all below it."""
        for other in list(self._messages.values()):
            if other.parent_id == message.parent_id:
                self.transcript.remove_from(other.id)
                kept = self.place_of(other.id)
                self._messages = dict(list(self._messages.items())[:kept])
                return

    def _end_edit(self) -> None:
        self.editing = None
        self.composer.set_editing(False)

    def _build(self) -> None:
        self.setObjectName("conversation_view")
        self.transcript.setObjectName("transcript")
        self.pages.addWidget(self.welcome)
        self.pages.addWidget(self.transcript)
        self.composer.submitted.connect(self._on_composer_submitted)
        self.composer.recalled.connect(self.edit_last)
        self.composer.edit_cancelled.connect(self.edit_cancelled)
        self.transcript.edit_requested.connect(self.edit)
        self.welcome.example_chosen.connect(self._on_welcome_example_chosen)
        self.composer.setMaximumWidth(theme.READING_COLUMN_PX + 2 * theme.SPACE_L)
        bottom = QVBoxLayout()
        bottom.setContentsMargins(theme.SPACE_L, theme.SPACE_XS, theme.SPACE_L, theme.SPACE_L)
        bottom.addWidget(self.status_line)
        bottom.addWidget(self.composer)
        centred = QHBoxLayout()
        centred.addStretch(1)
        centred.addLayout(bottom, 100)
        centred.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.pages, 1)
        column.addLayout(centred)
        self._update_page()

    def _update_page(self) -> None:
        self.pages.setCurrentWidget(self.transcript if self._messages else self.welcome)

    def _on_composer_submitted(self, text: str) -> None:
        self.submitted.emit(Draft(text, self.composer.strip.attachments()))

    def _on_welcome_example_chosen(self, text: str) -> None:
        self.composer.set_content(text)
        self.composer.changed.emit()
        self.composer.setFocus()

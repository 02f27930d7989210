"""ConversationView: puts the messages of the conversation on show into its page; no work."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from app.model.chat import AnswerStarted, ChatEvent, Draft, Message, MessageState, Role, TextDelta
from app.ui.chat.answers import LiveAnswer
from app.ui.chat.conversation_page import ConversationPage
from app.ui.chat.editing import Editing
from app.ui.chat.rows import as_row
from app.ui.chat.status_line import StatusLine
from app.ui.chat.transcript import Transcript


class ConversationView(QObject):
    """Shows messages and an answer that arrives.

    Signals:
        submitted(Draft): Send was pressed.
        attachment_activated(Attachment): one in a message is to be opened.
    """

    submitted = Signal(object)
    attachment_activated = Signal(object)

    def __init__(self, page: ConversationPage) -> None:
        super().__init__(page)
        self.page = page
        self.welcome, self.composer = page.welcome, page.composer
        self.transcript = Transcript()
        self.status_line = StatusLine()
        self.messages: dict[int, Message] = {}
        """The branch on show by id, from the first message to the last."""
        self.editing = Editing(self.composer)
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
        self.show_page()

    def show_earlier(self, messages: Sequence[Message]) -> None:
        """Put messages above those on show; the reader stays where he is."""
        self.messages = {message.id: message for message in messages} | self.messages
        self.transcript.prepend_messages([as_row(message) for message in messages])
        self.editing.go_on(messages)

    def show_page(self) -> None:
        """The transcript, or the welcome where nothing was said yet."""
        self.page.show_transcript(bool(self.messages))

    def show_draft(self, draft: Draft) -> None:
        """Put a draft into the composer; an edit gives way, and one of a message on show that had to goes on."""
        self.editing.give_way(draft)
        self.editing.go_on(list(self.messages.values()))

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
        self.show_page()

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
        self.page.add_message_widgets(self.transcript, self.status_line)
        self.page.language_changed.connect(self._on_page_language_changed)
        self.composer.submitted.connect(self._on_composer_submitted)
        self.composer.recalled.connect(self.edit_last)
        self.transcript.edit_requested.connect(self.edit)
        self.transcript.attachment_activated.connect(self._on_transcript_attachment_activated)

    def _on_composer_submitted(self, text: str) -> None:
        self.submitted.emit(Draft(text, self.composer.strip.attachments()))

    def _on_transcript_attachment_activated(self, message_id: int, attachment_id: int) -> None:
        for attachment in self.messages[message_id].attachments:
            if attachment.id == attachment_id:
                self.attachment_activated.emit(attachment)

    def _on_page_language_changed(self) -> None:
        """The small print of messages is in the interface's language."""
        for message in self.messages.values():
            if message.state is not MessageState.STREAMING:
                self.transcript.replace_message(as_row(message))

"""ChatTab: conversations at the left, the one on show in the middle, its parameters at the right."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout

from app.model.chat import ChatParameters
from app.model.providers import BUILT_IN_ID, Capability, ModelReference
from app.ui.chat.branching import Branching
from app.ui.chat.columns import Columns
from app.ui.chat.conversation_view import ConversationView
from app.ui.chat.conversations import Conversations
from app.ui.chat.desktop import Desktop
from app.ui.chat.local_keys import local_keys
from app.ui.chat.opening import Wish
from app.ui.chat.talk import Talk
from app.ui.chat.unsaved import UnsavedWords
from app.ui.tab import Command, HandOver, Tab
from app.workers.attachments import AttachmentWorker
from app.workers.chat import ChatWorker
from app.workers.library import LibraryWorker


class ChatTab(Tab):
    """Chat completion. `set_enter_sends` follows the settings; `conversation_id` is to be kept for the next start.

    Signals:
        conversation_changed(): `conversation_id` may be another now.
    """

    conversation_changed = Signal()

    id = "chat"
    capability = Capability.CHAT

    def __init__(
        self,
        worker: ChatWorker,
        library: LibraryWorker,
        attachments: AttachmentWorker,
        columns: Columns | None = None,
    ) -> None:
        """`columns` may be on the screen already; what was typed, sent or searched for in them counts."""
        super().__init__()
        self.columns = columns or Columns()
        self.sidebar, self.view = self.columns.sidebar, ConversationView(self.columns.page)
        self.parameters = self.columns.parameters
        self.talk = Talk(self.view, worker, library, attachments)
        self.branching = Branching(worker, self)
        self.conversations = Conversations(self.sidebar, library)
        self.desktop = Desktop(self)
        self.unsaved = UnsavedWords(self.talk.current, self.talk.unstored, self.talk.answers)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.columns)
        self._connect()
        self.talk.current.note_draft(self.view.composer.text())

    @property
    def conversation_id(self) -> int | None:
        """The conversation on show, None for a new one."""
        return self.talk.current.id

    def set_model(self, model: ModelReference | None) -> None:
        if model != self.talk.current.model:
            self.recovered.emit()
        self.talk.current.choose_model(model)
        if model is not None and self.columns.page.was_sent:
            self.columns.page.was_sent = False
            self.view.composer.submit()
        self.view.welcome.set_local(None if model is None else model.provider_id == BUILT_IN_ID)

    def set_zoom(self, percent: int) -> None:
        self.view.transcript.set_zoom(percent)

    def set_enter_sends(self, enter_sends: bool) -> None:
        self.view.composer.set_enter_sends(enter_sends)

    def show_first(self, conversation_id: int | None = None) -> None:
        """Read the list and show a conversation; a new one if none is named, that one is gone, or one was begun."""
        self.conversations.reload()
        self.talk.opening.open(Wish(conversation_id, gives_way=True))

    def open(self, conversation_id: int | None, message_id: int = 0, highlight: str = "") -> None:
        """Show a conversation (None: a new one), at a message if one is named, with words marked in it."""
        self.talk.opening.open(Wish(conversation_id, message_id, highlight))

    def commands(self) -> list[Command]:
        columns, conversations, shown = self.columns, self.conversations, self.conversation_id
        found = [
            Command("chat.new", self.tr("New conversation"), "Ctrl+N", lambda: self.open(None)),
            Command("chat.search", self.tr("Search conversations"), "Ctrl+F", columns.focus_search),
            Command("chat.attach", self.tr("Attach files"), "Ctrl+O", self.desktop.choose_files),
            Command("chat.sidebar", self.tr("Show or hide conversations"), "Ctrl+B", columns.sidebar_button.toggle),
            Command("chat.parameters", self.tr("Show or hide parameters"), "Ctrl+P", columns.parameters_button.toggle),
            Command("chat.stop", self.tr("Stop the answer"), "", self.talk.stop),
        ]
        if shown is not None:
            found += [
                Command("chat.pin", self.tr("Pin or unpin this conversation"), "", partial(conversations.pin, shown)),
                Command("chat.export", self.tr("Export this conversation"), "", partial(conversations.export, shown)),
                Command("chat.delete", self.tr("Delete this conversation"), "", partial(conversations.delete, shown)),
            ]
        return found + local_keys(enter_sends=self.view.composer.field.enter_sends)

    def take(self, hand_over: HandOver) -> None:
        """Files become attachments of the draft; text is put into the composer."""
        self.talk.attach(list(hand_over.files))
        if hand_over.text:
            self.view.composer.field.insertPlainText(hand_over.text)
        self.view.composer.setFocus()

    def reload(self) -> None:
        """The list, and the conversation on show: it may have gone on elsewhere. What is being edited in it stays."""
        self.conversations.reload()
        if self.conversation_id is not None and self.view.editing.message_id is None:
            self.open(self.conversation_id)

    def activated(self) -> None:
        self.view.composer.setFocus()

    async def aclose(self) -> None:
        for part in (self.desktop, self.branching, self.talk, self.conversations):
            await part.aclose()

    def _connect(self) -> None:
        self.sidebar.new_requested.connect(lambda: self.open(None))
        self.sidebar.opened.connect(self.open)
        self.parameters.changed.connect(self.talk.current.note_settings)
        self.talk.opening.shown.connect(self._on_opening_shown)
        self.talk.current.created.connect(lambda: self.sidebar.list.set_current(self.conversation_id))
        self.talk.current.created.connect(self.conversation_changed)
        self.talk.changed.connect(self.conversations.reload)
        self.talk.failed.connect(self.failed)
        self.talk.answers.working_changed.connect(self.working_changed)
        self.talk.answers.started.connect(lambda _: self.recovered.emit())
        self.conversations.removed.connect(self.talk.opening.put_away)
        self.conversations.listed.connect(self._show_title)
        self.conversations.restored.connect(self.open)
        self.view.welcome.connect_requested.connect(lambda: self.settings_requested.emit("providers"))
        self.desktop.files_brought.connect(lambda files: self.take(HandOver(self.id, tuple(files))))
        self.desktop.picture_brought.connect(lambda picture: self.talk.attach([], (picture,)))
        self.view.composer.attach_pressed.connect(self.desktop.choose_files)
        self.view.composer.field.text_refused.connect(self.desktop.refuse_text)
        self.view.composer.attachment_activated.connect(self.desktop.open_attachment)
        self.view.transcript.link_activated.connect(self.desktop.follow)
        self.view.attachment_activated.connect(self.desktop.open_attachment)
        self.view.transcript.branch_requested.connect(self.branching.begin)
        self.branching.begun.connect(lambda _: self.conversations.reload())
        self.branching.begun.connect(self.open)
        for source in (self.branching, self.conversations, self.desktop):
            source.failed.connect(lambda error: self.failed.emit(error, None))

    def _on_opening_shown(self, wish: Wish) -> None:
        conversation = self.talk.current.shown.configured
        self.sidebar.list.set_current(self.conversation_id)
        self.conversation_changed.emit()
        self._show_title()
        if conversation is None:
            self.parameters.set_values("", ChatParameters())
        else:
            self.parameters.set_values(conversation.system_prompt, conversation.parameters)
            if conversation.model not in (None, self.talk.current.model):
                self.model_chosen.emit(conversation.model)
        (self.view.transcript if wish.message_id else self.view.composer).setFocus()

    def _show_title(self) -> None:
        self.columns.title_label.setText(self.conversations.title_of(self.conversation_id))

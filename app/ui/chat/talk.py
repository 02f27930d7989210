"""Talk: the running work of the conversation on show: opens it, sends, stops, regenerates and stores what changes."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from PySide6.QtCore import QObject, Signal

from app.model.chat import AnswerEnded, AnswerStarted, Attachment, AttachmentKind, ChatEvent, Draft
from app.model.errors import AppError, ModelNotFound, UnsupportedContent
from app.ui.chat.answers import Answers
from app.ui.chat.conversation_view import ConversationView
from app.ui.chat.current_conversation import CurrentConversation
from app.ui.chat.intake import Intake
from app.ui.job import Job, JobState
from app.workers.attachments import AttachmentWorker
from app.workers.chat import ChatWorker
from app.workers.library import LibraryWorker


class Talk(QObject):
    """Stands between the view and the workers; answers in other conversations go on while one is on show.

    Signals:
        failed(AppError, retry)
        shown(): another conversation is on show; `current.value` is it, None for a new one.
        changed(): titles or times changed, the list is to be read again.
    """

    failed = Signal(object, object)
    shown = Signal()
    changed = Signal()

    def __init__(
        self,
        view: ConversationView,
        worker: ChatWorker,
        library: LibraryWorker,
        attachments: AttachmentWorker,
    ) -> None:
        super().__init__(view)
        self._view = view
        self._worker = worker
        self._library = library
        self.current = CurrentConversation(library, self)
        self.answers = Answers(self)
        self.intake = Intake(attachments, self.current.ensure, self)
        self._jobs = [Job(self) for _ in range(3)]
        self._opening, self._sending, self._refreshing = self._jobs
        self._wanted: list[tuple[int | None, int, str]] = []
        self._stale: list[int] = []
        self._connect()

    def open(self, conversation_id: int | None, message_id: int = 0, highlight: str = "") -> None:
        """Show a conversation (None: a new one), at a message if one is named; the last wish wins."""
        self._wanted = [(conversation_id, message_id, highlight)]
        if not self._opening.running:
            self._opening.start(self._open_wanted())

    def submit(self, draft: Draft) -> None:
        """Send `draft`, or the edited prompt as a new version."""
        model = self.current.model
        if model is None:
            self.failed.emit(ModelNotFound(model="—"), None)
        elif self._view.editing is not None:
            self._start(self._worker.edit(self._view.editing, draft, model))
        else:
            self._sending.start(self._send(draft))

    def regenerate(self, answer_id: int) -> None:
        """Another version of an answer, by the model that is chosen now."""
        if self.current.model is not None:
            self._start(self._worker.regenerate(answer_id, self.current.model))

    def resume(self, answer_id: int) -> None:
        """Go on with an answer that did not come to its end."""
        self._start(self._worker.resume(answer_id))

    def switch_version(self, message_id: int, step: int) -> None:
        """Show another version, unless an answer is arriving on this branch."""
        if self.answers.state(self.current.id) is JobState.IDLE:
            self._refreshing.start(self._switch_version(message_id, step))

    async def aclose(self) -> None:
        """Stop answers and save the draft."""
        await self.answers.aclose()
        await self.intake.aclose()
        for job in self._jobs:
            await job.aclose()
        await self.current.aclose()

    def _connect(self) -> None:
        view, composer = self._view, self._view.composer
        view.submitted.connect(self.submit)
        view.edit_cancelled.connect(lambda: self.open(self.current.id))
        view.transcript.regenerate_requested.connect(self.regenerate)
        view.transcript.continue_requested.connect(self.resume)
        view.transcript.version_requested.connect(self.switch_version)
        composer.stop_pressed.connect(lambda: self.answers.stop(self.current.id or 0))
        composer.files_offered.connect(self.intake.add_files)
        composer.image_offered.connect(self.intake.add_picture)
        composer.attachment_removed.connect(self.intake.remove)
        composer.changed.connect(self._on_composer_changed)
        self.current.created.connect(lambda _: self.shown.emit())
        self.current.created.connect(lambda _: self.changed.emit())
        self.intake.attached.connect(self._on_intake_attached)
        self.answers.arrived.connect(self._on_answers_arrived)
        self.answers.ended.connect(self._on_answers_ended)
        self.answers.failed.connect(self._on_answers_failed)
        self.answers.state_changed.connect(lambda *_: self._show_state())
        for source in (self.current.failed, self.intake.failed, *(job.failed for job in self._jobs)):
            source.connect(lambda error: self.failed.emit(error, None))
        self._refreshing.ended.connect(self._refresh_stale)

    async def _open_wanted(self) -> None:
        while self._wanted:
            conversation_id, message_id, highlight = self._wanted.pop()
            await self.current.leave()
            opened = None
            if message_id:
                await self._library.show(message_id)
            if conversation_id is not None:
                opened = await self._library.open(conversation_id)
            if self._wanted:
                continue
            self.current.value = opened.conversation if opened else None
            live = self.answers.live(opened.conversation.id) if opened else None
            self._view.show_messages(list(opened.messages) if opened else [], live)
            self._view.show_draft(opened.draft if opened else Draft(""))
            self._view.status_line.show_event(None)
            if message_id and opened:
                self._view.transcript.show_message(message_id, highlight)
            self._show_state()
            self.shown.emit()

    async def _send(self, draft: Draft) -> None:
        await self.current.ensure()
        assert self.current.model is not None
        assert self.current.id is not None
        self._start(self._worker.send(self.current.id, draft, self.current.model))

    async def _switch_version(self, message_id: int, step: int) -> None:
        place = self._view.place_of(message_id)
        messages = await self._library.switch_version(message_id, step)
        self._view.show_messages(messages)
        self._view.transcript.show_message(messages[place].id, "")

    def _start(self, events: AsyncGenerator[ChatEvent]) -> None:
        if self.current.id is not None:
            self.answers.start(self.current.id, events)

    def _show_state(self) -> None:
        self._view.composer.set_state(self.answers.state(self.current.id))

    def _refresh_stale(self) -> None:
        if self._stale:
            self._refreshing.start(self._refresh())

    async def _refresh(self) -> None:
        """Show how answers ended that were stopped or failed: their stored form is the truth."""
        while self._stale:
            self._view.finish(await self._library.message(self._stale.pop()))

    def _on_composer_changed(self) -> None:
        if self._view.editing is None:
            self.current.note_draft(self._view.composer.text())

    def _on_intake_attached(self, conversation_id: int, attachment: Attachment) -> None:
        if conversation_id == self.current.id:
            self._view.composer.add_attachment(attachment)
        model = self.current.model
        if attachment.kind is AttachmentKind.IMAGE and model is not None and not self._worker.can_see(model):
            self.failed.emit(UnsupportedContent(), None)

    def _on_answers_arrived(self, conversation_id: int, event: ChatEvent) -> None:
        if isinstance(event, AnswerStarted | AnswerEnded):
            self.changed.emit()
        if conversation_id != self.current.id:
            return
        if isinstance(event, AnswerStarted):
            if event.prompt is not None:
                self.current.forget_draft()
            self._view.begin_answer(event)
        elif isinstance(event, AnswerEnded):
            self._view.finish(event.answer)
        else:
            self._view.add(event)

    def _on_answers_ended(self, conversation_id: int, message_id: int) -> None:
        if message_id and conversation_id == self.current.id:
            self._stale.append(message_id)
            if not self._refreshing.running:
                self._refresh_stale()

    def _on_answers_failed(self, conversation_id: int, error: AppError) -> None:
        live = self.answers.live(conversation_id)
        retry = None
        if live is not None and error.retryable:
            message_id = live.message_id
            retry = lambda: self.resume(message_id)  # noqa: E731 - a callable for the notice's button
        self.failed.emit(error, retry)

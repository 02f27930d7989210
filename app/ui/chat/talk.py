"""Talk: what is asked in the conversation on show: sending, stopping, attaching files, and what becomes of it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.model.chat import AnswerEnded, AnswerStarted, Attachment, AttachmentKind, ChatEvent, Draft
from app.model.errors import AppError, NoModelChosen, StorageFailed, UnsupportedContent
from app.model.providers import ModelReference
from app.ui.chat.answers import Answers
from app.ui.chat.asking_again import AskingAgain
from app.ui.chat.conversation_view import ConversationView
from app.ui.chat.current_conversation import CurrentConversation, ShownConversation
from app.ui.chat.intake import Intake
from app.ui.chat.opening import Opening
from app.ui.chat.unstored import Unstored
from app.ui.job import Errands
from app.workers.attachments import AttachmentWorker
from app.workers.chat import ChatWorker
from app.workers.library import LibraryWorker


class Talk(QObject):
    """Stands between the view and the workers; answers in other conversations go on while one is on show.

    Signals:
        failed(AppError, retry)
        changed(): titles, times or drafts changed, the list is to be read again.
    """

    failed = Signal(object, object)
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
        self.current = CurrentConversation(library, self)
        self.answers = Answers(self)
        self.unstored = Unstored(library, self)
        self.again = AskingAgain(worker, self.current, self.answers, self.unstored, self)
        self.opening = Opening(view, library, self.current, self.answers, self.unstored)
        self.intake = Intake(attachments, self)
        self._sending = Errands(self)
        self._connect()

    def submit(self, draft: Draft) -> None:
        """Send `draft`, or the edited prompt as a new version."""
        model, shown, edited = self.current.model, self.current.shown, self._view.editing.message_id
        if model is None:
            self.failed.emit(NoModelChosen(), None)
        elif edited is not None and self.current.id is not None:
            self.answers.start(self.current.id, self._worker.edit(edited, draft, model))
        else:
            self.current.choose_model(model)
            shown.draft = None  # it becomes a message now: no save of it may come after that
            self._sending.add(partial(self._send, shown, draft, model))

    def stop(self) -> None:
        """Stop the answer that arrives in the conversation on show."""
        self.answers.stop(self.current.id)

    def attach(self, files: list[Path], pictures: tuple[bytes, ...] = ()) -> None:
        """Take files, and pictures that have none, into the draft of the conversation on show."""
        self.intake.add_files(self.current.shown, files)
        for picture in pictures:
            self.intake.add_picture(self.current.shown, picture)

    async def aclose(self) -> None:
        """Stop answers, finish what was asked, save the draft."""
        await self._sending.aclose()
        await self.answers.aclose()
        await self.opening.aclose()
        await self.intake.aclose()
        await self.current.aclose()
        await self.unstored.aclose()

    def _connect(self) -> None:
        view, composer = self._view, self._view.composer
        view.submitted.connect(self.submit)
        view.editing.cancelled.connect(self._on_editing_cancelled)
        view.transcript.regenerate_requested.connect(self.again.regenerate)
        view.transcript.continue_requested.connect(self.again.resume)
        view.transcript.version_requested.connect(self.opening.switch_version)
        composer.stop_pressed.connect(self.stop)
        composer.files_offered.connect(self.attach)
        composer.image_offered.connect(lambda picture: self.attach([], (picture,)))
        composer.attachment_removed.connect(self.intake.remove)
        composer.changed.connect(self._on_composer_changed)
        self.current.created.connect(self.changed)
        self.current.called.connect(self.changed)
        self.opening.changed.connect(self.changed)
        self.intake.attached.connect(self._on_intake_attached)
        self.answers.arrived.connect(self._on_answers_arrived)
        self.answers.failed.connect(self._on_answers_failed)
        self.answers.ended.connect(self._on_answers_ended)
        self.answers.state_changed.connect(self._on_answers_state_changed)
        self.current.not_saved.connect(self.unstored.keep_conversation)
        self.unstored.stored.connect(view.finish)
        for source in (self.intake, self.again, self._sending):
            source.failed.connect(lambda error: self.failed.emit(error, None))
        for keeping in (self.current, self.opening, self.unstored):
            keeping.failed.connect(self._on_keeping_failed)

    async def _send(self, shown: ShownConversation, draft: Draft, model: ModelReference) -> None:
        try:
            await shown.save()
            conversation_id = await shown.ensure()
        except AppError:
            shown.give_back(draft.text)
            raise
        self.answers.start(conversation_id, self._worker.send(conversation_id, draft, model))

    def _on_editing_cancelled(self, added: list[Attachment]) -> None:
        for attachment in added:
            self.intake.remove(attachment)

    def _on_composer_changed(self) -> None:
        if self._view.editing.message_id is None:
            self.current.note_draft(self._view.composer.text())

    def _on_intake_attached(self, conversation_id: int, attachment: Attachment) -> None:
        if conversation_id == self.current.id:
            self._view.composer.strip.add(attachment)
        model = self.current.model
        if attachment.kind is AttachmentKind.IMAGE and model is not None and not self._worker.can_see(model):
            self.failed.emit(UnsupportedContent(), None)

    def _on_answers_arrived(self, conversation_id: int, event: ChatEvent) -> None:
        if isinstance(event, AnswerStarted | AnswerEnded):
            self.changed.emit()
        live = self.answers.live(conversation_id)
        if conversation_id != self.current.id or live is None:
            return
        if isinstance(event, AnswerStarted):
            self._view.begin_answer(event)
            self._view.add(live, event)
            self._on_composer_changed()  # what became a message is no draft any more, also if the disk took it late
        elif isinstance(event, AnswerEnded):
            self._view.finish(event.answer)
        else:
            self._view.add(live, event)

    def _on_keeping_failed(self, error: AppError) -> None:
        is_kept = isinstance(error, StorageFailed) and self.unstored.holds_something
        self.failed.emit(error, self.unstored.try_again if is_kept else None)

    def _on_answers_failed(self, conversation_id: int, error: AppError) -> None:
        live = self.answers.live(conversation_id)
        if live is not None and isinstance(error, StorageFailed):  # also of one that has only thought so far
            self.unstored.keep_answer(live)
            self.failed.emit(error, self.unstored.try_again)
            return
        self.failed.emit(error, None if live is None else self.again.remedy(error, live.message_id, conversation_id))

    def _on_answers_ended(self, conversation_id: int) -> None:
        live = self.answers.live(conversation_id)
        if conversation_id != self.current.id:
            return
        if live is None:
            self.opening.look_again()
        elif not live.is_over:
            self.opening.refresh(live.message_id)

    def _on_answers_state_changed(self, *_: object) -> None:
        self._view.composer.set_state(self.answers.state(self.current.id))

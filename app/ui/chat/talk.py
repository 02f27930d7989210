"""Talk: what is asked in the conversation on show: sending, stopping, regenerating, going on, attaching files."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.model.chat import AnswerEnded, AnswerStarted, Attachment, AttachmentKind, ChatEvent, Draft
from app.model.errors import AppError, NoModelChosen, StorageFailed, UnsupportedContent
from app.model.providers import ModelReference
from app.ui.chat.answers import Answers
from app.ui.chat.conversation_view import ConversationView
from app.ui.chat.current_conversation import CurrentConversation, ShownConversation
from app.ui.chat.intake import Intake
from app.ui.chat.opening import Opening
from app.ui.job import Errands
from app.ui.notices import SendWithout
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
        self.opening = Opening(view, library, self.current, self.answers)
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

    def regenerate(self, answer_id: int) -> None:
        """Another version of an answer, by the model that is chosen now."""
        if self.current.model is None:
            self.failed.emit(NoModelChosen(), None)
        elif self.current.id is not None:
            self.answers.start(self.current.id, self._worker.regenerate(answer_id, self.current.model))

    def resume(self, answer_id: int, conversation_id: int | None = None) -> None:
        """Go on with an answer that did not come to its end, in the conversation on show unless another is named."""
        conversation_id = conversation_id or self.current.id
        if self.current.model is None:
            self.failed.emit(NoModelChosen(), None)
        elif conversation_id is not None:
            self.answers.start(conversation_id, self._worker.resume(answer_id, self.current.model))

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

    def _connect(self) -> None:
        view, composer = self._view, self._view.composer
        view.submitted.connect(self.submit)
        view.editing.cancelled.connect(self._on_editing_cancelled)
        view.transcript.regenerate_requested.connect(self.regenerate)
        view.transcript.continue_requested.connect(self.resume)
        view.transcript.version_requested.connect(self.opening.switch_version)
        composer.stop_pressed.connect(self.stop)
        composer.files_offered.connect(self.attach)
        composer.image_offered.connect(lambda picture: self.attach([], (picture,)))
        composer.attachment_removed.connect(self.intake.remove)
        composer.changed.connect(self._on_composer_changed)
        self.current.created.connect(self.changed)
        self.opening.changed.connect(self.changed)
        self.opening.not_stored.connect(self.failed)
        self.intake.attached.connect(self._on_intake_attached)
        self.answers.arrived.connect(self._on_answers_arrived)
        self.answers.failed.connect(self._on_answers_failed)
        self.answers.ended.connect(self._on_answers_ended)
        self.answers.state_changed.connect(self._on_answers_state_changed)
        for source in (self.current, self.intake, self.opening, self._sending):
            source.failed.connect(lambda error: self.failed.emit(error, None))

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
        elif isinstance(event, AnswerEnded):
            self._view.finish(event.answer)
        else:
            self._view.add(live, event)

    def _on_answers_failed(self, conversation_id: int, error: AppError) -> None:
        live = self.answers.live(conversation_id)
        if live is not None and isinstance(error, StorageFailed) and any(live.text):
            self.failed.emit(error, partial(self.opening.refresh, live.message_id, live, store=True))
            return
        self.failed.emit(error, None if live is None else self._repair(error, live.message_id, conversation_id))

    def _repair(self, error: AppError, answer_id: int, conversation_id: int) -> Callable[[], object] | None:
        """What may help after a failed answer, as the notice offers it."""
        if error.removable:
            resume_without = partial(self._resume_without, answer_id, conversation_id, error.removable)
            return SendWithout(error.removable, resume_without)
        return partial(self.resume, answer_id, conversation_id) if error.retryable else None

    def _resume_without(self, answer_id: int, conversation_id: int, field: str) -> None:
        self.answers.start(conversation_id, self._worker.resume_without(answer_id, field))

    def _on_answers_ended(self, conversation_id: int) -> None:
        live = self.answers.live(conversation_id)
        if conversation_id != self.current.id:
            return
        if live is None:
            self.opening.look_again()
        elif not live.is_over:
            self.opening.refresh(live.message_id, live)

    def _on_answers_state_changed(self, *_: object) -> None:
        self._view.composer.set_state(self.answers.state(self.current.id))

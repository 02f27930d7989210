"""AskingAgain: another answer to the same prompt, or the rest of one that did not come to its end; sends no prompts."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from functools import partial

from PySide6.QtCore import QObject, Signal

from app.model.chat import ChatEvent
from app.model.errors import AppError, NoModelChosen
from app.model.providers import ModelReference
from app.ui.chat.answers import Answers
from app.ui.chat.current_conversation import CurrentConversation
from app.ui.chat.unstored import Unstored
from app.ui.notices import SendWithout
from app.workers.chat import ChatWorker


class AskingAgain(QObject):
    """Signals: failed(AppError): there is nobody to ask."""

    failed = Signal(object)

    def __init__(
        self,
        worker: ChatWorker,
        current: CurrentConversation,
        answers: Answers,
        unstored: Unstored,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._worker = worker
        self._current = current
        self._answers = answers
        self._unstored = unstored

    def regenerate(self, answer_id: int) -> None:
        """Another version of an answer, by the model that is chosen now."""
        if self._current.model is None:
            self.failed.emit(NoModelChosen())
        elif self._current.id is not None:
            self._answers.start(self._current.id, self._worker.regenerate(answer_id, self._current.model))

    def resume(self, answer_id: int, conversation_id: int | None = None) -> None:
        """Go on with an answer that did not come to its end, in the conversation on show unless another is named."""
        conversation_id = conversation_id or self._current.id
        if self._current.model is None:
            self.failed.emit(NoModelChosen())
        elif conversation_id is not None:
            self._answers.start(conversation_id, self._resumed(answer_id, self._current.model))

    def remedy(self, error: AppError, answer_id: int, conversation_id: int) -> Callable[[], object] | None:
        """What may help after a failed answer, as the notice offers it."""
        if error.removable:
            resume_without = partial(self._resume_without, answer_id, conversation_id, error.removable)
            return SendWithout(error.removable, resume_without)
        return partial(self.resume, answer_id, conversation_id) if error.retryable else None

    async def _resumed(self, answer_id: int, model: ModelReference) -> AsyncGenerator[ChatEvent]:
        """What the disk refused of the answer is stored first: it goes on from there."""
        await self._unstored.store_answer(answer_id)
        async with aclosing(self._worker.resume(answer_id, model)) as events:
            async for event in events:
                yield event

    def _resume_without(self, answer_id: int, conversation_id: int, field: str) -> None:
        self._answers.start(conversation_id, self._worker.resume_without(answer_id, field))

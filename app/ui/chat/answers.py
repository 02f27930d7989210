"""Answers: the answers that arrive at the moment, one for each conversation, whichever of them is on show."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Signal

from app.model.chat import AnswerEnded, AnswerStarted, ChatEvent, TextDelta
from app.model.errors import AppError
from app.ui.job import Job, JobState


@dataclass
class LiveAnswer:
    """What arrived so far of an answer; its stored copy is up to a quarter of a second behind."""

    message_id: int
    text: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)


class Answers(QObject):
    """Runs the workers' answers.

    Signals:
        arrived(int, ChatEvent): something happened in conversation id.
        state_changed(int, JobState): Send and Stop of conversation id.
        ended(int, int): conversation id, answer's message id (0 if it never began); its end is stored.
        failed(int, AppError)
        working_changed(bool): the first began or the last ended.
    """

    arrived = Signal(int, object)
    state_changed = Signal(int, object)
    ended = Signal(int, int)
    failed = Signal(int, object)
    working_changed = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs: dict[int, Job] = {}
        self._live: dict[int, LiveAnswer] = {}

    def start(self, conversation_id: int, events: AsyncGenerator[ChatEvent]) -> bool:
        """Consume `events`; False if this conversation is already being answered."""
        if self.state(conversation_id) is not JobState.IDLE:
            return False
        job = self._jobs.get(conversation_id) or self._new_job(conversation_id)
        was_working = bool(self._running())
        started = job.start(self._consume(conversation_id, events))
        if started and not was_working:
            self.working_changed.emit(True)
        return started

    def stop(self, conversation_id: int) -> None:
        if conversation_id in self._jobs:
            self._jobs[conversation_id].stop()

    def state(self, conversation_id: int | None) -> JobState:
        job = self._jobs.get(conversation_id or 0)
        return JobState.IDLE if job is None else job.state

    def live(self, conversation_id: int) -> LiveAnswer | None:
        """The answer that is arriving in a conversation, None if there is none."""
        return self._live.get(conversation_id)

    async def aclose(self) -> None:
        """Stop all; what arrived is stored by the worker."""
        for job in self._jobs.values():
            job.stop()
        for job in self._jobs.values():
            await job.aclose()

    def _new_job(self, conversation_id: int) -> Job:
        job = self._jobs[conversation_id] = Job(self)
        job.state_changed.connect(lambda state: self.state_changed.emit(conversation_id, state))
        job.failed.connect(lambda error: self._on_failed(conversation_id, error))
        job.ended.connect(lambda: self._on_ended(conversation_id))
        return job

    async def _consume(self, conversation_id: int, events: AsyncGenerator[ChatEvent]) -> None:
        async with aclosing(events):
            async for event in events:
                self._note(conversation_id, event)
                self.arrived.emit(conversation_id, event)

    def _note(self, conversation_id: int, event: ChatEvent) -> None:
        if isinstance(event, AnswerStarted):
            answer = event.answer
            self._live[conversation_id] = LiveAnswer(answer.id, [answer.text], [answer.reasoning])
        elif isinstance(event, TextDelta):
            live = self._live[conversation_id]
            live.text.append(event.text + event.refusal)
            live.reasoning.append(event.reasoning)
        elif isinstance(event, AnswerEnded):
            self._live.pop(conversation_id, None)

    def _on_failed(self, conversation_id: int, error: AppError) -> None:
        self.failed.emit(conversation_id, error)

    def _on_ended(self, conversation_id: int) -> None:
        live = self._live.pop(conversation_id, None)
        self.ended.emit(conversation_id, live.message_id if live else 0)
        if not self._running():
            self.working_changed.emit(False)

    def _running(self) -> list[Job]:
        return [job for job in self._jobs.values() if job.running]

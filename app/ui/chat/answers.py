"""Answers: the answers that arrive at the moment, one for each conversation, whichever of them is on show."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from PySide6.QtCore import QObject, Signal

from app.model.chat import (
    AnswerEnded,
    AnswerStarted,
    ChatEvent,
    EngineStarting,
    Message,
    MessageState,
    RetryPending,
    TextDelta,
)
from app.ui.job import Job, JobState


@dataclass
class LiveAnswer:
    """What arrived so far of an answer; its stored copy is up to a quarter of a second behind."""

    message_id: int
    text: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    waits_for: RetryPending | EngineStarting | None = None
    waits_since: float = field(default_factory=time.monotonic)
    """When something came last, by `time.monotonic`."""
    is_over: bool = False
    """Its end was told; otherwise it was stopped or failed."""

    def note(self, event: ChatEvent) -> None:
        self.waits_for = event if isinstance(event, RetryPending | EngineStarting) else None
        self.waits_since = time.monotonic()
        self.is_over = isinstance(event, AnswerEnded)
        if isinstance(event, TextDelta):
            self.text.append(event.text + event.refusal)
            self.reasoning.append(event.reasoning)

    def interrupted(self, stored: Message) -> Message:
        """The stored message with all that arrived, for when its end could not be stored."""
        text, reasoning = "".join(self.text), "".join(self.reasoning)
        return replace(stored, text=text, reasoning=reasoning, state=MessageState.INTERRUPTED)


class Answers(QObject):
    """Runs the workers' answers.

    Signals:
        arrived(int, ChatEvent): something happened in conversation id.
        started(int): an answer in conversation id; its prompt is stored.
        state_changed(int, JobState): Send and Stop of conversation id.
        failed(int, AppError)
        ended(int): conversation id; comes after `failed`, `live` still tells which answer it was.
        working_changed(bool): the first began or the last ended.
    """

    arrived = Signal(int, object)
    started = Signal(int)
    state_changed = Signal(int, object)
    failed = Signal(int, object)
    ended = Signal(int)
    working_changed = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs: dict[int, Job] = {}
        self._live: dict[int, LiveAnswer] = {}

    @property
    def working(self) -> bool:
        return bool(self._jobs)

    def start(self, conversation_id: int, events: AsyncGenerator[ChatEvent]) -> bool:
        """Consume `events`; False if this conversation is already being answered."""
        if conversation_id in self._jobs:
            return False
        job = Job(self)
        job.state_changed.connect(lambda state: self.state_changed.emit(conversation_id, state))
        job.failed.connect(lambda error: self.failed.emit(conversation_id, error))
        job.ended.connect(lambda: self._on_job_ended(conversation_id))
        self._jobs[conversation_id] = job
        if len(self._jobs) == 1:
            self.working_changed.emit(True)
        return job.start(self._consume(conversation_id, events))

    def stop(self, conversation_id: int | None) -> None:
        """Stop what is arriving there, if anything is."""
        if conversation_id in self._jobs:
            self._jobs[conversation_id].stop()

    def state(self, conversation_id: int | None) -> JobState:
        return self._jobs[conversation_id].state if conversation_id in self._jobs else JobState.IDLE

    def live(self, conversation_id: int | None) -> LiveAnswer | None:
        """The answer that is arriving in a conversation, None if none is or none has begun."""
        return self._live.get(conversation_id or 0)

    async def aclose(self) -> None:
        """Stop all; what arrived is stored by the worker."""
        jobs = list(self._jobs.values())
        for job in jobs:
            job.stop()
        for job in jobs:
            await job.aclose()

    async def _consume(self, conversation_id: int, events: AsyncGenerator[ChatEvent]) -> None:
        async with aclosing(events):
            async for event in events:
                if isinstance(event, AnswerStarted):
                    answer = event.answer
                    self._live[conversation_id] = LiveAnswer(answer.id, [answer.text], [answer.reasoning])
                    self.started.emit(conversation_id)
                else:
                    self._live[conversation_id].note(event)
                self.arrived.emit(conversation_id, event)

    def _on_job_ended(self, conversation_id: int) -> None:
        job = self._jobs.pop(conversation_id)
        self.ended.emit(conversation_id)
        self._live.pop(conversation_id, None)
        job.deleteLater()
        if not self._jobs:
            self.working_changed.emit(False)

"""TranscriptionJob: the missing parts of one sound, cut, sent, and joined again; stores nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from app.model.audio import (
    Segment,
    Stretch,
    Transcript,
    TranscriptDelta,
    TranscriptionEvent,
    TranscriptionProgress,
    TranscriptionResult,
    TranscriptState,
    Waveform,
    Word,
    merge_stretches,
    missing_stretches,
)
from app.model.chat import EngineStarting, RequestAdjusted, RetryPending
from app.model.errors import AppError, TooLarge
from app.model.providers import BUILT_IN_ID
from app.waiting import beside, in_thread
from app.workers.audio.reading import read_outline
from app.workers.audio.speech_server import Answer, SpeechServer

SMALLEST_SPLIT_S = 20.0
"""A part that a server finds too large is halved down to about this."""

type Connect = Callable[[], Awaitable[SpeechServer]]
type Logged = Callable[[], AbstractAsyncContextManager[None]]


@dataclass
class _Part:
    """One stretch on its way: what has come of it."""

    stretch: Stretch
    segments: list[Segment] = field(default_factory=list)
    text: str = ""
    done_s: float = 0.0
    is_complete: bool = False


class TranscriptionJob:
    """`transcript` is what there is already; `run` does the rest of the sound in `path`.

    `outlines` is the folder of outlines, `connect` finds the server when the sound has been read, `logged` surrounds
    each request.
    """

    def __init__(self, transcript: Transcript, path: Path, outlines: Path, connect: Connect, logged: Logged) -> None:
        self._path = path
        self._outlines = outlines
        self._connect = connect
        self._logged = logged
        self._transcript = transcript
        self._waiting: list[Stretch] = []
        self._running: list[_Part] = []
        self._failure: AppError | None = None
        self._events: asyncio.Queue[TranscriptionProgress | RetryPending | None] = asyncio.Queue()

    def snapshot(self, state: TranscriptState = TranscriptState.RUNNING) -> Transcript:
        """The transcript as it stands, with what came of parts that are still on their way."""
        arriving = [segment for part in self._running for segment in _arrived(part)]
        segments = sorted([*self._transcript.segments, *arriving], key=lambda one: one.start_s)
        return replace(self._transcript, segments=tuple(segments), state=state)

    async def run(self) -> AsyncGenerator[TranscriptionEvent]:
        """Progress and the growing transcript until all is done.

        When a part fails, those on their way are still waited for, so that nothing that was sent is lost.

        Raises:
            SoundUnreadable, NoSound: nothing was sent.
            AppError: the first failure of a server.
        """
        async with aclosing(read_outline(self._path, self._outlines)) as reading:
            async for step in reading:
                if isinstance(step, Waveform):
                    self._waveform = step
                else:
                    yield step
        if self._transcript.model.provider_id == BUILT_IN_ID:
            yield EngineStarting()
        self._server = await self._connect()
        await self._plan()
        yield self._progress()
        async with beside(self._work()) as working:
            while (event := await self._events.get()) is not None:
                yield event
                if self._events.empty():  # of many small pieces only the last state is worth drawing
                    yield self.snapshot()
            await working
        if self._failure is not None:
            raise self._failure

    async def _plan(self) -> None:
        """Decide which parts to send; text that lies in them came from an earlier try that was cut off."""
        missing = missing_stretches(self._transcript.done, self._waveform.duration_s)
        kept = tuple(one for one in self._transcript.segments if not _begins_in(one, missing))
        self._transcript = replace(self._transcript, segments=kept)
        self._waiting = list(await self._cut(missing))

    async def _work(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self._server.uploads_at_once):
                    group.create_task(self._send_waiting_parts())
        finally:
            self._events.put_nowait(None)

    async def _send_waiting_parts(self) -> None:
        while self._waiting and self._failure is None:
            part = _Part(self._waiting.pop(0))
            self._running.append(part)
            try:
                await self._send(part)
            except TooLarge as error:
                await self._halve(part.stretch, error)
            except AppError as error:
                self._failure = self._failure or error
            finally:
                self._running.remove(part)
                self._keep(part)
                self._tell()

    async def _send(self, part: _Part) -> None:
        from app.services.media import encode_part

        sound = await in_thread(partial(encode_part, self._path, part.stretch, self._server.kind()))
        answers = self._server.transcribe(sound, self._transcript.options)
        async with self._logged(), aclosing(answers):
            async for answer in answers:
                self._take(part, answer)

    def _take(self, part: _Part, answer: Answer) -> None:
        match answer:
            case RetryPending():
                self._events.put_nowait(answer)
                return
            case RequestAdjusted():
                self._note(answer)
            case TranscriptionProgress():
                part.done_s = answer.done_s
            case TranscriptDelta():
                part.text += answer.text
                if answer.segment is not None:
                    part.segments.append(_shifted(answer.segment, part.stretch))
            case TranscriptionResult():
                self._complete(part, answer)
        self._tell()

    def _note(self, adjusted: RequestAdjusted) -> None:
        """Every part is asked for anew, and the next one may know what the first one taught."""
        known = self._transcript.adjustments
        new = (lesson for lesson in adjusted.lessons if lesson not in known)
        self._transcript = replace(self._transcript, adjustments=(*known, *new))

    def _complete(self, part: _Part, result: TranscriptionResult) -> None:
        if result.segments:
            part.segments = [_shifted(segment, part.stretch) for segment in result.segments]
        elif not part.segments and result.text.strip():
            part.segments = [Segment(part.stretch.start_s, part.stretch.end_s, result.text.strip())]
        part.done_s = part.stretch.length_s
        part.is_complete = True
        if result.language and not self._transcript.language:
            self._transcript = replace(self._transcript, language=result.language)

    def _keep(self, part: _Part) -> None:
        """Move what came of a part into the transcript; a part that was cut off counts as done up to its last time."""
        reached_s = max((segment.end_s for segment in part.segments), default=part.stretch.start_s)
        done = Stretch(part.stretch.start_s, part.stretch.end_s if part.is_complete else reached_s)
        self._transcript = replace(
            self._transcript,
            segments=(*self._transcript.segments, *_arrived(part)),
            done=merge_stretches([*self._transcript.done, done]) if done.length_s > 0 else self._transcript.done,
        )

    async def _halve(self, stretch: Stretch, error: TooLarge) -> None:
        if stretch.length_s < 2 * SMALLEST_SPLIT_S:
            self._failure = self._failure or error
            return
        self._waiting[:0] = await self._cut([stretch], longest_s=0.7 * stretch.length_s)  # always two parts

    async def _cut(self, stretches: Iterable[Stretch], longest_s: float | None = None) -> tuple[Stretch, ...]:
        from app.services.media import CutLimits, plan_parts

        limits = self._server.limits() if longest_s is None else CutLimits(longest_s / 2, longest_s)
        return await asyncio.to_thread(plan_parts, self._waveform, tuple(stretches), limits)

    def _tell(self) -> None:
        self._events.put_nowait(self._progress())

    def _progress(self) -> TranscriptionProgress:
        done_s = sum(stretch.length_s for stretch in self._transcript.done) + sum(one.done_s for one in self._running)
        return TranscriptionProgress(min(done_s, self._waveform.duration_s), self._waveform.duration_s)


def _arrived(part: _Part) -> list[Segment]:
    if part.segments or not part.text.strip():
        return part.segments
    return [Segment(part.stretch.start_s, part.stretch.end_s, part.text.strip())]


def _shifted(segment: Segment, part: Stretch) -> Segment:
    """The segment in the time of the whole sound; models give times behind the end and ends before beginnings."""

    def moved(seconds: float) -> float:
        return part.start_s + min(max(seconds, 0.0), part.length_s)

    start_s = moved(segment.start_s)
    words = tuple(Word(one.text, moved(one.start_s), moved(one.end_s)) for one in segment.words)
    return Segment(start_s, max(start_s, moved(segment.end_s)), segment.text.strip(), words)


def _begins_in(segment: Segment, stretches: Iterable[Stretch]) -> bool:
    return any(one.start_s <= segment.start_s < one.end_s for one in stretches)

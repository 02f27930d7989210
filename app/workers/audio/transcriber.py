"""Transcriber: sound to text with any speech model; whatever arrives is stored, and stopped work goes on later."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import aclosing, asynccontextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.model.audio import (
    Recording,
    Transcript,
    TranscriptionEvent,
    TranscriptionOptions,
    TranscriptState,
)
from app.model.chat import Timing
from app.model.errors import AppError
from app.model.providers import Endpoint, ModelReference
from app.model.requests import RequestKind, RequestOutcome
from app.waiting import Paced, undisturbed
from app.workers.audio.job import Logged, TranscriptionJob
from app.workers.audio.speech_server import SpeechServer

if TYPE_CHECKING:
    from app.services.api.client import ApiService
    from app.services.history.store import History

type ApiAccess = Callable[[], Awaitable[ApiService]]
type EndpointFor = Callable[[ModelReference], Awaitable[Endpoint]]
type Save = Callable[[Transcript], Coroutine[Any, Any, None]]

SAVE_EVERY_S = 0.4


class Transcriber:
    """`outlines` is the folder that keeps the shapes of sounds, which tell where to cut."""

    def __init__(self, history: History, api: ApiAccess, endpoint_for: EndpointFor, outlines: Path) -> None:
        self._history = history
        self._api = api
        self._endpoint_for = endpoint_for
        self._outlines = outlines

    async def transcribe(
        self, recording: Recording, model: ModelReference, options: TranscriptionOptions
    ) -> AsyncGenerator[TranscriptionEvent]:
        """Make a new transcript of a recording; the last event is the transcript as it was stored.

        Where there is an earlier transcript, a try that brings nothing is forgotten, so as not to stand before it.

        Raises:
            SoundUnreadable, NoSound, ModelMissing: nothing was sent.
            AppError: what the server or the disk answers; raised after the stored transcript was yielded.
        """
        new = Transcript(
            0, recording.id, (), options.language, model, datetime.now(UTC), TranscriptState.RUNNING, options
        )
        has_earlier = bool(await self._history.transcripts.of(recording.id))
        stored = await self._history.transcripts.add(new)
        save = self._save_or_forget if has_earlier else self._history.transcripts.save
        async with aclosing(self._run(recording.path, stored, save)) as events:
            async for event in events:
                yield event

    async def resume(
        self, recording: Recording, transcript: Transcript, model: ModelReference
    ) -> AsyncGenerator[TranscriptionEvent]:
        """Do what a stopped or failed transcript lacks; the rest stays as it is. Raises as `transcribe` does."""
        adjustments = transcript.adjustments if transcript.segments else ()
        going_on = replace(transcript, state=TranscriptState.RUNNING, error="", model=model, adjustments=adjustments)
        async with aclosing(self._run(recording.path, going_on, self._history.transcripts.save)) as events:
            async for event in events:
                yield event

    async def transcribe_file(
        self, path: Path, model: ModelReference, options: TranscriptionOptions
    ) -> AsyncGenerator[TranscriptionEvent]:
        """As `transcribe`, but nothing is kept: for the command line."""
        new = Transcript(0, 0, (), options.language, model, datetime.now(UTC), TranscriptState.RUNNING, options)
        async with aclosing(self._run(path, new, None)) as events:
            async for event in events:
                yield event

    async def _run(self, path: Path, transcript: Transcript, save: Save | None) -> AsyncGenerator[TranscriptionEvent]:
        model = transcript.model
        logged = self._log(model) if save is not None else nullcontext
        job = TranscriptionJob(transcript, path, self._outlines, lambda: self._connect(model), logged)
        ended = TranscriptState.STOPPED
        failure: AppError | None = None
        saving = Paced(lambda: self._history.transcripts.save_soon(job.snapshot()), SAVE_EVERY_S)
        try:
            yield transcript
            async with aclosing(job.run()) as events:
                async for event in events:
                    if isinstance(event, Transcript) and save is not None:
                        saving.soon()
                    yield event
            ended = TranscriptState.COMPLETE
        except AppError as error:
            ended, failure = TranscriptState.FAILED, error
        finally:
            saving.close()
            words = (failure.server_words or failure.title) if failure is not None else ""
            last = replace(job.snapshot(ended), error=words)
            if save is not None:
                await undisturbed(save(last))
        yield last
        if failure is not None:
            raise failure

    async def _save_or_forget(self, transcript: Transcript) -> None:
        if not transcript.segments and transcript.state in (TranscriptState.STOPPED, TranscriptState.FAILED):
            await self._history.transcripts.delete(transcript.id)
        else:
            await self._history.transcripts.save(transcript)

    async def _connect(self, model: ModelReference) -> SpeechServer:
        endpoint = await self._endpoint_for(model)
        return SpeechServer(await self._api(), endpoint, model)

    def _log(self, model: ModelReference) -> Logged:
        """Surrounds one request with its entry in the log of requests."""

        @asynccontextmanager
        async def logged() -> AsyncGenerator[None]:
            record = await self._history.requests.begin(RequestKind.TRANSCRIPTION, model)
            record = replace(record, outcome=RequestOutcome.STOPPED)
            started = time.monotonic()
            try:
                yield
                record = replace(record, outcome=RequestOutcome.COMPLETE)
            except AppError as error:
                record = replace(
                    record, outcome=RequestOutcome.FAILED, status=error.status,
                    error=error.server_words or error.title, request_id=error.request_id,
                )  # fmt: skip
                raise
            finally:
                timing = Timing(total_s=time.monotonic() - started)
                await self._history.requests.finish(replace(record, timing=timing))

        return logged

"""The audio endpoints, `/v1/audio/transcriptions` and `/v1/audio/translations`.

With `stream=true` the answer is OpenAI's event stream, with the times of each segment beside its text and with
`transcript.progress` events of our own, which other clients ignore.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from app.engine.client import LARGEST_UPLOAD_BYTES, refuse_large, unless_gone
from app.engine.configuration import ModelKind
from app.engine.event_stream import KEEP_ALIVE, event, named_event, streamed, with_pauses
from app.engine.openai_errors import ApiError
from app.engine.registry import Registry
from app.engine.speech.formats import as_json, as_plain, as_verbose_json, streamed_segment, usage
from app.engine.speech.request import ResponseFormat, SpeechRequest, parse_speech
from app.engine.speech.transcript import Heard, Item, Progress, Segment, Transcript
from app.engine.work import Work

if TYPE_CHECKING:
    from app.engine.speech.runtime import SpeechModel


class SpeechRoutes:
    """What Starlette calls."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    async def transcriptions(self, request: Request) -> Response:
        return await self._respond(request, translate=False)

    async def translations(self, request: Request) -> Response:
        return await self._respond(request, translate=True)

    async def _respond(self, request: Request, *, translate: bool) -> Response:
        refuse_large(request, LARGEST_UPLOAD_BYTES)
        async with request.form() as form:
            entry = self._registry.find(form.get("model"), ModelKind.TRANSCRIPTION)
            wanted = await parse_speech(form, translate=translate)

        def compute(model: SpeechModel, work: Work[Item]) -> None:
            model.transcribe(wanted, work)

        work = self._registry.speech.start(entry, compute)
        try:
            first = await unless_gone(request, anext(work))
            assert isinstance(first, Progress), "the model announces the length first"
            if not wanted.stream:
                return await unless_gone(request, _whole(work, wanted))
        except BaseException:
            work.stop()
            raise
        return streamed(_events(first, work))


async def _whole(work: Work[Item], request: SpeechRequest) -> Response:
    transcript = Transcript()
    async for item in work:
        _collect(transcript, item)
    match request.response_format:
        case ResponseFormat.JSON:
            return JSONResponse(as_json(transcript))
        case ResponseFormat.VERBOSE_JSON:
            return JSONResponse(as_verbose_json(transcript, request))
        case plain:
            return PlainTextResponse(as_plain(transcript, plain))


async def _events(first: Progress, work: Work[Item]) -> AsyncIterator[bytes]:
    """The stream of one transcription; ends the computation when the client hangs up."""
    transcript = Transcript()
    try:
        yield named_event(_progress(first))
        paused = with_pauses(work)
        async with aclosing(paused) as items:
            async for item in items:
                _collect(transcript, item)
                match item:
                    case None:
                        yield KEEP_ALIVE
                    case Progress():
                        yield named_event(_progress(item))
                    case Segment():
                        yield named_event(_delta(item))
        yield named_event(_done(transcript))
    except ApiError as error:
        yield event(error.body)
    finally:
        work.stop()


def _collect(transcript: Transcript, item: Item | None) -> None:
    match item:
        case Segment():
            transcript.segments.append(item)
        case Heard(language, duration_s):
            transcript.language, transcript.duration_s = language, duration_s


def _progress(progress: Progress) -> dict[str, object]:
    return {"type": "transcript.progress", "seconds": progress.done_s, "duration": progress.duration_s}


def _delta(segment: Segment) -> dict[str, object]:
    return {"type": "transcript.text.delta", "delta": segment.text, "segment": streamed_segment(segment)}


def _done(transcript: Transcript) -> dict[str, object]:
    return {
        "type": "transcript.text.done",
        "text": transcript.text,
        "language": transcript.language,
        "duration": transcript.duration_s,
        "usage": usage(transcript),
    }

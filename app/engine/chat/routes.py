"""The text endpoints, `/v1/chat/completions` and `/v1/completions`: one request from its body to its last byte."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.engine.chat.answers import ChatAnswer, CompletionAnswer, Tally
from app.engine.chat.items import Finished, Item, Piece, PromptTaken, TokenProbability
from app.engine.chat.request import parse_chat, parse_completion
from app.engine.client import read_json, unless_gone
from app.engine.configuration import ModelKind
from app.engine.event_stream import DONE, KEEP_ALIVE, event, streamed, with_pauses
from app.engine.openai_errors import ApiError
from app.engine.registry import Registry
from app.engine.work import Work

if TYPE_CHECKING:
    from app.engine.chat.runtime import ChatModel

type Answer = ChatAnswer | CompletionAnswer


class ChatRoutes:
    """What Starlette calls."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    async def chat(self, request: Request) -> Response:
        body = await read_json(request)
        entry = self._registry.find(body.get("model"), ModelKind.CHAT)
        wanted = parse_chat(body)

        def compute(model: ChatModel, work: Work[Item]) -> None:
            model.answer(wanted, work)

        work = self._registry.chat.start(entry, compute)
        return await _respond(request, work, ChatAnswer(entry.id), wanted.stream, wanted.include_usage)

    async def completions(self, request: Request) -> Response:
        body = await read_json(request)
        entry = self._registry.find(body.get("model"), ModelKind.CHAT)
        wanted = parse_completion(body)

        def compute(model: ChatModel, work: Work[Item]) -> None:
            model.complete(wanted, work)

        work = self._registry.chat.start(entry, compute)
        answer = CompletionAnswer(entry.id, wanted.prompt if wanted.echo else "")
        return await _respond(request, work, answer, wanted.stream, wanted.include_usage)


async def _respond(request: Request, work: Work[Item], answer: Answer, stream: bool, include_usage: bool) -> Response:
    """Errors that come before the prompt is taken decide the status; later ones end the stream."""
    tally = Tally()
    try:
        first = await unless_gone(request, anext(work))
        assert isinstance(first, PromptTaken), "the model announces the prompt first"
        tally.prompt = first
        if not stream:
            return await unless_gone(request, _whole(work, answer, tally))
    except BaseException:
        work.stop()
        raise
    return streamed(_events(work, answer, tally, include_usage))


async def _whole(work: Work[Item], answer: Answer, tally: Tally) -> Response:
    text: list[str] = []
    probabilities: list[TokenProbability] = []
    async for item in work:
        match item:
            case Piece():
                text.append(item.text)
                probabilities.extend(item.probabilities)
            case Finished():
                tally.finished = item
    return JSONResponse(answer.whole("".join(text), probabilities, tally))


async def _events(work: Work[Item], answer: Answer, tally: Tally, include_usage: bool) -> AsyncIterator[bytes]:
    """The stream of one answer; ends the computation when the client hangs up."""
    unknown = {"usage": None} if include_usage else {}
    try:
        for chunk in answer.opening():
            yield event(chunk | unknown)
        paused = with_pauses(work)
        async with aclosing(paused) as items:
            async for item in items:
                match item:
                    case None:
                        yield KEEP_ALIVE
                    case Piece():
                        yield event(answer.piece(item.text, item.probabilities) | unknown)
                    case Finished():
                        tally.finished = item
                        yield event(answer.ending(item.reason) | unknown)
        if include_usage:
            yield event(answer.usage(tally))
        yield DONE
    except ApiError as error:
        yield event(error.body)
    finally:
        work.stop()

"""An ApiService whose servers answer exactly what a test says, with no network between them: for inputs by thousands.

What needs sockets, TLS or a proxy is tested with `FakeOpenAI`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import httpx

from app.model.audio import TranscriptionOptions, TranscriptionRequest
from app.model.errors import AppError
from app.model.images import ImageFile, ImageRequest
from app.model.providers import Dialect, Endpoint
from app.services.api.client import ApiService
from app.services.api.connections import Route
from tests.services.api.asking import Outcome, question

PATIENCE_S = 120.0
"""Longer than any answer here takes on a busy machine; whoever needs it has hung."""

type Asking = Callable[[ApiService], AsyncGenerator[Any]]


@dataclass(frozen=True)
class Hostile:
    """An answer: its bytes come in these pieces, decoded by whoever reads it."""

    pieces: Iterable[bytes]
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


def readers() -> dict[str, Asking]:
    """Every way in which the service reads an answer, by name."""
    found: dict[str, Asking] = {"models": _models}
    for dialect in (Dialect.CHAT, Dialect.COMPLETIONS, Dialect.RESPONSES):
        for stream in (True, False):
            name = f"{dialect.value}, {'streamed' if stream else 'whole'}"
            found[name] = _chatting(dialect, stream=stream)
    endpoint = Endpoint("http://h/v1")
    picture = ImageFile("p.png", "image/png", b"\x89PNG")
    found["pictures"] = lambda api: api.images(endpoint, ImageRequest("gpt-image-2", "a cat", 2))
    found["edits"] = lambda api: api.images(endpoint, ImageRequest("sd", "a cat", 1, references=(picture,)))
    for wanted in ("json", "text", "srt", "verbose_json", "vtt", "diarized_json"):
        found[f"transcript as {wanted}"] = _transcribing(wanted, stream=False)
    found["transcript, streamed"] = _transcribing("json", stream=True)
    return found


def answered(asking: Asking, hostile: Hostile) -> Outcome:
    """What comes of asking a server that always answers so; everything but an AppError is let through."""
    outcome = Outcome()

    async def sleep(seconds: float) -> None:
        outcome.waits.append(seconds)

    async def new_client(_: Route) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=_Transport(hostile), trust_env=False, timeout=None)

    async def main() -> None:
        api = ApiService(new_client=new_client, sleep=sleep, jitter=lambda: 0.0)
        try:
            async with asyncio.timeout(PATIENCE_S), aclosing(asking(api)) as items:
                async for item in items:
                    outcome.items.append(item)
        except AppError as error:
            outcome.error = error
        finally:
            await api.aclose()

    asyncio.run(main())
    return outcome


def _chatting(dialect: Dialect, *, stream: bool) -> Asking:
    return lambda api: api.chat(Endpoint("http://h/v1", dialect=dialect), question(stream=stream))


def _transcribing(response_format: str, *, stream: bool) -> Asking:
    options = TranscriptionOptions(word_times=True)
    request = TranscriptionRequest("whisper-1", "a.wav", "audio/wav", b"RIFF", options, response_format, stream)
    return lambda api: api.transcribe(Endpoint("http://h/v1"), request)


async def _models(api: ApiService) -> AsyncGenerator[Any]:
    for model in await api.models(Endpoint("http://h/v1")):
        yield model


class _Transport(httpx.AsyncBaseTransport):
    def __init__(self, hostile: Hostile) -> None:
        self._hostile = hostile

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        return httpx.Response(self._hostile.status, headers=self._hostile.headers, stream=_Body(self._hostile.pieces))


class _Body(httpx.AsyncByteStream):
    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece
            await asyncio.sleep(0)

"""ApiService: the one door to OpenAI's API and every server that speaks it; decides nothing, stores nothing."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing

from app.model.audio import TranscriptDelta, TranscriptionProgress, TranscriptionRequest, TranscriptionResult
from app.model.chat import ChatRequest, RequestAdjusted, RetryPending, TextDelta
from app.model.errors import BrokenAnswer
from app.model.images import FinishedImage, ImageProgress, ImageRequest, PartialImage, UpscaleRequest
from app.model.providers import Dialect, Endpoint, ModelInfo, TestResult
from app.services.api.address import resolved, shown_host
from app.services.api.audio_wire import (
    TranscriptDecoder,
    transcript_of_bytes,
    transcription_call,
)
from app.services.api.calls import Call
from app.services.api.chat_wire import ChatDecoder, chat_call, completion_call
from app.services.api.connections import ClientFactory, Connections, new_client
from app.services.api.delivery import Delivery, Explain, Learned
from app.services.api.failures import failure_of_answer
from app.services.api.images_wire import (
    FoundPicture,
    FoundPreview,
    ImagesDecoder,
    decoded,
    edit_call,
    finished_image,
    generation_call,
    partial_image,
    upscale_call,
)
from app.services.api.models_wire import MODELS_CALL, models_of
from app.services.api.probe import Probe
from app.services.api.responses_wire import ResponsesDecoder, responses_call


class ApiService:
    """Talks to any endpoint; its only state is the pool of connections.

    Every method raises AppError and nothing else. The generators must be consumed under `contextlib.aclosing`;
    closing one closes its connection at once. A `RetryPending` comes before each wait, at most until the first item.

    What a server refuses and the request makes sense without is sent again without it; `learned` is told, and what is
    then in the endpoint's `lessons` is not asked for again. `explain` may know more about a failure than its server.
    """

    def __init__(
        self,
        *,
        new_client: ClientFactory = new_client,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
        learned: Learned | None = None,
        explain: Explain | None = None,
    ) -> None:
        self._connections = Connections(new_client)
        self._delivery = Delivery(
            self._connections, sleep=sleep, clock=clock, jitter=jitter, learned=learned, explain=explain
        )

    async def models(self, endpoint: Endpoint) -> list[ModelInfo]:
        """The server's models, with what they can do where the server tells it."""
        return models_of(endpoint, await self._delivery.json(endpoint, MODELS_CALL))

    def chat(
        self, endpoint: Endpoint, request: ChatRequest
    ) -> AsyncGenerator[TextDelta | RetryPending | RequestAdjusted]:
        """The answer in pieces, in the endpoint's dialect; the last piece tells the finish reason and the usage.

        A `RequestAdjusted` comes before the first piece if the request was sent otherwise than it was asked for.

        Raises AnswerInterrupted when the answer ends too early; what came before it was yielded.
        """
        if endpoint.dialect is Dialect.RESPONSES:
            return self._delivery.items(endpoint, responses_call(endpoint, request), ResponsesDecoder)
        make_call = completion_call if endpoint.dialect is Dialect.COMPLETIONS else chat_call
        return self._delivery.items(endpoint, make_call(endpoint, request), ChatDecoder)

    async def images(
        self, endpoint: Endpoint, request: ImageRequest
    ) -> AsyncGenerator[PartialImage | ImageProgress | FinishedImage | RetryPending | RequestAdjusted]:
        """New pictures from a prompt, or from a prompt and references; previews where the server sends them.

        A `RequestAdjusted` comes before them if the request was sent otherwise than it was asked for.

        Raises AnswerInterrupted when the connection breaks before all of them came; those that came were yielded.
        """
        call = (edit_call if request.references else generation_call)(endpoint, request)
        async with aclosing(self._pictures(endpoint, call, request.count)) as pictures:
            async for picture in pictures:
                yield picture

    async def upscale(
        self, endpoint: Endpoint, request: UpscaleRequest
    ) -> AsyncGenerator[PartialImage | ImageProgress | FinishedImage | RetryPending | RequestAdjusted]:
        """The picture four times as large, with progress before it; only the built-in engine can do this."""
        async with aclosing(self._pictures(endpoint, upscale_call(endpoint, request), 1)) as pictures:
            async for picture in pictures:
                yield picture

    async def transcribe(
        self, endpoint: Endpoint, request: TranscriptionRequest
    ) -> AsyncGenerator[TranscriptDelta | TranscriptionProgress | RetryPending | RequestAdjusted | TranscriptionResult]:
        """The transcript (or the translation into English) of one upload; the last item is the result.

        Its segments are empty when the server gives no times. A `RequestAdjusted` comes before the first piece if the
        request was sent otherwise than it was asked for.
        """

        def attempt(call: Call) -> AsyncGenerator[TranscriptDelta | TranscriptionProgress | TranscriptionResult]:
            if call.body.get("stream"):
                return self._delivery.decoded(endpoint, call, TranscriptDecoder())
            return self._whole_transcript(endpoint, call)

        call = transcription_call(endpoint, request)
        async with aclosing(self._delivery.attempts(endpoint, call, attempt)) as items:
            async for item in items:
                yield item

    async def test(self, endpoint: Endpoint, wanted: Sequence[str] = ()) -> TestResult:
        """What the Test button shows, within ten seconds; failures are the verdict and are never raised.

        `wanted` are ids of models that should be there.
        """
        return await Probe(self._delivery.exchange, endpoint, wanted).run()

    async def aclose(self) -> None:
        """Close all connections; the service may not be used afterwards."""
        await self._connections.aclose()

    async def _pictures(
        self, endpoint: Endpoint, call: Call, count: int
    ) -> AsyncGenerator[PartialImage | ImageProgress | FinishedImage | RetryPending | RequestAdjusted]:
        def new_decoder() -> ImagesDecoder:
            return ImagesDecoder(count)

        async with aclosing(self._delivery.items(endpoint, call, new_decoder)) as items:
            async for item in items:
                if isinstance(item, FoundPicture):
                    yield await self._picture(endpoint, item)
                elif not isinstance(item, FoundPreview):
                    yield item
                elif preview := await asyncio.to_thread(partial_image, item):
                    yield preview

    async def _picture(self, endpoint: Endpoint, found: FoundPicture) -> FinishedImage:
        try:
            if found.encoded:
                data = await asyncio.to_thread(decoded, found.encoded)
            else:
                data = await self._delivery.exchange.download(endpoint, resolved(f"{endpoint.base_url}/", found.url))
            return finished_image(data, found.revised_prompt)
        except BrokenAnswer as error:
            error.arguments.setdefault("host", shown_host(endpoint.base_url))
            raise

    async def _whole_transcript(self, endpoint: Endpoint, call: Call) -> AsyncGenerator[TranscriptionResult]:
        async with self._delivery.exchange.opened(endpoint, call) as answer:
            body = await answer.read()
            result = transcript_of_bytes(body, str(call.body.get("response_format", "")))
            if result is None:
                raise failure_of_answer(body, answer.place, answer.request_id)
            yield result

"""ApiService: the one door to OpenAI's API and every server that speaks it; decides nothing, stores nothing."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable

from app.model.chat import ChatRequest, RetryPending, TextDelta
from app.model.providers import Dialect, Endpoint, ModelInfo
from app.services.api.chat_wire import ChatDecoder, chat_call, completion_call
from app.services.api.connections import ClientFactory, Connections, new_client
from app.services.api.delivery import Delivery
from app.services.api.models_wire import MODELS_CALL, models_of
from app.services.api.responses_wire import ResponsesDecoder, responses_call


class ApiService:
    """Talks to any endpoint; its only state is the pool of connections.

    Every method raises AppError and nothing else. The generators must be consumed under `contextlib.aclosing`;
    closing one closes its connection at once. A `RetryPending` comes before each wait, at most until the first item.
    """

    def __init__(
        self,
        *,
        new_client: ClientFactory = new_client,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._connections = Connections(new_client)
        self._delivery = Delivery(self._connections, sleep=sleep, clock=clock, jitter=jitter)

    async def models(self, endpoint: Endpoint) -> list[ModelInfo]:
        """The server's models; what they can do is not known here."""
        return models_of(endpoint, await self._delivery.json(endpoint, MODELS_CALL))

    def chat(self, endpoint: Endpoint, request: ChatRequest) -> AsyncGenerator[TextDelta | RetryPending]:
        """The answer in pieces, in the endpoint's dialect; the last piece tells the finish reason and the usage.

        Raises AnswerInterrupted when the answer ends too early; what came before it was yielded.
        """
        if endpoint.dialect is Dialect.RESPONSES:
            return self._delivery.items(endpoint, responses_call(endpoint, request), ResponsesDecoder)
        make_call = completion_call if endpoint.dialect is Dialect.COMPLETIONS else chat_call
        return self._delivery.items(endpoint, make_call(endpoint, request), ChatDecoder)

    async def aclose(self) -> None:
        """Close all connections; the service may not be used afterwards."""
        await self._connections.aclose()

"""Asks the real ApiService over loopback and keeps what came: for all tests of the service."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any

from app.model.chat import ChatMessage, ChatRequest, RetryPending, Role, TextDelta
from app.model.errors import AppError
from app.model.providers import Endpoint, Timeouts
from app.services.api.client import ApiService
from tests.fakes.openai_server import FakeOpenAI

MODEL = "gpt-6-luna"
KEY = "sk-test-0123456789"
QUICK = Timeouts(connect_s=5.0, idle_s=5.0)

type Use[T] = Callable[[ApiService], Awaitable[T]]


@dataclass
class Outcome:
    """Everything an answer gave, and the error that ended it."""

    items: list[Any] = field(default_factory=list)
    error: AppError | None = None
    waits: list[float] = field(default_factory=list)
    """Seconds that were waited between attempts; no test really waits."""

    @property
    def deltas(self) -> list[TextDelta]:
        return [item for item in self.items if isinstance(item, TextDelta)]

    @property
    def pauses(self) -> list[RetryPending]:
        return [item for item in self.items if isinstance(item, RetryPending)]

    @property
    def text(self) -> str:
        return "".join(delta.text for delta in self.deltas)

    @property
    def reasoning(self) -> str:
        return "".join(delta.reasoning for delta in self.deltas)

    @property
    def last(self) -> Any:
        return self.items[-1]


def endpoint_of(server: FakeOpenAI, **changes: Any) -> Endpoint:
    """The fake server as an endpoint."""
    return replace(Endpoint(server.base_url, KEY, timeouts=QUICK), **changes)


def question(text: str = "hi", **changes: Any) -> ChatRequest:
    return replace(ChatRequest(MODEL, (ChatMessage(Role.USER, text),)), **changes)


def run[T](use: Use[T], **service: Any) -> T:
    """Use a service, made and closed for this."""

    async def main() -> T:
        api = ApiService(**service)
        try:
            return await use(api)
        finally:
            await api.aclose()

    return asyncio.run(main())


def collected(ask: Callable[[ApiService], AsyncGenerator[Any]], **service: Any) -> Outcome:
    """All items of a generator of the service; pauses are noted, not waited for."""
    outcome = Outcome()

    async def sleep(seconds: float) -> None:
        outcome.waits.append(seconds)

    async def use(api: ApiService) -> None:
        try:
            async with aclosing(ask(api)) as items:
                async for item in items:
                    outcome.items.append(item)
        except AppError as error:
            outcome.error = error

    run(use, sleep=sleep, jitter=lambda: 0.0, **service)
    return outcome


def chat(server: FakeOpenAI, request: ChatRequest | None = None, **changes: Any) -> Outcome:
    """One chat request to the fake server; `changes` are those of the endpoint."""
    return collected(lambda api: api.chat(endpoint_of(server, **changes), request or question()))

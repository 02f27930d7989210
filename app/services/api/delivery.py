"""A call brought to its end: sent, tried again where the rules allow it, its answer handed on piece by piece.

What the pieces mean is a decoder's business, how bytes travel that of `exchange`.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Protocol

from app.model.chat import RequestAdjusted, RetryPending
from app.model.errors import AnswerInterrupted, AppError, BrokenAnswer, TimedOut
from app.model.lessons import Lesson
from app.model.providers import BUILT_IN_ID, Endpoint
from app.model.server_errors import NothingArrived
from app.services.api.address import shown_host
from app.services.api.calls import Call
from app.services.api.connections import Connections
from app.services.api.deltas import MOST_TEXT, joined, length_of
from app.services.api.error_body import clean
from app.services.api.exchange import Answer, Exchange
from app.services.api.failures import failure_in_stream
from app.services.api.lessons import Taught, removable_field
from app.services.api.payloads import Payload
from app.services.api.retry import Advice, FailedAttempt, RetrySchedule
from app.services.api.shapes import object_of

_MOST_LESSONS = 8
"""Of one call; a refusal costs nothing, but a server that refuses more is not helped by guessing."""
_EXCERPT = 300


class Decoder[Item](Protocol):
    """Makes items out of the payloads of one answer."""

    @property
    def complete(self) -> bool:
        """Whether the answer is known to be whole, however the connection ends."""

    @property
    def ended(self) -> bool:
        """Whether nothing more needs to be read."""

    @property
    def acceptable(self) -> bool:
        """Whether an answer that ends here in good order, but without saying that it ends, is one."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing that was read is an answer."""

    def feed(self, name: str, payload: Mapping[str, Any]) -> Iterator[Item]:
        """The items in one payload; `name` is the event's, if it has one."""

    def finish(self) -> Iterator[Item]:
        """The items that are certain only at the end."""


type Attempt[Item] = Callable[[Call], AsyncGenerator[Item]]
type Learned = Callable[[Endpoint, str, tuple[Lesson, ...]], Awaitable[None]]
"""Is told what a server taught about a model; anything it raises reaches whoever asked."""

type Explain = Callable[[Endpoint, AppError], Awaitable[AppError]]
"""Gives a failure better words, by what is known of the server beyond its answers."""


class Delivery:
    """Sends calls; `sleep` waits and `clock` measures seconds, `jitter` gives 0.0 to 1.0."""

    def __init__(
        self,
        connections: Connections,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
        learned: Learned | None = None,
        explain: Explain | None = None,
    ) -> None:
        self.exchange = Exchange(connections, clock)
        self._sleep = sleep
        self._jitter = jitter
        self._learned = learned
        self._explain = explain

    def items[Item](
        self, endpoint: Endpoint, call: Call, new_decoder: Callable[[], Decoder[Item]]
    ) -> AsyncGenerator[Item | RetryPending | RequestAdjusted]:
        """What the decoder makes of the answer to `call`, with the pauses before it is sent again.

        Raises AppError. Closing the generator closes the connection at once.
        """

        def attempt(changed: Call) -> AsyncGenerator[Item]:
            return self.decoded(endpoint, changed, new_decoder())

        return self.attempts(endpoint, call, attempt)

    async def json(self, endpoint: Endpoint, call: Call) -> Any:  # noqa: ANN401 - whatever the server sent
        """The answer to `call` as JSON; pauses are waited out in silence."""

        async def attempt(changed: Call) -> AsyncGenerator[Any]:
            async with self.exchange.opened(endpoint, changed) as answer:
                yield await answer.json()

        found = None
        async with aclosing(self.attempts(endpoint, call, attempt)) as items:
            async for item in items:
                found = item
        return found

    async def attempts[Item](
        self, endpoint: Endpoint, call: Call, attempt: Attempt[Item]
    ) -> AsyncGenerator[Item | RetryPending | RequestAdjusted]:
        """Run `attempt` until one succeeds or the rules say stop; once an item was shown, nothing is sent again."""
        schedule = RetrySchedule(self._jitter)
        taught = Taught(call, endpoint.lessons)
        while True:
            shown = False
            try:
                async with aclosing(attempt(taught.call)) as items:
                    async for item in items:
                        adjusted = None if shown else await self._adjusted(endpoint, taught)
                        shown = True
                        if adjusted is not None:
                            yield adjusted
                        yield item
                return
            except AppError as error:
                explained = await self._explained(endpoint, error)
                if explained is error:
                    raise
                raise explained from error
            except FailedAttempt as failed:
                failure = FailedAttempt(await self._explained(endpoint, failed.error), failed.advice)
                learns = not shown and len(taught.learned) < _MOST_LESSONS and taught.learn(failure.error)
                pending = None if shown or learns else schedule.pause_after(failure)
                if pending is None and not learns:
                    if endpoint.provider_id != BUILT_IN_ID:  # the engine inside has no profile to remember it
                        failure.error.removable = removable_field(taught.call, failure.error)
                    raise failure.error from failed.__cause__
            if pending is not None:
                yield pending
                await self._sleep(pending.wait_s)

    async def _explained(self, endpoint: Endpoint, error: AppError) -> AppError:
        # Who reads bytes does not know whose they are.
        error.arguments.setdefault("host", shown_host(endpoint.base_url))
        return error if self._explain is None else await self._explain(endpoint, error)

    async def decoded[Item](self, endpoint: Endpoint, call: Call, decoder: Decoder[Item]) -> AsyncGenerator[Item]:
        """One attempt: the items of its answer. Raises FailedAttempt where another may be allowed, else AppError."""
        last: object = None
        cut: AppError | None = None
        async with self.exchange.opened(endpoint, call) as answer:
            try:
                async with aclosing(answer.batches()) as batches:
                    async for batch in batches:
                        last = batch[-1].value
                        found, failure = _read(batch, decoder, answer)
                        for item in joined(found):
                            yield item
                        if failure is not None:
                            raise failure
                        if decoder.ended:
                            break
                        answer.hurries = decoder.complete
            except (AnswerInterrupted, TimedOut) as error:
                cut = None if decoder.complete else error
        if cut is None and answer.done and decoder.is_empty:
            excerpt = clean(json.dumps(last, ensure_ascii=False)[:_EXCERPT])
            raise BrokenAnswer(excerpt, request_id=answer.request_id, **answer.place.arguments)
        for item in decoder.finish():
            yield item
        if cut is None and not (answer.done or decoder.acceptable):
            cut = AnswerInterrupted(request_id=answer.request_id, **answer.place.arguments)
        if cut is not None:
            raise _told(cut, decoder, answer)

    async def _adjusted(self, endpoint: Endpoint, taught: Taught) -> RequestAdjusted | None:
        """What is to be told before an answer; now that it has come, what was learnt on the way to it is true."""
        if taught.learned and self._learned is not None:
            await self._learned(endpoint, taught.call.model, taught.learned)
        return RequestAdjusted(taught.worth_telling) if taught.worth_telling else None


def _told[Item](cut: AppError, decoder: Decoder[Item], answer: Answer) -> AppError:
    """`cut`; but that what arrived is kept is said only where something did."""
    if type(cut) is not AnswerInterrupted or not decoder.is_empty:
        return cut
    told = NothingArrived(cut.server_words, request_id=answer.request_id, **answer.place.arguments)
    told.__cause__ = cut
    return told


def _read[Item](
    batch: Sequence[Payload], decoder: Decoder[Item], answer: Answer
) -> tuple[list[Item], FailedAttempt | None]:
    """The items of these payloads, up to the end of the answer or to a failure, which is returned as well.

    Raises AnswerTooLarge when there is more text in the answer than in any real one.
    """
    found: list[Item] = []
    for payload in batch:
        failure = _failure_of(payload, answer)
        if failure is not None:
            return found, failure
        found.extend(decoder.feed(payload.name, object_of(payload.value)))
        if decoder.ended:
            break
    answer.text_length += length_of(found)
    if answer.text_length > MOST_TEXT:
        raise answer.too_large(MOST_TEXT)
    return found, None


def _failure_of(payload: Payload, answer: Answer) -> FailedAttempt | None:
    """An answer that began well may still carry an error, in half a dozen shapes."""
    value = object_of(payload.value)
    if not payload.name and "error" not in value and "type" not in value:
        return None  # nearly every chunk of a chat
    kind = value.get("type")
    if kind == "response.failed":
        value = object_of(value.get("response"))
    if not (value.get("error") or "error" in (payload.name, kind) or kind == "response.failed"):
        return None
    said = value or {"message": str(payload.value)}
    return FailedAttempt(failure_in_stream(said, answer.place, answer.request_id), Advice())

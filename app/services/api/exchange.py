"""One request and its answer over HTTP: opened, read as JSON payloads whatever their framing, and closed at once.

Nothing is tried again here; failures before the answer are `FailedAttempt`s, failures within it are `AppError`s.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Any

import httpx

from app.model.errors import AnswerInterrupted, AppError
from app.model.providers import Endpoint
from app.model.server_errors import AddressUnusable, AnswerTooLarge, NothingArrived, OnlySignsOfLife
from app.services.api.address import is_address, origin, resolved, shown_host, without_login
from app.services.api.calls import Call, headers_for, moved_to, sends_key
from app.services.api.connections import Connections, route_to
from app.services.api.events import Event, EventParser
from app.services.api.failures import (
    Place,
    failure_before_answer,
    failure_in_answer,
    failure_of_answer,
    failure_of_response,
    in_circles,
    redirected,
)
from app.services.api.gathering import gathered
from app.services.api.json_text import value_of
from app.services.api.payloads import Payload, PayloadReader
from app.services.api.retry import Advice, FailedAttempt, advice_of
from app.services.api.unpacking import LARGEST_PIECE, unpacker_for

LARGEST_STREAM = 512 << 20
"""Bytes of an answer in events, unpacked; no model says so much."""

_LARGEST_REFUSAL = 1 << 20
_MOST_REDIRECTS = 5
_LARGE_JSON = 1 << 20
_COMMENT_PATIENCE = 2
"""Keep-alive comments may hold an answer open for this many times the idle limit."""
_HURRY = 60
"""What part of the idle limit the end of a complete answer may take."""
_BLANK = b" \t\r\n\xef\xbb\xbf"
_FIELD_BEGINNINGS = (b":", b"d", b"e", b"i", b"r")
_BROKEN = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, UnicodeError)


class Answer:
    """An open answer with status 200. Read it once, with one of its methods."""

    def __init__(self, response: httpx.Response, call: Call, place: Place, clock: Callable[[], float]) -> None:
        self._response = response
        self._largest = call.largest_answer
        self._clock = clock
        self._reader = PayloadReader()
        self.place = place
        self.request_id = response.headers.get("x-request-id", "")
        self.done = False
        """Whether the answer is whole: the server said [DONE], or it came as one JSON value."""
        self.text_length = 0
        """How many characters of text were found in it."""
        self.hurries = False
        """Set when only the server's last words are missing: a stream that stays open then is ended soon."""

    async def batches(self) -> AsyncGenerator[list[Payload]]:
        """The payloads in the groups in which the network brought them, up to [DONE].

        An event stream and a whole JSON body are told apart by their first byte, for servers mix them up. Raises
        BrokenAnswer, WrongAddress (a web page), TimedOut, AnswerInterrupted.
        """
        beginning = b""
        patience = _Patience(self._clock, self.place)
        async with aclosing(self._pieces()) as pieces:
            async for piece in pieces:
                beginning = (beginning + piece).lstrip(_BLANK)
                if beginning:
                    break
                patience.check()
            if self._is_stream(beginning):
                async with (
                    aclosing(gathered(pieces, self._clock)) as together,
                    aclosing(self._events(beginning, together, patience)) as batches,
                ):
                    async for batch in batches:
                        yield batch
                return
            whole = await self._collect(beginning, pieces)
        value = await self._whole_json(whole)
        self.done = True
        yield [Payload("", value)]

    async def read(self) -> bytes:
        """The whole body as it is."""
        async with aclosing(self._pieces()) as pieces:
            return await self._collect(b"", pieces)

    async def json(self) -> Any:  # noqa: ANN401 - whatever the server sent
        """The whole body as JSON."""
        return await self._whole_json(await self.read())

    def _is_stream(self, beginning: bytes) -> bool:
        """Told by the first byte, for there may be no more yet: no JSON begins like a comment or a field's name."""
        first = beginning[:1]
        says_stream = "event-stream" in self._response.headers.get("content-type", "")
        return says_stream or first in _FIELD_BEGINNINGS

    async def _events(
        self, beginning: bytes, pieces: AsyncGenerator[bytes], patience: _Patience
    ) -> AsyncGenerator[list[Payload]]:
        parser = EventParser()
        piece: bytes | None = beginning
        while piece is not None:
            payloads, failure = await self._payloads(parser.feed(piece))
            if payloads:
                yield payloads
            if failure is not None:
                raise failure
            if self.done:
                return
            try:
                patience.check() if parser.only_comments else patience.renew()
                piece = await self._next(pieces)
            except AppError:
                if waiting := self._reader.finish():
                    yield waiting
                raise
        payloads, _ = await self._payloads(parser.finish())  # the parser lets only whole ones through at the end
        payloads += self._reader.finish()
        if payloads:
            yield payloads

    async def _next(self, pieces: AsyncGenerator[bytes]) -> bytes | None:
        if not self.hurries:
            return await anext(pieces, None)
        with suppress(TimeoutError):
            async with asyncio.timeout(self.place.idle_s / _HURRY):
                return await anext(pieces, None)
        return None

    async def _payloads(self, events: list[Event]) -> tuple[list[Payload], AppError | None]:
        """The events' values, and the failure that an unreadable one means; those before it must not be lost."""
        found: list[Payload] = []
        for event in events:
            if event.data == "[DONE]":
                self.done = True
                break
            is_large = len(event.data) > _LARGE_JSON
            read = self._reader.read
            try:
                found += await asyncio.to_thread(read, *event) if is_large else read(*event)
            except ValueError:
                found += self._reader.finish()
                return found, failure_of_answer(event.data.encode()[:2000], self.place, self.request_id)
        if self.done:
            found += self._reader.finish()
        return found, None

    async def _pieces(self) -> AsyncGenerator[bytes]:
        size = 0
        try:
            unpacker = unpacker_for(self._response.headers)
            async for data in self._response.aiter_raw():
                for piece in unpacker.feed(data):
                    size += len(piece)
                    if size > LARGEST_STREAM:
                        raise self.too_large(LARGEST_STREAM)
                    yield piece
            unpacker.finish()
        except _BROKEN as error:
            raise failure_in_answer(error, self.place, self.request_id) from error

    async def _collect(self, beginning: bytes, pieces: AsyncGenerator[bytes]) -> bytes:
        found = bytearray(beginning)
        try:
            async for piece in pieces:
                found += piece
                if len(found) > self._largest:
                    raise self.too_large(self._largest)
        except AnswerInterrupted as error:
            # A server may promise more than it has; what is whole is not thrown away for that.
            if not await asyncio.to_thread(_is_whole_object, bytes(found)):
                raise NothingArrived(error.server_words, request_id=self.request_id, **self.place.arguments) from error
        return bytes(found)

    def too_large(self, most: int) -> AnswerTooLarge:
        """The failure of an answer with more than `most` bytes, or characters."""
        return AnswerTooLarge(most=f"{most / 1e6:.0f} MB", request_id=self.request_id, **self.place.arguments)

    async def _whole_json(self, body: bytes) -> Any:  # noqa: ANN401 - whatever the server sent
        text = body.decode("utf-8", "replace").lstrip("\ufeff")
        try:
            return await asyncio.to_thread(value_of, text) if len(text) > _LARGE_JSON else value_of(text)
        except ValueError as error:
            raise failure_of_answer(body, self.place, self.request_id) from error


class _Patience:
    """How long an answer may be held open without any progress: keep-alive comments do not count as such."""

    def __init__(self, clock: Callable[[], float], place: Place) -> None:
        self._clock = clock
        self._place = place
        self._since = clock()

    def renew(self) -> None:
        self._since = self._clock()

    def check(self) -> None:
        """Raise OnlySignsOfLife when nothing but comments came for too long."""
        patience_s = _COMMENT_PATIENCE * self._place.idle_s
        if self._clock() - self._since > patience_s:
            raise OnlySignsOfLife(**{**self._place.arguments, "seconds": f"{patience_s:g}"})


class Exchange:
    """Opens answers; `clock` gives seconds."""

    def __init__(self, connections: Connections, clock: Callable[[], float] = time.monotonic) -> None:
        self._connections = connections
        self._clock = clock

    @asynccontextmanager
    async def opened(self, endpoint: Endpoint, call: Call) -> AsyncIterator[Answer]:
        """Send `call` and give its answer once the status is known to be good; leaving closes the connection.

        Raises FailedAttempt for everything up to there, and what `headers_for` raises.
        """
        if not is_address(endpoint.base_url):
            raise FailedAttempt(AddressUnusable(**place_of(endpoint, call).arguments), Advice())
        headers = headers_for(endpoint)
        route = await route_to(endpoint)
        place = place_of(endpoint, call, through_proxy=bool(route.proxy_url))
        client = await self._connections.client_for(route)
        try:
            request = await _request(client, endpoint, call, headers)
            response = await self._send(client, request, place)
        except _BROKEN as error:
            raise FailedAttempt(failure_before_answer(error, place), Advice()) from error
        try:
            if response.status_code >= 300:
                raise await _failed_attempt(response, place)
            yield Answer(response, call, place, self._clock)
        finally:
            await response.aclose()

    async def download(self, endpoint: Endpoint, url: str) -> bytes:
        """The bytes at `url`, which an answer named; the key goes along only to the endpoint's own origin."""
        try:
            async with self.opened(moved_to(endpoint, url), Call("", method="GET")) as answer:
                return await answer.read()
        except FailedAttempt as failure:
            raise failure.error from failure

    async def _send(self, client: httpx.AsyncClient, request: httpx.Request, place: Place) -> httpx.Response:
        """Send; a redirect is followed only for a GET and only within its origin, where the key may go."""
        for _ in range(_MOST_REDIRECTS):
            response = await client.send(request, stream=True)
            location = response.headers.get("location", "")
            if not (300 <= response.status_code < 400 and location):
                return response
            target = resolved(str(request.url), location)
            await response.aclose()
            if request.method != "GET" or origin(target) != origin(str(request.url)):
                raise FailedAttempt(redirected(target, place, response.status_code), Advice())
            request = client.build_request("GET", target, headers=request.headers, extensions=request.extensions)
        raise FailedAttempt(in_circles(target, place, response.status_code), Advice())


def place_of(endpoint: Endpoint, call: Call, *, through_proxy: bool = False) -> Place:
    """What the errors of this call will name."""
    return Place(
        host=shown_host(endpoint.base_url),
        base_url=without_login(endpoint.base_url),
        path=call.path,
        model=call.model,
        connect_s=endpoint.timeouts.connect_s,
        idle_s=endpoint.timeouts.idle_s,
        through_proxy=through_proxy,
        has_key=sends_key(endpoint),
    )


async def _request(client: httpx.AsyncClient, endpoint: Endpoint, call: Call, headers: dict[str, str]) -> httpx.Request:
    url = endpoint.base_url.rstrip("/") + call.path
    idle_s = endpoint.timeouts.idle_s
    timeout = httpx.Timeout(connect=endpoint.timeouts.connect_s, read=idle_s, write=idle_s, pool=idle_s)
    if call.method == "GET":
        return client.build_request("GET", url, headers=headers, timeout=timeout)
    if call.files:
        fields, files = call.form_fields(), list(call.files)
        return client.build_request("POST", url, headers=headers, timeout=timeout, data=fields, files=files)
    content = await asyncio.to_thread(call.json_bytes) if call.is_large else call.json_bytes()
    headers = {"Content-Type": "application/json", **headers}
    return client.build_request("POST", url, headers=headers, timeout=timeout, content=content)


async def _failed_attempt(response: httpx.Response, place: Place) -> FailedAttempt:
    """Read why the server refuses; a body that breaks off or never ends must not hide the status."""
    body = b""
    with suppress(*_BROKEN):
        async with asyncio.timeout(min(place.idle_s, 30.0)):
            unpacker = unpacker_for(response.headers)
            async for data in response.aiter_raw():
                body += b"".join(itertools.islice(unpacker.feed(data), _LARGEST_REFUSAL // LARGEST_PIECE))
                if len(body) > _LARGEST_REFUSAL:
                    break
    error = failure_of_response(response.status_code, response.headers, body, place)
    advice = advice_of(response.headers)
    error.pause_s = advice.delay_s
    return FailedAttempt(error, advice)


def _is_whole_object(body: bytes) -> bool:
    """Whether this is a JSON object from its first bracket to its last."""
    try:
        return isinstance(value_of(body.decode("utf-8", "replace")), dict)
    except ValueError:
        return False

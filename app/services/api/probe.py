"""The connection test: what is wrong with a server's settings, in one word, and the address that would work.

It asks for the model list, tries the key on a request that costs nothing, looks whether the models that are in use
are there, and looks for the right address nearby.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from urllib.parse import quote, urlsplit

import httpx

from app.model.errors import (
    AccountLimit,
    AppError,
    BrokenAnswer,
    CertificateRejected,
    ConnectionFailed,
    KeyRejected,
    KeyUnusable,
    ModelLoading,
    ModelNotFound,
    PermissionDenied,
    ProxyFailed,
    RateLimited,
    Redirected,
    RequestRefused,
    ServerTrouble,
    TimedOut,
    UnreadableFile,
    WrongAddress,
)
from app.model.providers import Endpoint, ModelInfo, TestResult, Timeouts, Verdict
from app.model.server_errors import KeyNeeded
from app.services.api.address import (
    is_address,
    normalize_base_url,
    origin,
    other_addresses,
    other_doors,
    without_login,
)
from app.services.api.calls import Call, moved_to
from app.services.api.exchange import Answer, Exchange
from app.services.api.failures import causes_of
from app.services.api.models_wire import MODELS_CALL, models_of
from app.services.api.retry import FailedAttempt
from app.services.api.shapes import object_of

LIMIT_S = 9.5
"""The whole test ends within this time, whatever the network does."""

_LIST_LIMIT_S = 6.0
_LONGEST_CONNECT_S = 4.0
_LONGEST_SILENCE_S = 5.0
_CHECKS_LIMIT_S = 3.0
"""For the key and the models together: the list has come by then, and a slow answer to these must not hide it."""
_KEY_CALL = Call("/chat/completions")
"""Refused by every server because it is empty, but only after the key was looked at: so it costs nothing."""

_VERDICTS: tuple[tuple[type[AppError], Verdict], ...] = (
    (CertificateRejected, Verdict.CERTIFICATE),
    (UnreadableFile, Verdict.CERTIFICATE_FILE),
    (ProxyFailed, Verdict.PROXY),
    (TimedOut, Verdict.SILENT),
    (ConnectionFailed, Verdict.UNREACHABLE),
    (WrongAddress, Verdict.WRONG_ADDRESS),
    (KeyUnusable, Verdict.KEY_UNUSABLE),
    (KeyNeeded, Verdict.NO_KEY),
    (KeyRejected, Verdict.KEY),
    (PermissionDenied, Verdict.PERMISSION),
    (AccountLimit, Verdict.LIMIT),
    (RateLimited, Verdict.BUSY),
    (ModelLoading, Verdict.LOADING),
    (BrokenAnswer, Verdict.WRONG_ADDRESS),
)
_ABOUT_THE_KEY = (KeyRejected, PermissionDenied, AccountLimit, RateLimited)
_SPEAKS_THE_PROTOCOL = (KeyRejected, RateLimited, AccountLimit, ModelLoading)
"""What whoever has a model list may answer to somebody without a key."""
_SAYS_NOTHING = (WrongAddress, ModelNotFound, RequestRefused, ServerTrouble, BrokenAnswer, ConnectionFailed)
"""Failures of a check that do not take back that the server works."""

_HUNG_UP = (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)


class Probe:
    """Tests one endpoint; `wanted` are the ids of those of its models that are in use."""

    def __init__(self, exchange: Exchange, endpoint: Endpoint, wanted: Sequence[str] = ()) -> None:
        self._exchange = exchange
        self._wanted = wanted
        connect_s = min(endpoint.timeouts.connect_s, _LONGEST_CONNECT_S)
        timeouts = Timeouts(connect_s, min(endpoint.timeouts.idle_s, _LONGEST_SILENCE_S))
        self._endpoint = replace(endpoint, base_url=normalize_base_url(endpoint.base_url), timeouts=timeouts)

    async def run(self) -> TestResult:
        """The verdict, after at most `LIMIT_S` seconds; no failure is raised."""
        if not is_address(self._endpoint.base_url):
            return TestResult(Verdict.MALFORMED)
        failure: AppError = TimedOut()
        try:
            async with asyncio.timeout(LIMIT_S):
                try:
                    return await self._judged()
                except AppError as error:
                    failure = error
                    return await self._repaired(failure)
        except TimeoutError:
            return self._result(failure)

    async def _judged(self) -> TestResult:
        """The verdict on a server that answers as it should. Raises AppError when something is wrong."""
        try:
            async with asyncio.timeout(_LIST_LIMIT_S):
                models = await self._models(self._endpoint)
        except WrongAddress as error:
            if isinstance(error, Redirected) or not await self._answers_chat():
                raise
            return TestResult(Verdict.WORKS)  # a server without a model list, but with everything else
        missing = ""
        with suppress(TimeoutError, *_SAYS_NOTHING):
            async with asyncio.timeout(_CHECKS_LIMIT_S):
                # Several servers show their models to everybody, so the key has not been looked at yet.
                await self._check_key()
                missing = await self._missing(models)
        if missing or not models:
            return TestResult(Verdict.NO_MODEL, models=tuple(models), missing_model=missing)
        return TestResult(Verdict.WORKS, models=tuple(models))

    async def _check_key(self) -> None:
        """Raises what is about the key."""
        with suppress(*_SAYS_NOTHING):
            async with self._opened(self._endpoint, _KEY_CALL):
                pass

    async def _missing(self, models: Sequence[ModelInfo]) -> str:
        """The first wanted model of which the server says that it does not have it.

        That a list lacks it does not say so: some name a part of what they have, or their models otherwise.
        """
        listed = {model.id for model in models}
        for model_id in self._wanted:
            if models and model_id not in listed:
                call = Call(f"/models/{quote(model_id, safe='')}", model_id, method="GET")
                try:
                    async with self._opened(self._endpoint, call):
                        continue
                except ModelNotFound as error:
                    if call.path not in error.server_words:  # else it is the route that is not known
                        return model_id
                except (WrongAddress, RequestRefused):
                    continue  # it knows no such question
        return ""

    async def _answers_chat(self) -> bool:
        """Whether a chat request is understood here; raises what is about the key."""
        try:
            said = object_of(await self._posted())
        except _ABOUT_THE_KEY:
            raise
        except RequestRefused:
            return True
        except AppError:
            return False
        # A web server may have a page for every question, and LM Studio has one sentence for all wrong ones.
        return "choices" in said or isinstance(said.get("error"), dict)

    async def _posted(self) -> object:
        async with self._opened(self._endpoint, _KEY_CALL) as answer:
            return await answer.json()

    async def _models(self, endpoint: Endpoint) -> list[ModelInfo]:
        async with self._opened(endpoint, MODELS_CALL) as answer:
            return models_of(endpoint, await answer.json())

    @asynccontextmanager
    async def _opened(self, endpoint: Endpoint, call: Call) -> AsyncIterator[Answer]:
        """An answer, asked for again only when the server hung up on a connection that it had let us keep.

        Raises AppError.
        """
        try:
            async with AsyncExitStack() as stack:
                try:
                    answer = await stack.enter_async_context(self._exchange.opened(endpoint, call))
                except FailedAttempt as failure:
                    if not isinstance(failure.__cause__, _HUNG_UP):
                        raise
                    answer = await stack.enter_async_context(self._exchange.opened(endpoint, call))
                yield answer
        except FailedAttempt as failure:
            raise failure.error from failure.__cause__

    async def _repaired(self, failure: AppError) -> TestResult:
        """The verdict for `failure`, with the address that works if one is found nearby.

        Where a server sends us to another host, that address is offered and not asked: who is there is not known.
        """
        if isinstance(failure, Redirected) and not self._is_own_host(failure.arguments["suggestion"]):
            target = without_login(failure.arguments["suggestion"])
            return TestResult(Verdict.WRONG_ADDRESS, failure.server_words, corrected_url=target)
        for url in self._nearby(failure):
            try:
                models = await self._models(moved_to(self._endpoint, url))
            except _SPEAKS_THE_PROTOCOL:
                models = []
            except CertificateRejected:
                if not _is_same_port(url, self._endpoint.base_url):
                    continue
                models = []  # TLS is spoken at this very port; the next test is about the certificate
            except AppError:
                continue
            words = failure.server_words
            return TestResult(Verdict.WRONG_ADDRESS, words, corrected_url=without_login(url), models=tuple(models))
        return self._result(failure)

    def _is_own_host(self, url: str) -> bool:
        return origin(url)[1] == origin(self._endpoint.base_url)[1]

    def _nearby(self, failure: AppError) -> list[str]:
        url = self._endpoint.base_url
        if isinstance(failure, Redirected):
            target = normalize_base_url(failure.arguments["suggestion"])
            return [target, *other_addresses(target)]
        if isinstance(failure, CertificateRejected | ProxyFailed):
            return []
        if isinstance(failure, TimedOut):
            # A server that speaks plain http may wait for ever for the rest of a TLS greeting.
            return other_doors(url) if url.startswith("https:") else []
        if isinstance(failure, ConnectionFailed):
            return other_doors(url)
        if isinstance(failure, WrongAddress | BrokenAnswer):
            return [*other_addresses(url), *other_doors(url)]
        return []

    def _result(self, failure: AppError) -> TestResult:
        verdict = next((found for kind, found in _VERDICTS if isinstance(failure, kind)), Verdict.SERVER)
        finer = next(_finer(verdict, failure), verdict)
        return TestResult(finer, failure.server_words)


def _finer(verdict: Verdict, failure: AppError) -> Iterator[Verdict]:
    """What of a verdict can be told apart, because it is put right in another way."""
    words = failure.server_words.lower()
    causes = list(causes_of(failure))
    if verdict is Verdict.UNREACHABLE and any(isinstance(cause, socket.gaierror) for cause in causes):
        yield Verdict.UNKNOWN_HOST
    if verdict is Verdict.UNREACHABLE and any(isinstance(cause, httpx.RemoteProtocolError) for cause in causes):
        yield Verdict.WRONG_ADDRESS  # somebody is there, and hangs up
    if verdict is Verdict.PROXY and (failure.status == 407 or words.startswith("407")):
        yield Verdict.PROXY_LOGIN
    if verdict is Verdict.CERTIFICATE and ("expired" in words or "not yet valid" in words):
        yield Verdict.CERTIFICATE_DATE
    if verdict is Verdict.CERTIFICATE and "mismatch" in words:
        yield Verdict.CERTIFICATE_NAME


def _is_same_port(one: str, other: str) -> bool:
    return urlsplit(one).port is not None and urlsplit(one).netloc == urlsplit(other).netloc

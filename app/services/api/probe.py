"""The connection test: what is wrong with a server's settings, in one word, and the address that would work.

It asks for the model list, tries the key on a request that costs nothing, and looks for the right address nearby.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace

from app.model.errors import (
    AccountLimit,
    AppError,
    BrokenAnswer,
    CertificateRejected,
    ConnectionFailed,
    KeyRejected,
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
from app.services.api.address import normalize_base_url, origin, other_addresses, other_doors
from app.services.api.calls import Call
from app.services.api.exchange import Exchange
from app.services.api.models_wire import MODELS_CALL, models_of
from app.services.api.retry import FailedAttempt

LIMIT_S = 9.5
"""The whole test ends within this time, whatever the network does."""

_FIRST_LIMIT_S = 6.0
_LONGEST_CONNECT_S = 4.0
_LONGEST_SILENCE_S = 5.0
_KEY_LIMIT_S = 2.5
_KEY_CALL = Call("/chat/completions")
"""Refused by every server because it is empty, but only after the key was looked at: so it costs nothing."""

_VERDICTS: tuple[tuple[type[AppError], Verdict], ...] = (
    (CertificateRejected, Verdict.CERTIFICATE),
    (UnreadableFile, Verdict.CERTIFICATE),
    (ProxyFailed, Verdict.PROXY),
    (ConnectionFailed, Verdict.UNREACHABLE),
    (WrongAddress, Verdict.WRONG_ADDRESS),
    (KeyRejected, Verdict.KEY),
    (PermissionDenied, Verdict.PERMISSION),
    (AccountLimit, Verdict.LIMIT),
    (RateLimited, Verdict.LIMIT),
    (ServerTrouble, Verdict.SERVER),
)
_ABOUT_THE_KEY = (KeyRejected, PermissionDenied, AccountLimit, RateLimited)


class Probe:
    """Tests one endpoint."""

    def __init__(self, exchange: Exchange, endpoint: Endpoint) -> None:
        self._exchange = exchange
        connect_s = min(endpoint.timeouts.connect_s, _LONGEST_CONNECT_S)
        timeouts = Timeouts(connect_s, min(endpoint.timeouts.idle_s, _LONGEST_SILENCE_S))
        self._endpoint = replace(endpoint, base_url=normalize_base_url(endpoint.base_url), timeouts=timeouts)

    async def run(self) -> TestResult:
        """The verdict, after at most `LIMIT_S` seconds; no failure is raised."""
        failure: AppError = TimedOut(host=self._endpoint.base_url, seconds=f"{LIMIT_S:g}")
        try:
            async with asyncio.timeout(LIMIT_S):
                try:
                    async with asyncio.timeout(_FIRST_LIMIT_S):
                        return TestResult(Verdict.WORKS, models=tuple(await self._asked()))
                except TimeoutError:
                    return _result(failure)
                except AppError as error:
                    failure = error
                return await self._repaired(failure)
        except TimeoutError:
            return _result(failure)

    async def _asked(self) -> list[ModelInfo]:
        """The models at the endpoint as it is. Raises AppError when something is wrong with it."""
        try:
            models = await self._models(self._endpoint)
        except WrongAddress as error:
            if isinstance(error, Redirected) or not await self._answers_chat():
                raise
            return []  # a server without a model list, but with everything else
        with suppress(WrongAddress, RequestRefused, ServerTrouble, BrokenAnswer, ConnectionFailed, TimeoutError):
            # Several servers show their models to everybody, so the key has not been looked at yet.
            async with asyncio.timeout(_KEY_LIMIT_S):
                await self._posted()
        return models

    async def _answers_chat(self) -> bool:
        """Whether a chat request is understood here; raises what is about the key."""
        try:
            await self._posted()
        except _ABOUT_THE_KEY:
            raise
        except RequestRefused:
            return True
        except AppError:
            return False
        return True

    async def _posted(self) -> None:
        try:
            async with self._exchange.opened(self._endpoint, _KEY_CALL):
                pass
        except FailedAttempt as failure:
            raise failure.error from failure.__cause__

    async def _models(self, endpoint: Endpoint) -> list[ModelInfo]:
        try:
            async with self._exchange.opened(endpoint, MODELS_CALL) as answer:
                return models_of(endpoint, await answer.json())
        except FailedAttempt as failure:
            raise failure.error from failure.__cause__

    async def _repaired(self, failure: AppError) -> TestResult:
        """The verdict for `failure`, with the address that works if one is found nearby."""
        for url in self._nearby(failure):
            endpoint = replace(self._endpoint, base_url=url)
            if origin(url) != origin(self._endpoint.base_url):
                endpoint = replace(endpoint, key="", extra_headers={})
            try:
                models = await self._models(endpoint)
            except (KeyRejected, RateLimited, AccountLimit):
                models = []  # whoever asks for a key there speaks the protocol
            except AppError:
                continue
            words = failure.server_words or failure.title
            return TestResult(Verdict.WRONG_ADDRESS, words, corrected_url=url, models=tuple(models))
        return _result(failure)

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


def _result(failure: AppError) -> TestResult:
    verdict = next((found for kind, found in _VERDICTS if isinstance(failure, kind)), Verdict.SERVER)
    return TestResult(verdict, failure.server_words or failure.title)

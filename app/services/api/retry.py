"""When a failed request is sent again, and after how long; sending and waiting happen elsewhere.

The rules are those of OpenAI's own clients, with two exceptions: a billing limit is never tried again, and a server
that still loads its model gets minutes instead of two attempts.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from app.model.chat import RetryPending
from app.model.errors import (
    AccountLimit,
    AppError,
    ConnectionFailed,
    ModelLoading,
    RateLimited,
    ServerTrouble,
    TooLarge,
)

MAX_RETRIES = 2
LONGEST_DELAY_S = 120.0
"""A server that wants a longer pause than this is not asked again."""
LOADING_PATIENCE_S = 300.0

_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 8.0
_RETRIED_STATUS = frozenset({408, 409, 429, 498})


@dataclass(frozen=True, slots=True)
class Advice:
    """What the server said about trying again; None where it said nothing."""

    delay_s: float | None = None
    wanted: bool | None = None


class FailedAttempt(Exception):
    """A request that failed before anything of its answer was shown, with the server's advice."""

    def __init__(self, error: AppError, advice: Advice) -> None:
        super().__init__(str(error))
        self.error = error
        self.advice = advice


class RetrySchedule:
    """Counts the attempts of one call and decides about the next; `jitter` gives 0.0 to 1.0."""

    def __init__(self, jitter: Callable[[], float] = random.random) -> None:
        self._jitter = jitter
        self._attempts = 0
        self._waited_s = 0.0

    def pause_after(self, failure: FailedAttempt) -> RetryPending | None:
        """The pause before the next attempt; None when there shall be none."""
        if not _is_worth_it(failure.error, failure.advice):
            return None
        delay_s = failure.advice.delay_s
        if delay_s is not None and delay_s > LONGEST_DELAY_S:
            return None
        wait_s = self._own_delay() if delay_s is None else delay_s
        if isinstance(failure.error, ModelLoading):
            if self._waited_s + wait_s > LOADING_PATIENCE_S:
                return None
        elif self._attempts >= MAX_RETRIES:
            return None
        self._attempts += 1
        self._waited_s += wait_s
        return RetryPending(wait_s, self._attempts, failure.error.title)

    def _own_delay(self) -> float:
        pause_s: float = min(_FIRST_PAUSE_S * 2**self._attempts, _LONGEST_PAUSE_S)
        return pause_s * (1 - 0.25 * self._jitter())


def advice_of(headers: Mapping[str, str], now: Callable[[], float] = time.time) -> Advice:
    """The server's advice; `headers` are looked up in lower case."""
    said = headers.get("x-should-retry", "").lower()
    wanted = {"true": True, "false": False}.get(said)
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return Advice(_sensible(milliseconds / 1000), wanted)
    after = headers.get("retry-after", "")
    seconds = _number(after)
    if seconds is None and after:
        seconds = _seconds_until(after, now())
    return Advice(_sensible(seconds), wanted)


def _is_worth_it(error: AppError, advice: Advice) -> bool:
    if isinstance(error, AccountLimit | TooLarge):
        return False
    if advice.wanted is not None:
        return advice.wanted
    if error.status is None:
        # Without a status: no answer came, or the failure was told inside one that had begun well.
        return error.retryable and isinstance(error, ConnectionFailed | RateLimited | ServerTrouble)
    return error.retryable and (error.status in _RETRIED_STATUS or error.status >= 500)


def _sensible(seconds: float | None) -> float | None:
    return seconds if seconds is not None and math.isfinite(seconds) and seconds > 0 else None


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _seconds_until(date: str, now: float) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp() - now
    except (ValueError, OverflowError):
        return None

"""When a failed request is sent again, and after how long."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest

from app.model.errors import (
    AccountLimit,
    AppError,
    BrokenAnswer,
    CertificateRejected,
    ConnectionFailed,
    KeyRejected,
    ModelLoading,
    ProxyFailed,
    RateLimited,
    RequestRefused,
    RouteMissing,
    ServerTrouble,
    TimedOut,
    TooLarge,
)
from app.services.api.retry import LOADING_PATIENCE_S, Advice, FailedAttempt, RetrySchedule, advice_of

NOW = 1_790_000_000.0


def waits(error: AppError, advice: Advice | None = None, most: int = 200) -> list[float]:
    """The pauses of a schedule that meets the same failure again and again."""
    schedule = RetrySchedule(jitter=lambda: 0.0)
    found: list[float] = []
    while len(found) < most and (pause := schedule.pause_after(FailedAttempt(error, advice or Advice()))):
        found.append(pause.wait_s)
    return found


RETRIED = [
    RateLimited(status=429),
    RateLimited(status=498),
    ServerTrouble(status=408),
    ServerTrouble(status=409),
    ServerTrouble(status=500),
    ServerTrouble(status=503),
    ServerTrouble(status=520),
    ConnectionFailed(),
    TimedOut(),
    ProxyFailed(),
]
FINAL = [
    AccountLimit(status=429),
    TooLarge(status=413),
    RequestRefused(status=400),
    KeyRejected(status=401),
    RouteMissing(status=501),
    CertificateRejected(),
    ProxyFailed(status=407),
    BrokenAnswer(),
    BrokenAnswer(status=200),
]


@pytest.mark.parametrize("error", RETRIED, ids=lambda e: f"{type(e).__name__} {e.status}")
def test_two_more_attempts(error: AppError) -> None:
    assert waits(error) == [0.5, 1.0]


@pytest.mark.parametrize("error", FINAL, ids=lambda e: f"{type(e).__name__} {e.status}")
def test_no_more_attempts(error: AppError) -> None:
    assert waits(error) == []


def test_the_servers_delay_counts() -> None:
    assert waits(RateLimited(status=429), Advice(delay_s=20.0)) == [20.0, 20.0]
    assert waits(RateLimited(status=429), Advice(delay_s=120.0)) == [120.0, 120.0]
    assert waits(RateLimited(status=429), Advice(delay_s=121.0)) == []


def test_the_servers_wish_counts_but_never_for_billing() -> None:
    assert waits(ServerTrouble(status=500), Advice(wanted=False)) == []
    assert len(waits(RequestRefused(status=400), Advice(wanted=True))) == 2
    assert waits(AccountLimit(status=429), Advice(delay_s=1.0, wanted=True)) == []
    assert waits(TooLarge(status=413), Advice(wanted=True)) == []


def test_a_model_may_load_for_minutes() -> None:
    pauses = waits(ModelLoading(status=503))
    assert pauses[:6] == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0]
    assert LOADING_PATIENCE_S - 8 < sum(pauses) <= LOADING_PATIENCE_S


def test_pauses_are_spread() -> None:
    pause = RetrySchedule(jitter=lambda: 1.0).pause_after(FailedAttempt(ServerTrouble(status=500), Advice()))
    assert pause is not None
    assert pause.wait_s == 0.375
    assert (pause.attempt, pause.reason) == (1, ServerTrouble.title)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, Advice()),
        ({"retry-after": "20"}, Advice(20.0)),
        ({"retry-after": "1.5"}, Advice(1.5)),
        ({"retry-after-ms": "250", "retry-after": "20"}, Advice(0.25)),
        ({"retry-after": format_datetime(datetime.fromtimestamp(NOW + 30, UTC), usegmt=True)}, Advice(30.0)),
        ({"retry-after": format_datetime(datetime.fromtimestamp(NOW - 30, UTC), usegmt=True)}, Advice()),
        ({"retry-after": "-5"}, Advice()),
        ({"retry-after": "0"}, Advice()),
        ({"retry-after": "nan"}, Advice()),
        ({"retry-after": "inf"}, Advice()),
        ({"retry-after": "soon"}, Advice()),
        ({"retry-after-ms": "", "retry-after": "3"}, Advice(3.0)),
        ({"retry-after": "999999"}, Advice(999_999.0)),
        ({"x-should-retry": "true"}, Advice(wanted=True)),
        ({"x-should-retry": "FALSE", "retry-after": "2"}, Advice(2.0, wanted=False)),
        ({"x-should-retry": "perhaps"}, Advice()),
    ],
)
def test_advice_in_headers(headers: dict[str, str], expected: Advice) -> None:
    assert advice_of(headers, now=lambda: NOW) == expected

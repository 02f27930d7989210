"""How long the rest of a download takes, judged by its last seconds."""

from __future__ import annotations

import pytest

from app.model.pace import JUDGED_BY_S, Pace


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def _steady(pace: Pace, clock: Clock, seconds: int, per_s: int, done: int = 0) -> int:
    for _ in range(seconds):
        pace.note("model", done)
        clock.now += 1
        done += per_s
    pace.note("model", done)
    return done


def test_nothing_is_told_before_enough_was_seen() -> None:
    clock = Clock()
    pace = Pace(clock)
    assert pace.left_s(1000) is None
    _steady(pace, clock, 1, 100)
    assert pace.left_s(1000) is None


def test_the_rest_takes_as_long_as_it_did_so_far() -> None:
    clock = Clock()
    pace = Pace(clock)
    _steady(pace, clock, 5, 100)
    assert pace.left_s(1000) == pytest.approx(10)
    assert pace.left_s(0) == 0


def test_the_last_seconds_count() -> None:
    clock = Clock()
    pace = Pace(clock)
    done = _steady(pace, clock, 60, 1000)
    _steady(pace, clock, int(JUDGED_BY_S) + 1, 10, done)
    assert pace.left_s(1000) == pytest.approx(100, rel=0.1)


def test_a_standstill_is_not_for_ever() -> None:
    clock = Clock()
    pace = Pace(clock)
    _steady(pace, clock, 5, 0)
    assert pace.left_s(1000) is None


def test_another_download_begins_anew() -> None:
    clock = Clock()
    pace = Pace(clock)
    _steady(pace, clock, 5, 100)
    pace.note("another", 0)
    assert pace.left_s(1000) is None
    _steady(pace, clock, 5, 100)
    pace.note("model", 3)  # from its beginning once more
    assert pace.left_s(1000) is None

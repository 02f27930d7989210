"""Which backups are due and which may go, over months of use and with clocks that were wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.model.backups import DAILY_KEPT, WEEKLY_KEPT, is_due, superseded

NOW = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def test_one_a_day_is_due() -> None:
    assert is_due([], NOW)
    assert not is_due([NOW - timedelta(hours=3)], NOW)
    assert is_due([NOW - 3 * DAY, NOW - timedelta(hours=21)], NOW)


def test_a_backup_from_the_future_does_not_stop_the_next_one() -> None:
    assert is_due([NOW + 400 * DAY], NOW)
    assert not is_due([NOW + 400 * DAY, NOW - timedelta(hours=1)], NOW)


def test_a_year_of_days_leaves_a_week_of_days_and_four_weeks() -> None:
    kept: set[datetime] = set()
    for number in range(365):
        now = NOW + number * DAY
        kept.add(now)
        kept -= superseded(kept, now)
    last = NOW + 364 * DAY
    ages = sorted((last - moment).days for moment in kept)
    assert ages[:DAILY_KEPT] == list(range(DAILY_KEPT))
    assert len(ages) == DAILY_KEPT + WEEKLY_KEPT
    assert 28 <= ages[-1] <= 42
    weeks = [(last - timedelta(days=age)).isocalendar().week for age in ages[DAILY_KEPT:]]
    assert len(set(weeks)) == WEEKLY_KEPT, "one of each week"


@given(st.sets(st.integers(-200, 200), max_size=60))
def test_the_newest_past_ones_never_go(days: set[int]) -> None:
    made = {NOW + day * DAY for day in days}
    gone = superseded(made, NOW)
    assert gone <= made
    past = sorted((moment for moment in made if moment <= NOW), reverse=True)
    assert not gone & set(past[:DAILY_KEPT])
    assert len(made - gone) <= DAILY_KEPT + WEEKLY_KEPT

"""Stretches of sound: what is missing and what belongs together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.model.audio import SoundFormat, Stretch, merge_stretches, missing_stretches

_STRETCHES = st.lists(
    st.builds(lambda start, length: Stretch(start, start + length), st.floats(0, 100), st.floats(0.2, 30)), max_size=6
)


def test_what_is_missing_before_between_and_after() -> None:
    done = [Stretch(40, 50), Stretch(10, 20)]
    assert missing_stretches(done, 60) == (Stretch(0, 10), Stretch(20, 40), Stretch(50, 60))
    assert missing_stretches([], 5) == (Stretch(0, 5),)
    assert missing_stretches([Stretch(0, 59.95)], 60) == ()
    assert missing_stretches([], 0) == ()


@given(done=_STRETCHES)
def test_done_and_missing_are_everything_together(done: list[Stretch]) -> None:
    missing = missing_stretches(done, 60)
    assert merge_stretches([*done, *missing])[0].start_s <= 0.1
    assert missing_stretches([*done, *missing], 60) == ()


@given(done=_STRETCHES)
def test_merging_changes_nothing_about_what_is_covered(done: list[Stretch]) -> None:
    assert missing_stretches(merge_stretches(done), 60) == missing_stretches(done, 60)


def test_neighbours_become_one() -> None:
    assert merge_stretches([Stretch(5, 9), Stretch(0, 5.05), Stretch(20, 21)]) == (Stretch(0, 9), Stretch(20, 21))


@pytest.mark.parametrize(("layout", "expected"), [(SoundFormat(), 32_000), (SoundFormat(44_100, 2), 176_400)])
def test_bytes_per_second(layout: SoundFormat, expected: int) -> None:
    assert layout.bytes_per_second == expected

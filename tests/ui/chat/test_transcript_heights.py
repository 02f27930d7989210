"""Where rows of different heights begin."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.ui.chat.transcript_heights import Heights

HEIGHTS = st.lists(st.integers(1, 500), min_size=1, max_size=40)


@given(HEIGHTS, st.lists(st.tuples(st.integers(0, 39), st.integers(1, 500)), max_size=20))
def test_tops_are_sums_after_any_changes(heights: list[int], changes: list[tuple[int, int]]) -> None:
    table = Heights(heights)
    for index, height in changes:
        place = index % len(heights)
        assert table.set(place, height) == (heights[place] != height)
        heights[place] = height
        assert table.top(place) == sum(heights[:place])
    assert table.total == sum(heights)


@given(HEIGHTS, st.integers(-100, 30_000))
def test_the_row_at_a_place(heights: list[int], y: int) -> None:
    table = Heights(heights)
    row = table.at(y)
    if 0 <= y < table.total:
        assert table.top(row) <= y < table.top(row + 1)
    else:
        assert row == (0 if y < 0 else len(heights) - 1)


def test_rows_come_and_go_at_the_end() -> None:
    table = Heights([10, 20, 30])
    assert table.total == 60
    table.truncate(1)
    table.insert(3, [5])
    assert [table.top(index) for index in range(3)] == [0, 10, 15]
    table.truncate(0)
    assert table.total == 0


def test_rows_are_put_before_all_others() -> None:
    heights = Heights([10, 20])
    assert heights.top(2) == 30
    heights.insert(0, [5, 6])
    assert [heights.top(index) for index in range(5)] == [0, 5, 11, 21, 41]
    heights.insert(4, [7])
    assert heights.total == 48

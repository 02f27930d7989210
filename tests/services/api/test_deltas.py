"""Joining deltas: nothing is lost, nothing changes its place, and what is no mere text stays by itself."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.model.chat import RetryPending, TextDelta, Usage
from app.services.api.deltas import joined

LAST = TextDelta(text="!", finish_reason="stop", usage=Usage(1, 2))


def test_texts_that_came_together_become_one() -> None:
    deltas = [TextDelta("one "), TextDelta("two "), TextDelta(reasoning="hm"), TextDelta(refusal="no")]
    assert list(joined(deltas)) == [TextDelta("one two ", "hm", "no")]


def test_the_end_and_everything_else_stay_by_themselves() -> None:
    pause = RetryPending(1.0, 1, "")
    items = [TextDelta("a"), pause, TextDelta("b"), TextDelta("c"), LAST]
    assert list(joined(items)) == [TextDelta("a"), pause, TextDelta("bc"), LAST]


@given(st.lists(st.builds(TextDelta, text=st.text(max_size=3), reasoning=st.text(max_size=3)) | st.just(LAST)))
def test_the_words_are_the_same(deltas: list[TextDelta]) -> None:
    found = list(joined(deltas))
    for field in ("text", "reasoning"):
        assert "".join(getattr(one, field) for one in found) == "".join(getattr(one, field) for one in deltas)
    assert found.count(LAST) == deltas.count(LAST)

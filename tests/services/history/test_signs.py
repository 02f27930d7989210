"""Signs as words: what the index holds, what it is asked, and that nothing with the same signs is missed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.history.signs import search_signs, signs_query


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("plain words, 你好", "2c"),
        ("a->b", "2d 3e 2dx3e"),
        ("snake_case", "5f"),
        ("😀", "1f600"),
        ("no signs", ""),
    ],
)
def test_signs_never_change(text: str, signs: str) -> None:
    """If this fails, the index of every user is wrong: a migration has to build it anew."""
    assert search_signs(text) == signs


@pytest.mark.parametrize(
    ("typed", "query"), [("->", "2dx3e"), ("c++", "2bx2b"), ("=", "3d"), ("a = b -> c", "3d 2dx3e"), ("words", "")]
)
def test_pairs_are_asked_for_where_there_are_any(typed: str, query: str) -> None:
    assert signs_query(typed) == query


SIGNS = st.text(st.sampled_from("ab -+=>_。😀 "), max_size=30)


@given(SIGNS, SIGNS, SIGNS)
def test_a_text_that_holds_what_was_typed_has_all_that_is_asked_for(before: str, typed: str, after: str) -> None:
    assert set(signs_query(typed).split()) <= set(search_signs(before + typed + after).split())

"""Keys as people paste them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.model.api_key import key_in, odd_letter

KEY = "sk-proj-Abc_123-xyz"
PASTED = [
    KEY,
    f"  {KEY}\n",
    f"“{KEY}”",
    f"'{KEY}'",
    f"`{KEY}`",
    f"„{KEY}“",
    "sk-proj-Abc\n_123-xyz",
    "sk-proj-Abc\r\n  _123-xyz",
    "sk-proj-Abc\u2028_123-xyz",
    f"\ufeff{KEY}\u200b",
    f"OPENAI_API_KEY={KEY}",
    f'export OPENAI_API_KEY="{KEY}"',
    f"api-key: {KEY}",
    f"Bearer {KEY}",
    f"Authorization: Bearer {KEY}",
    f"'Authorization: Bearer {KEY}'",
]


@pytest.mark.parametrize("text", PASTED)
def test_the_key_is_found_in_what_was_pasted(text: str) -> None:
    assert key_in(text) == KEY
    assert odd_letter(key_in(text)) is None


@pytest.mark.parametrize(("key", "position"), [("sk-é", 4), ("–sk-1", 1), ("sk-1", None), ("", None), ("sk-“a", 4)])
def test_what_no_key_has(key: str, position: int | None) -> None:
    assert odd_letter(key_in(key)) == position


@pytest.mark.parametrize("key", ["", "  ", "\n", "“”"])
def test_nothing_is_no_key(key: str) -> None:
    assert key_in(key) == ""


@pytest.mark.parametrize(
    "key", ["Bearer", "bearer-token", "KEY", "MONKEY", "a=b", "key.with:colon", "abcKEY=", "abcKEY=="]
)
def test_a_key_may_look_like_anything(key: str) -> None:
    assert key_in(key) == key


@given(st.text(max_size=40))
def test_any_text_may_be_pasted(text: str) -> None:
    assert key_in(key_in(text)) == key_in(text)

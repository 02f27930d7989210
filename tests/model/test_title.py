"""Titles made from prompts."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.model.title import COLUMNS, automatic_title


@pytest.mark.parametrize(
    ("prompt", "title"),
    [
        ("", ""),
        (" \n\t ", ""),
        ("What is a monad?", "What is a monad?"),
        ("\n\n  # Plan \nfor the week", "Plan"),
        ("```python\nprint(1)\n```\nWhy?", "print(1)"),
        ("```", ""),
        ("- first\n- second", "first"),
        ("many   spaces\tand tabs", "many spaces and tabs"),
        ("x" * 60, "x" * 60),
        ("x" * 61, "x" * 59 + "…"),
        ("word " * 20, "word " * 11 + "word…"),
        ("word " * 9 + "and, again, more", "word " * 9 + "and, again…"),
        ("短标题", "短标题"),
        ("字" * 31, "字" * 29 + "…"),
        ("用 Python 写，" + "字" * 40, "用 Python 写，" + "字" * 22 + "…"),
        ("字" * 29 + "，" + "字" * 9, "字" * 29 + "…"),
        ("a " + "字" * 40, "a " + "字" * 28 + "…"),
    ],
)  # fmt: skip
def test_title(prompt: str, title: str) -> None:
    assert automatic_title(prompt) == title


@given(st.text())
def test_any_prompt_gives_one_line_of_limited_width(prompt: str) -> None:
    title = automatic_title(prompt)
    assert len(title.splitlines()) <= 1
    width = sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in title)
    assert width <= COLUMNS


def test_nothing_in_a_title_turns_its_words() -> None:
    assert automatic_title("\u202etxt.exe \u2066a") == "txt.exe a"

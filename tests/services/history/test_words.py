"""Words of the index, queries, excerpts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.history.words import excerpt, read_query, search_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("plain words", "plain words"),
        ("你好", " 你  好 "),
        ("用GPT写", " 用 GPT 写 "),
        ("カタカナ", " カ  タ  カ  ナ "),
        ("학교", " 학  교 "),
        ("ＡＢＣ１", "ABC1"),
        ("ｶﾞ", " ガ "),
        ("e\u0301", "é"),
        ("ก", " ก "),
    ],
)
def test_words_never_change(text: str, words: str) -> None:
    """If this fails, the index of every user is wrong: a migration has to build it anew."""
    assert search_words(text) == words


@pytest.mark.parametrize(
    ("typed", "matches", "literal"),
    [
        ("", (), ""),
        ("  \n", (), ""),
        ("hello", ('"hello" *',), ""),
        ("two words", ('"two words" *', '"two" * AND "words" *'), ""),
        ("你好", ('"你  好" *',), ""),
        (
            'say "hi" OR NEAR(',
            ('"say  hi  OR NEAR(" *', '"say" * AND "hi" * AND "OR" * AND "NEAR(" *'),
            'say "hi" OR NEAR(',
        ),
        ("++", (), "++"),
        ("C++", ('"C++" *',), "C++"),
        ("a 😀", ('"a" *',), "a 😀"),
    ],
)
def test_query_is_quoted_words(typed: str, matches: tuple[str, ...], literal: str) -> None:
    query = read_query(typed)
    assert (query.matches, query.literal) == (matches, literal)


def test_excerpt_is_short_and_marks_its_cuts() -> None:
    text = "before " * 100 + "needle" + " after" * 100
    shown = excerpt(text, "needle")
    assert shown.startswith("…before")
    assert "needle" in shown
    assert shown.endswith("…")
    assert len(shown) < 170


def test_excerpt_of_a_short_text_is_the_text_on_one_line() -> None:
    assert excerpt("one\n\n  two\tthree", "two") == "one two three"


def test_excerpt_of_chinese_is_cut_anywhere() -> None:
    assert "针" in excerpt("干草" * 200 + "针" + "干草" * 200, "针")


@pytest.mark.parametrize("query", ["CAFE", "café", "cafe\u0301", "Ｃａｆｅ"])
def test_excerpt_finds_what_the_index_takes_for_the_same(query: str) -> None:
    assert "Café" in excerpt("x " * 300 + "Café" + " y" * 300, query)


def test_excerpt_finds_one_of_several_words() -> None:
    assert "needle" in excerpt("x " * 300 + "needle" + " y" * 300, "sewing needle")


@given(text=st.text(), query=st.text(), length=st.integers(10, 200))
def test_any_excerpt_is_one_line_of_limited_length(text: str, query: str, length: int) -> None:
    shown = excerpt(text, query, length)
    assert "\n" not in shown
    assert len(shown) <= max(length, length // 3 + len(query) * 4) + 2


@given(before=st.text(), word=st.from_regex(r"[a-z]{1,20}|[\u4e00-\u9fff]{1,4}", fullmatch=True), after=st.text())
def test_excerpt_holds_what_was_found(before: str, word: str, after: str) -> None:
    assert word in excerpt(f"{before} {word} {after}", word).lower()

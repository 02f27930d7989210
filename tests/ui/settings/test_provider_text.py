"""Headers and JSON as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.ui.settings.provider_text import TextProblem, body_from, body_text, headers_from, headers_text

NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9-]*", fullmatch=True)
VALUES = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.dictionaries(NAMES, VALUES))
def test_headers_come_back_as_they_were(headers: dict[str, str]) -> None:
    assert headers_from(headers_text(headers)) == headers


@given(st.dictionaries(st.text(max_size=9), JSON, max_size=3))
@settings(max_examples=30)
def test_fields_come_back_as_they_were(body: dict[str, object]) -> None:
    assert body_from(body_text(body)) == body


@pytest.mark.parametrize(
    ("text", "line"),
    [("X-Team research", 1), ("A: 1\n\nno colon", 3), (": value", 1), ("Two words: x", 1), ("X: café", 1)],
)
def test_a_line_that_is_no_header_is_named(text: str, line: int) -> None:
    with pytest.raises(TextProblem) as problem:
        headers_from(text)
    assert problem.value.line == line


@pytest.mark.parametrize(
    ("text", "place"), [('{"a": }', (1, 7)), ('{\n "a" 1}', (2, 6)), ("[1]", (1, 1)), ("x", (1, 1))]
)
def test_what_is_no_json_object_is_located(text: str, place: tuple[int, int]) -> None:
    with pytest.raises(TextProblem) as problem:
        body_from(text)
    assert (problem.value.line, problem.value.column) == place


def test_nothing_typed_is_nothing_sent() -> None:
    assert headers_from(" \n ") == {}
    assert body_from("  ") == {}

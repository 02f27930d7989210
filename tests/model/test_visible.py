"""Names, copied text and code of strangers show what they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.model.visible import one_line, readable_title, shows_directions, without_controls, without_directions


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("holiday 假期 👩‍👩‍👧.png", "holiday 假期 👩‍👩‍👧.png"),
        ("two\nlines\ttab", "two\ufffdlines\ufffdtab"),
        ("\u202egpj.exe", "\ufffdgpj.exe"),
        ("\udcff\udcfe", "\ufffd\ufffd"),
        ("\x1b[31m", "\ufffd[31m"),
    ],
)
def test_a_name_is_one_line_of_what_can_be_seen(name: str, shown: str) -> None:
    assert one_line(name) == shown


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Trip to  Köln 旅行", "Trip to Köln 旅行"),
        ("two\r\nlines\t\x1b[1m", "two lines [1m"),
        ("\u202egpj.exe\u2069", "gpj.exe"),
        ("\u200fשלום", "\u200fשלום"),
        ("\x07\u202e", ""),
    ],
)
def test_a_title_is_one_line_that_turns_no_words(title: str, shown: str) -> None:
    assert readable_title(title) == shown


@given(st.text(), st.integers(10, 50))
def test_a_long_one_keeps_its_beginning_and_its_end(text: str, most: int) -> None:
    shown = one_line(text, most)
    assert len(shown) <= most
    shown.encode()
    assert "\n" not in shown
    if len(text) > most:
        assert "…" in shown


def test_copied_text_keeps_its_lines_and_loses_its_commands() -> None:
    assert without_controls("a\r\n\tb\rc\x1b[201~\x07\x9b2J\x7f עברית\u200f") == "a\n\tbc[201~2J עברית\u200f"


def test_code_shows_what_turns_it_and_runs_as_it_reads() -> None:
    code = "x = 'a\u202e\u2066b\u2069' # ok"
    assert shows_directions(code) == "x = 'a⟨U+202E⟩⟨U+2066⟩b⟨U+2069⟩' # ok"
    assert without_directions(code) == "x = 'ab' # ok"

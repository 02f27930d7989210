"""Which parts of code get a colour."""

from __future__ import annotations

import pytest

from app.ui.widgets.syntax import MAX_CHARACTERS, spans


def roles(code: str, language: str) -> dict[str, str]:
    return {code[span.start : span.start + span.length]: span.role for span in spans(code, language)}


def test_the_parts_of_a_python_program() -> None:
    found = roles("def greet(n=3):  # hello\n    return 'hi'\n", "python")
    assert found["def"] == "keyword"
    assert found["greet"] == "name"
    assert found["3"] == "number"
    assert found["# hello"] == "comment"
    assert "string" in {found[part] for part in found if "hi" in part}


@pytest.mark.parametrize("language", ["", "pyt", "no-such-language", "c++x"])
def test_unknown_languages_stay_plain(language: str) -> None:
    assert spans("def x", language) == ()


@pytest.mark.parametrize("language", ["Python", "py", "js", "c++", "json", "bash", "diff"])
def test_usual_names_are_known(language: str) -> None:
    assert spans('- if (true) { "a": 1 } # x\n', language)


def test_very_long_code_stays_plain() -> None:
    assert spans("x = 1\n" * MAX_CHARACTERS, "python") == ()

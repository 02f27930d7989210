"""Words: times as players show them, languages by code and by the names servers answer."""

import pytest

from app.model.audio import SPOKEN_LANGUAGES
from app.ui.audio import words


@pytest.mark.parametrize(
    ("seconds", "shown"), [(-1, "0:00"), (7.9, "0:07"), (754, "12:34"), (3723, "1:02:03"), (36_000, "10:00:00")]
)
def test_clock(seconds: float, shown: str) -> None:
    assert words.clock(seconds) == shown


@pytest.mark.parametrize(
    ("told", "shown"), [("de", "German"), ("german", "German"), ("English", "English"), ("tlh", "Tlh")]
)
def test_language(told: str, shown: str) -> None:
    assert words.language(told) == shown


def test_all_languages_are_offered_in_order() -> None:
    offered = words.languages()
    assert {code for _, code in offered} == set(SPOKEN_LANGUAGES)
    assert offered[0] == ("Afrikaans", "af")
    assert [name for name, _ in offered] == sorted(name for name, _ in offered)


def test_distinct_names() -> None:
    assert words.distinct("Recording", ()) == "Recording"
    assert words.distinct("Recording", {"Recording"}) == "Recording (2)"
    assert words.distinct("Recording", {"Recording", "Recording (2)", "Talk"}) == "Recording (3)"
    assert words.distinct("Recording", {"Recording", "Recording (3)"}) == "Recording (2)"

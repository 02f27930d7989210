"""Values on their way into the database and back."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.model.chat import ChatParameters
from app.services.history.rows import StoredPaths, clean, from_json, to_datetime, to_json, to_microseconds


@given(moment=st.datetimes(timezones=st.timezones()))
def test_any_moment_comes_back(moment: datetime) -> None:
    try:
        expected = moment.astimezone(UTC)
    except OverflowError:
        return  # the first and last hours of the calendar
    assert to_datetime(to_microseconds(moment)) == expected


@given(text=st.text(st.characters() | st.characters(categories=["Cs"])))
def test_cleaned_text_can_be_stored_and_is_unchanged_if_it_could(text: str) -> None:
    clean(text).encode()
    if clean(text) != text:
        with pytest.raises(UnicodeEncodeError):
            text.encode()


def test_a_default_takes_no_room() -> None:
    assert to_json(ChatParameters(), ChatParameters()) == ""
    assert from_json("", ChatParameters(), ChatParameters) == ChatParameters()


@pytest.mark.parametrize("text", ["nonsense", "[]", '{"temperature": "hot"}', '{"verbosity": "from the future"}'])
def test_what_cannot_be_read_is_the_default(text: str) -> None:
    assert from_json(text, ChatParameters(), ChatParameters) == ChatParameters()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/data/pictures/猫.png", "pictures/猫.png"),
        ("pictures/a.png", "pictures/a.png"),
        ("/elsewhere/a b.png", "/elsewhere/a b.png"),
        ("/database/x", "/database/x"),
        (os.fsdecode(b"/music/caf\xe9.mp3"), "file:/music/caf%E9.mp3"),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="the paths of the table are those of Linux and macOS; run it there")
def test_paths_are_relative_inside_and_any_name_comes_back(path: str, text: str) -> None:
    stored = StoredPaths(Path("/data"))
    assert stored.to_text(Path(path)) == text
    assert stored.to_path(text) == Path("/data") / path

"""Several files that cannot be used are one error that names them."""

from __future__ import annotations

from app.model.errors import SoundUnreadable, UnreadableFile
from app.model.file_errors import MOST_NAMES, FilesUnusable, together


def _failed(name: str, words: str = "") -> UnreadableFile:
    return SoundUnreadable(words, name=name)


def test_a_single_one_stays_what_it_is() -> None:
    failure = _failed("talk.mp3")
    assert together([failure]) is failure


def test_several_are_named_with_every_reason_once() -> None:
    error = together([_failed("a.mp3", "no data"), _failed("b.mp3", "no data"), _failed("c.mp3", "no codec")])
    assert isinstance(error, FilesUnusable)
    assert error.arguments["count"] == "3"
    assert error.arguments["names"] == "“a.mp3”, “b.mp3”, “c.mp3”"
    assert error.server_words == "no data\nno codec"


def test_of_very_many_only_the_first_are_named() -> None:
    error = together([_failed(f"{number}.mp3") for number in range(200)])
    assert error.arguments["count"] == "200"
    assert str(error.arguments["names"]).count("mp3") == MOST_NAMES
    assert str(error.arguments["names"]).endswith(", …")

"""Lessons in words: what is lost first, then what is sent in another way."""

from __future__ import annotations

from app.model.lessons import Lesson, LessonKind, lesson_words


def test_what_is_left_out_is_one_sentence_and_comes_first() -> None:
    lessons = (
        Lesson("max_tokens", LessonKind.RENAMED, "max_completion_tokens"),
        Lesson("stream"),
        Lesson("temperature"),
        Lesson("timestamp_granularities[]"),
    )
    assert lesson_words(lessons) == [
        "sent without temperature, timestamp_granularities",
        "not streamed",
        "max_tokens sent as max_completion_tokens",
    ]


def test_names_of_the_protocol_that_say_too_little_have_words_of_their_own() -> None:
    assert lesson_words([Lesson("response_format", LessonKind.REPLACED, "json")]) == [
        "asked for the text without times"
    ]
    assert lesson_words([Lesson("response_format")]) == ["sent without response_format"]
    assert lesson_words([]) == []


def test_another_language() -> None:
    words = lesson_words((Lesson("seed"), Lesson("n")), lambda text: text.replace("sent without", "无"), "、".join)
    assert words == ["无 seed、n"]

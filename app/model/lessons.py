"""Lessons: what servers refused in requests, and what is sent in its place; who learns and remembers is not here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.model.text import QT_TRANSLATE_NOOP

_LEFT_OUT = QT_TRANSLATE_NOOP("Lessons", "sent without {fields}")
_USUAL = QT_TRANSLATE_NOOP("Lessons", "{field} sent as {instead}")
_SPECIAL = {
    ("stream", ""): QT_TRANSLATE_NOOP("Lessons", "not streamed"),
    ("system", "developer"): QT_TRANSLATE_NOOP("Lessons", "system prompt sent as developer"),
    ("system", "user"): QT_TRANSLATE_NOOP("Lessons", "system prompt sent with the first message"),
    ("content", "text"): QT_TRANSLATE_NOOP("Lessons", "messages sent as plain text"),
    ("content", "parts"): QT_TRANSLATE_NOOP("Lessons", "messages sent in parts"),
    ("response_format", "json"): QT_TRANSLATE_NOOP("Lessons", "asked for the text without times"),
}
"""Words for lessons whose names in the API say too little, by field and what is sent instead."""


class LessonKind(StrEnum):
    """What becomes of a field that a server refuses."""

    LEFT_OUT = "left-out"
    RENAMED = "renamed"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Lesson:
    """One field that one model of one server does not take; `instead` is the name or the value that it does take.

    `field` is named as in the API ("text.verbosity" for one inside an object). Three names are no fields of the body:
    "system" is the role of the system prompt, "content" the form of every message's content ("text" or "parts"), and
    "image" or "image[]" the name of a form's files.
    """

    field: str
    kind: LessonKind = LessonKind.LEFT_OUT
    instead: str = ""


def lesson_words(
    lessons: Iterable[Lesson], translate: Callable[[str], str] = str, in_a_row: Callable[[list[str]], str] = ", ".join
) -> list[str]:
    """How requests are sent otherwise than they were asked for, in a few words for each way, what is lost first.

    `translate` gives the words for an English source under the context "Lessons".
    """
    lessons = list(lessons)
    special = [lesson for lesson in lessons if (lesson.field, lesson.instead) in _SPECIAL]
    others = [lesson for lesson in lessons if lesson not in special]
    left_out = [lesson.field.removesuffix("[]") for lesson in others if lesson.kind is LessonKind.LEFT_OUT]
    changed = [lesson for lesson in others if lesson.kind is not LessonKind.LEFT_OUT]
    return [
        *([translate(_LEFT_OUT).format(fields=in_a_row(left_out))] if left_out else []),
        *(translate(_SPECIAL[lesson.field, lesson.instead]) for lesson in special),
        *(translate(_USUAL).format(field=lesson.field, instead=lesson.instead) for lesson in changed),
    ]

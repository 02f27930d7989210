"""Lessons: what servers refused in requests, and what is sent in its place; who learns and remembers is not here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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

"""What a refusal teaches about a request, and how a request changes by a lesson; nothing is sent or remembered here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from app.model.errors import AppError, RequestRefused
from app.model.lessons import Lesson, LessonKind
from app.services.api.calls import Call
from app.services.api.failures import WANTS_TEXT
from app.services.api.shapes import list_of, object_of, text_of

_REFUSALS = (400, 403, 422)
_ESSENTIAL = frozenset({"model", "messages", "input", "prompt", "instructions", "stream"})
"""Without these a request is not the one that was meant, or is looked after elsewhere."""
_CONTAINERS = frozenset({"reasoning", "stream_options", "text"})
"""Objects whose fields mean something each for itself."""
_CODES = frozenset({"unsupported_parameter", "unsupported_value", "unknown_parameter"})
_UNKNOWN = re.compile(
    r"unsupported|n[o']t support|not (?:yet |currently )?(?:been )?support|no longer support|unknown|unrecogni[sz]ed"
    r"|unexpected|not (?:permitted|allowed|accepted|recogni[sz]ed|implemented|compatible)|incompatible|extra_forbidden"
    r"|unavailable|not available|only the default|only \S+ is (?:allowed|supported)|cannot be (?:used|set)"
    r"|invalid (?:parameter|field|role)",
    re.IGNORECASE,
)
"""The server does not take the field at all."""
_BAD_VALUE = re.compile(
    r"too (?:large|small|big|high|low|long|short)|at (?:most|least)|maximum|minimum|between|less than|greater than"
    r"|out of range",
    re.IGNORECASE,
)
"""The server takes the field, and says which values."""
_UNVERIFIED = "must be verified"
_STREAMING = re.compile(r"\bstream(?:ing|ed)?\b", re.IGNORECASE)
_SYSTEM_ROLE = re.compile(
    r"\b(?:system|developer)\b.*\b(?:role|message|prompt|instruction)s?\b"
    r"|\b(?:role|message|variant)s?\b.*\b(?:system|developer)\b",
    re.IGNORECASE,
)
_FILE_MISSING = re.compile(
    r"\bimage(?:\[\])?\W.*(?:required|missing)|(?:required|missing)\b.*\bimage(?:\[\])?(?!\w)", re.IGNORECASE
)
_FILE_UNKNOWN = re.compile(r"\b(?:parameter|field|argument|property)\b\W*image(?:\[\])?(?![\w.])", re.IGNORECASE)
_WANTS_PARTS = re.compile(
    r"\bcontent\b.*(?:valid|be an?|expected an?) (?:list|array|sequence)"
    r"|invalid type: string\b.*, expected an? (?:sequence|list|array)",
    re.IGNORECASE,
)
_NEXT_ROLE = {"system": "developer", "developer": "user"}
"""OpenAI's first reasoning models know no `system`; templates of small open models know the user alone."""

type _Message = Mapping[str, Any]


class Taught:
    """One call as a server wants it: with what it taught before, and with what its refusals teach now."""

    def __init__(self, call: Call, known: Iterable[Lesson]) -> None:
        self.call = call
        self._own = {lesson.field for lesson in call.optional}
        self._applied: list[Lesson] = []
        self.learned: tuple[Lesson, ...] = ()
        """The lessons of this call's refusals; they are true once the changed call was answered."""
        for lesson in known:
            changed = taught(self.call, lesson)
            if changed is not None:
                self.call = changed
                self._applied.append(lesson)
        self._tried = [self.call]

    def learn(self, error: AppError) -> bool:
        """Change the call as `error` teaches; False if it teaches nothing that was not tried already."""
        for lesson in lessons_in(self.call, error):
            changed = taught(self.call, lesson)
            if changed is not None and changed not in self._tried:
                self._tried.append(changed)
                self.call = changed
                self.learned = (*(old for old in self.learned if old.field != lesson.field), lesson)
                return True
        return False

    @property
    def worth_telling(self) -> tuple[Lesson, ...]:
        """What was learnt now, and what was left out of the user's wishes; not what only we had asked for."""
        left_out = (one for one in self._applied if one.kind is LessonKind.LEFT_OUT and one.field not in self._own)
        return (*left_out, *self.learned)


def lessons_in(call: Call, error: AppError) -> Iterator[Lesson]:
    """What the refusal `error` of `call` may mean, the likeliest first. A value out of its range teaches nothing."""
    if not _is_refusal(error):
        return
    yield from _about_files(call, error)
    for lesson in call.optional:
        root, _, leaf = lesson.field.partition(".")
        if _mentions(error, root) or (leaf and _mentions(error, leaf)):
            yield lesson
    if "stream" in call.body and _refuses_streaming(error):
        yield Lesson("stream")
    yield from _about_content(error)
    if _is_unknown(error):
        yield from _about_role(call, error)
        yield from (lesson for lesson in call.expendable if _mentions(error, lesson.field))


def removable_field(call: Call, error: AppError) -> str:
    """The field that `error` does not know and that only the user may give up, as it changes what comes back."""
    if not (_is_refusal(error) and _is_unknown(error)):
        return ""
    names = [name for name in _field_names(call.body) if name.partition(".")[0] not in _essential(call)]
    found = [name for name in names if _mentions(error, name)]
    return found[0] if len(found) == 1 or (found and error.parameter) else ""


def taught(call: Call, lesson: Lesson) -> Call | None:
    """`call` as `lesson` wants it; None if that makes no difference."""
    if call.files and lesson.field in ("image", "image[]"):
        files = tuple((lesson.instead if name == lesson.field else name, file) for name, file in call.files)
        return replace(call, files=files) if files != call.files else None
    if lesson.field == "system":
        return _with_messages(call, lambda messages: _in_role(messages, lesson.instead))
    if lesson.field == "content":
        as_parts = partial(_as_parts, prefix="input_" if "input" in call.body else "")
        as_wanted = _as_text if lesson.instead == "text" else as_parts
        return _with_messages(call, lambda messages: list(map(as_wanted, messages)))
    body = _changed(call.body, _as_named_here(call, lesson))
    return replace(call, body=body) if body != call.body else None


def _as_named_here(call: Call, lesson: Lesson) -> Lesson:
    """The same lesson for the other name of its field, if the call has that one: who gives up one means both."""
    if lesson.kind is not LessonKind.LEFT_OUT or lesson.field in call.body:
        return lesson
    renamed = (one for one in call.expendable if one.kind is LessonKind.RENAMED and one.instead == lesson.field)
    name = next((one.field for one in renamed if one.field in call.body), lesson.field)
    return replace(lesson, field=name)


def _changed(body: dict[str, Any], lesson: Lesson) -> dict[str, Any]:
    root, _, leaf = lesson.field.partition(".")
    if root not in body:
        return body
    if lesson.kind is LessonKind.LEFT_OUT:
        rest = _without(body, root, leaf)
        return rest if root != "stream" else _without(_without(rest, "stream_options"), "partial_images")
    if lesson.kind is LessonKind.RENAMED:
        return {lesson.instead if name == root else name: value for name, value in body.items()}
    rest = _without(body, "timestamp_granularities[]") if root == "response_format" else body
    return {**rest, root: lesson.instead}


def _without(body: dict[str, Any], root: str, leaf: str = "") -> dict[str, Any]:
    """`body` without a field, or without one inside an object, which goes as well when nothing is left in it."""
    rest = {name: value for name, value in body.items() if name != root}
    if not leaf or leaf not in object_of(body.get(root)):
        return body if leaf else rest
    inner = {name: value for name, value in body[root].items() if name != leaf}
    return {name: inner if name == root else value for name, value in body.items()} if inner else rest


def _with_messages(call: Call, change: Callable[[list[_Message]], list[_Message]]) -> Call | None:
    name = "messages" if "messages" in call.body else "input"
    messages = list_of(call.body.get(name))
    changed = change(messages)
    return None if changed == messages else replace(call, body={**call.body, name: changed})


def _in_role(messages: list[_Message], role: str) -> list[_Message]:
    """The system prompt under another role; for a template without any such role it leads the user's first words."""
    is_prompt = [message.get("role") in _NEXT_ROLE for message in messages]
    if role != "user":
        return [{**m, "role": role} if found else m for m, found in zip(messages, is_prompt, strict=True)]
    rest = [message for message, found in zip(messages, is_prompt, strict=True) if not found]
    words = "\n\n".join(text_of(m.get("content")) for m, found in zip(messages, is_prompt, strict=True) if found)
    first = next((index for index, message in enumerate(rest) if message.get("role") == "user"), None)
    if not words or first is None:
        return messages
    return [*rest[:first], _led_by(words, rest[first]), *rest[first + 1 :]]


def _led_by(words: str, message: _Message) -> _Message:
    content = message.get("content")
    if isinstance(content, str):
        return {**message, "content": f"{words}\n\n{content}"}
    return {**message, "content": [{"type": "text", "text": words}, *list_of(content)]}


def _as_text(message: _Message) -> _Message:
    """A list of texts as one text; one with a picture in it stays, for nothing may be lost in silence."""
    parts = message.get("content")
    if not isinstance(parts, list) or not all(isinstance(object_of(part).get("text"), str) for part in parts):
        return message
    return {**message, "content": "\n\n".join(part["text"] for part in parts)}


def _as_parts(message: _Message, prefix: str = "") -> _Message:
    """A text as a list. The Responses dialect has its own kinds; answers are written so there from the beginning."""
    text = message.get("content")
    return {**message, "content": [{"type": f"{prefix}text", "text": text}]} if isinstance(text, str) else message


def _about_files(call: Call, error: AppError) -> Iterator[Lesson]:
    """Servers know a form's pictures as `image` or `image[]`, or both."""
    names = {name for name, _ in call.files} & {"image", "image[]"}
    said = f"{error.server_words} {error.parameter}"
    if error.status != 403 and (_FILE_MISSING.search(said) or (_is_unknown(error) and _FILE_UNKNOWN.search(said))):
        for name in names:
            yield Lesson(name, LessonKind.RENAMED, "image" if name == "image[]" else "image[]")


def _about_content(error: AppError) -> Iterator[Lesson]:
    said = f"{error.parameter} {error.server_words}"
    if WANTS_TEXT.search(said):
        yield Lesson("content", LessonKind.REPLACED, "text")
    if _WANTS_PARTS.search(said):
        yield Lesson("content", LessonKind.REPLACED, "parts")


def _about_role(call: Call, error: AppError) -> Iterator[Lesson]:
    roles = {text_of(object_of(message).get("role")) for message in list_of(call.body.get("messages"))}
    if _SYSTEM_ROLE.search(f"{error.parameter} {error.server_words}"):
        for role in roles & _NEXT_ROLE.keys():
            yield Lesson("system", LessonKind.REPLACED, _NEXT_ROLE[role])


def _refuses_streaming(error: AppError) -> bool:
    if error.parameter and error.parameter != "stream":
        return False
    said = f"{error.parameter} {error.server_words}"
    return bool(_STREAMING.search(said)) and (_UNVERIFIED in said or _is_unknown(error))


def _is_refusal(error: AppError) -> bool:
    """Whether the request was not accepted as it is; a refusal inside an answer has no status of its own."""
    return error.status in _REFUSALS or (error.status is None and isinstance(error, RequestRefused))


def _is_unknown(error: AppError) -> bool:
    """Whether the server does not take a field at all, in contrast to one of its values."""
    if error.code in _CODES:
        return True
    return bool(_UNKNOWN.search(error.server_words)) and not _BAD_VALUE.search(error.server_words)


def _mentions(error: AppError, name: str) -> bool:
    """Whether the refusal is about this field: by its `param` if it has one, else by its words."""
    root, _, leaf = name.removesuffix("[]").partition(".")
    if error.parameter:
        parts = re.split(r"[.\[]", error.parameter)
        return parts[0] in (root, leaf) and (not leaf or len(parts) == 1 or leaf in parts)
    return re.search(rf"\b{re.escape(leaf or root)}\b", error.server_words) is not None


def _essential(call: Call) -> frozenset[str]:
    """Beside a sound, a prompt is only a list of words that may be said in it."""
    return _ESSENTIAL - {"prompt"} if any(name == "file" for name, _ in call.files) else _ESSENTIAL


def _field_names(body: Mapping[str, Any]) -> Iterator[str]:
    for name, value in body.items():
        if name in _CONTAINERS:
            yield from (f"{name}.{inner}" for inner in object_of(value))
        else:
            yield name

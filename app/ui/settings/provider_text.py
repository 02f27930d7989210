"""Extra headers and extra body as people write them, and back; nothing is drawn here."""

from __future__ import annotations

import json
import re

from app.model.providers import HIDDEN

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""A token of RFC 9110, section 5.6.2."""


class TextProblem(ValueError):
    """What is wrong with the text: the line, from 1, and for JSON the column."""

    def __init__(self, line: int, column: int = 0) -> None:
        super().__init__(f"line {line}, column {column}")
        self.line = line
        self.column = column


def headers_from(text: str) -> dict[str, str]:
    """Headers from lines "Name: value"; empty lines are skipped, and `HIDDEN` stands for a value that stays.

    Raises:
        TextProblem: a line is not like that, or holds characters that no header may have.
    """
    headers: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        name, colon, value = (part.strip() for part in line.partition(":"))
        is_sendable = value == HIDDEN or (value.isascii() and value.isprintable())
        if not colon or not is_sendable or not _HEADER_NAME.fullmatch(name):
            raise TextProblem(number)
        headers[name] = value
    return headers


def headers_text(headers: dict[str, str]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in headers.items())


def body_from(text: str) -> dict[str, object]:
    """The fields of a JSON object; none for an empty text.

    Raises:
        TextProblem: it is not JSON, or not an object.
    """
    if not text.strip():
        return {}
    try:
        body = json.loads(text)
    except json.JSONDecodeError as error:
        raise TextProblem(error.lineno, error.colno) from None
    if not isinstance(body, dict):
        raise TextProblem(1, 1)
    return body


def body_text(body: dict[str, object]) -> str:
    return json.dumps(body, ensure_ascii=False, indent=2) if body else ""

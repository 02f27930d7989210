"""One request as it will be sent: path, body and headers; nothing is opened or sent here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app.identity import NAME, VERSION
from app.log import hide
from app.model.errors import KeyUnusable
from app.model.lessons import Lesson
from app.model.providers import Endpoint, KeyHeader
from app.model.server_errors import HeaderUnusable, NumberUnusable
from app.services.api.address import origin, shown_host

type FormFile = tuple[str, tuple[str, bytes, str]]
"""Field name, then file name, bytes and media type."""

LARGEST_ANSWER = 64 << 20
"""Bytes of a whole answer that holds no pictures."""

_LARGE_BODY = 1 << 20
_KEY_HEADERS = ("authorization", "api-key", "x-api-key")


@dataclass(frozen=True, slots=True)
class Call:
    """A POST of `body` as JSON, or of a form when there are `files`; a GET when there is neither.

    `optional` is what any complaint about a field teaches that nobody asked for but us; `expendable` what a server
    teaches that does not know a field which the user set, where the answer stays the one that was wanted.
    """

    path: str
    model: str = ""
    body: dict[str, Any] = field(default_factory=dict)
    files: tuple[FormFile, ...] = field(default=(), repr=False)
    optional: tuple[Lesson, ...] = ()
    expendable: tuple[Lesson, ...] = ()
    method: str = "POST"
    largest_answer: int = LARGEST_ANSWER

    @property
    def is_large(self) -> bool:
        """Whether turning the body into bytes is worth a thread."""
        return sum(map(_weight, self.body.values())) > _LARGE_BODY

    def json_bytes(self) -> bytes:
        """The body as JSON. Raises NumberUnusable when it holds numbers that JSON has no words for."""
        try:
            text = json.dumps(self.body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        except ValueError as error:
            raise NumberUnusable from error
        return text.encode("utf-8", "replace")  # half a surrogate pair, from a broken paste, is not UTF-8

    def form_fields(self) -> dict[str, Any]:
        """The body as the fields of a form: text, and lists of text for repeated fields."""
        return {name: _form_value(value) for name, value in self.body.items()}


def headers_for(endpoint: Endpoint) -> dict[str, str]:
    """What identifies us to `endpoint`. Raises KeyUnusable or HeaderUnusable for what no header can carry."""
    headers = {"User-Agent": f"{NAME}/{VERSION}"}
    key = endpoint.key.strip()
    if key:
        _check_key(key, endpoint)
        hide(key)
        is_bearer = endpoint.key_header is KeyHeader.BEARER
        headers["Authorization" if is_bearer else "api-key"] = f"Bearer {key}" if is_bearer else key
    if endpoint.organization:
        headers["OpenAI-Organization"] = endpoint.organization.strip()
    if endpoint.project:
        headers["OpenAI-Project"] = endpoint.project.strip()
    extra = {name.strip(): value.strip() for name, value in endpoint.extra_headers.items()}
    replaced = {name.lower() for name in extra}
    headers = {**{name: value for name, value in headers.items() if name.lower() not in replaced}, **extra}
    for name, value in headers.items():
        _check_header(name, value)
    return headers


def sends_key(endpoint: Endpoint) -> bool:
    """Whether a key goes along, the one that is kept for it or one in the user's own headers."""
    return bool(endpoint.key.strip()) or any(name.strip().lower() in _KEY_HEADERS for name in endpoint.extra_headers)


def moved_to(endpoint: Endpoint, url: str) -> Endpoint:
    """The endpoint at another address; key, own headers, organization and project go to its own origin only."""
    if origin(url) == origin(endpoint.base_url):
        return replace(endpoint, base_url=url)
    return replace(endpoint, base_url=url, key="", extra_headers={}, organization="", project="")


def merged(body: Mapping[str, Any], *extras: Mapping[str, object]) -> dict[str, Any]:
    """`body` with the users' own fields laid over it; objects inside are merged, not replaced."""
    result = dict(body)
    for extra in extras:
        for name, value in extra.items():
            old = result.get(name)
            result[name] = merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return result


def _check_key(key: str, endpoint: Endpoint) -> None:
    wrong = next((index for index, letter in enumerate(key) if not "!" <= letter <= "~"), None)
    if wrong is not None:
        raise KeyUnusable(host=shown_host(endpoint.base_url), position=str(wrong + 1))


def _check_header(name: str, value: str) -> None:
    sendable = value.isascii() and (value.isprintable() or not value)
    if not (name.isascii() and name.replace("-", "").replace("_", "").isalnum() and sendable):
        raise HeaderUnusable(header=name)


def _form_value(value: object) -> str | list[str]:
    if isinstance(value, list | tuple):
        return [str(item) for item in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value) if isinstance(value, dict) else str(value)


def _weight(value: object) -> int:
    """Roughly how many characters there are in a value of the body."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(map(_weight, value.values()))
    return sum(map(_weight, value)) if isinstance(value, list) else 8

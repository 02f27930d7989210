"""What a server says when it refuses, taken out of any shape of body; which failure that is, `failures` decides."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass, replace

from app.log import redact
from app.model.visible import without_marks
from app.services.api.json_text import value_of
from app.services.api.shapes import list_of

LONGEST_WORDS = 600
"""Characters of a server's words that are shown and kept."""

LONGEST_NAME = 200
"""Characters of a parameter's or a code's name; searching a longer one for words would take its time."""

_LONGEST_LOOK = 200_000
_MOST_CLEANED = 40 * LONGEST_WORDS
"""Characters; the rest would not be shown, and servers have sent megabytes."""
_DEEPEST = 4
_LONGEST_TITLE = 300
"""Characters between a title's tags; without an end the search for each of a thousand tags would go through all."""
_TITLE = re.compile(rf"<title[^>]{{0,200}}>(.{{0,{_LONGEST_TITLE}}}?)</title>", re.IGNORECASE | re.DOTALL)
_HEADING = re.compile(rf"<h1[^>]{{0,200}}>(.{{0,{_LONGEST_TITLE}}}?)</h1>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"</?[a-zA-Z!][^<>]*>")
_JSON = json.JSONEncoder(ensure_ascii=False)
_ADDRESS = re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A server's words, cleaned for showing, with the machine-readable parts beside them; all may be empty."""

    words: str = ""
    code: str = ""
    kind: str = ""
    """The `type` of OpenAI's error object."""
    parameter: str = ""
    is_html: bool = False
    is_error_object: bool = False
    """OpenAI's shape: the route exists and refused; anything else may come from whoever stands before it."""

    def mentions(self, *phrases: str) -> bool:
        """Whether one of `phrases` (lower case) stands in the words, the code or the type."""
        everything = f"{self.words} {self.code} {self.kind}".lower()
        return any(phrase in everything for phrase in phrases)


def refusal_of_bytes(body: bytes) -> Refusal:
    """Read the body of a refused request: JSON of any known shape, an HTML page, plain text or nothing."""
    text = body[:_LONGEST_LOOK].decode("utf-8", "replace").strip().lstrip("\ufeff")
    if looks_like_html(text):
        return Refusal(_page_title(text), is_html=True)
    try:
        return refusal_of_json(value_of(text))
    except ValueError:
        return Refusal(clean(text))


def refusal_of_json(body: object) -> Refusal:
    """Read an error that is already JSON: a whole body, or the error object of a stream's event."""
    refusal = _dig(body, _DEEPEST)
    return replace(refusal, words=clean(refusal.words) or clean(_as_it_is(body)))


def _as_it_is(body: object) -> str:
    """The beginning of JSON in which no words were found; "" when there is nothing in it."""
    if not _holds_something(body):
        return ""
    beginning = ""
    for piece in _JSON.iterencode(body):
        beginning += piece[:_MOST_CLEANED]
        if len(beginning) > LONGEST_WORDS:
            break
    return beginning


def _holds_something(value: object) -> bool:
    if isinstance(value, dict | list):
        return any(map(_holds_something, value.values() if isinstance(value, dict) else value))
    return value not in (None, "")


def looks_like_html(text: str) -> bool:
    """Whether this is a page for people: a proxy's, a login's or a web site's."""
    start = text[:500].lstrip().lower()
    return start.startswith(("<!doctype html", "<html", "<head", "<body", "<?xml")) or "<html" in start


def clean(words: str) -> str:
    """`words` without tags, keys, excess length, and what is not to be seen: control characters, turned directions."""
    plain = html.unescape(_TAG.sub(" ", words[:_MOST_CLEANED]))
    plain = redact(without_marks(" ".join(plain.split())))
    return plain if len(plain) <= LONGEST_WORDS else plain[: LONGEST_WORDS - 1] + "…"


def _page_title(page: str) -> str:
    """The title of an HTML page. The rest holds the user's address and other things that nobody should store."""
    match = _TITLE.search(page) or _HEADING.search(page)
    return _ADDRESS.sub("…", clean(match[1])) if match else ""


def _dig(body: object, depth: int) -> Refusal:
    if isinstance(body, list) and body and depth:
        return _dig(body[0], depth - 1)
    if isinstance(body, str):
        return _dig_text(body, depth)
    if not isinstance(body, dict):
        return Refusal()
    error = body.get("error")
    if isinstance(error, dict) and depth:
        return replace(_dig(error, depth - 1), is_error_object=True)
    if isinstance(error, str) and error:
        return _with_details(_dig_text(error, depth), body)
    if body.get("detail"):
        return _with_details(_dig_detail(body["detail"], depth), body)
    if isinstance(body.get("errors"), list) and body["errors"] and depth:
        return _dig(body["errors"], depth - 1)
    return _with_details(_dig_text(str(body.get("message") or body.get("msg") or ""), depth), body)


def _dig_text(text: str, depth: int) -> Refusal:
    """Words that may themselves be JSON, as some gateways pass on what they got."""
    if len(text) > _LONGEST_LOOK:
        return Refusal(text[:_LONGEST_LOOK])
    if depth and text.lstrip()[:1] in ("{", "["):
        try:
            inner = _dig(value_of(text), depth - 1)
        except ValueError:
            return Refusal(text)
        if inner.words:
            return inner
    return Refusal(text)


def _dig_detail(detail: object, depth: int) -> Refusal:
    """FastAPI: a text, an object, or a list of complaints about fields."""
    if isinstance(detail, list):
        complaints = [complaint for complaint in detail if isinstance(complaint, dict)]
        places = [".".join(map(str, list_of(complaint.get("loc")))) for complaint in complaints]
        lines = [f"{place}: {complaint.get('msg', '')}" for place, complaint in zip(places, complaints, strict=True)]
        parameter = places[0].removeprefix("body.") if places else ""
        return Refusal("; ".join(lines) or str(detail), parameter=parameter[:LONGEST_NAME])
    return _dig(detail, depth - 1) if depth else Refusal(str(detail))


def _with_details(refusal: Refusal, body: dict[str, object]) -> Refusal:
    """`refusal` with what stands beside the words; OpenRouter keeps the cause in `metadata.raw`."""
    words = refusal.words
    metadata = body.get("metadata")
    if isinstance(metadata, dict) and isinstance(metadata.get("raw"), str):
        cause = _dig_text(metadata["raw"], _DEEPEST).words
        words = f"{words}: {cause}" if cause and cause not in words else words
    return replace(
        refusal,
        words=words,
        code=_text(body.get("code")) or refusal.code,
        kind=_text(body.get("type")) or refusal.kind,
        parameter=_text(body.get("param")) or refusal.parameter,
    )


def _text(value: object) -> str:
    """Codes come as numbers from compatible servers."""
    is_name = isinstance(value, str | int) and not isinstance(value, bool)
    return str(value)[:LONGEST_NAME] if is_name else ""

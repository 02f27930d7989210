"""One extractor for every shape in which servers say no."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.log import hide
from app.services.api.error_body import LONGEST_NAME, LONGEST_WORDS, clean, refusal_of_bytes, refusal_of_json
from tests.services.api.test_chat_wire import json_values

SHAPES: dict[str, tuple[Any, str]] = {
    "OpenAI": ({"error": {"message": "no", "type": "t", "param": "p", "code": "c"}}, "no"),
    "Ollama's own": ({"error": "no"}, "no"),
    "FastAPI": ({"detail": "no"}, "no"),
    "FastAPI's list": (
        {"detail": [{"loc": ["body", "image"], "msg": "Field required", "type": "missing"}, {"loc": [], "msg": "x"}]},
        "body.image: Field required; : x",
    ),
    "FastAPI's object": ({"detail": {"message": "no"}}, "no"),
    "message": ({"message": "no"}, "no"),
    "old vLLM": ({"object": "error", "message": "no", "type": "BadRequestError", "param": None, "code": 400}, "no"),
    "a list of errors": ({"errors": [{"message": "no"}]}, "no"),
    "Google's list": ([{"error": {"code": 400, "message": "no", "status": "INVALID_ARGUMENT"}}], "no"),
    "JSON in a string": ({"error": {"message": json.dumps({"error": {"code": 429, "message": "no"}})}}, "no"),
    "an error object in a string": ({"error": json.dumps({"message": "no"})}, "no"),
    "OpenRouter's cause": (
        {"error": {"code": 502, "message": "Provider returned error", "metadata": {"raw": '{"error": "no"}'}}},
        "Provider returned error: no",
    ),
    "braces that are no JSON": ({"error": {"message": "{oops"}}, "{oops"),
    "nothing": ({}, ""),
    "null": (None, ""),
    "a number": (5, "5"),
    "a number as error": ({"error": 42}, '{"error": 42}'),
    "nobody's shape": (
        {"fault": {"faultstring": "Quota", "<b>": [1]}},
        '{"fault": {"faultstring": "Quota", " ": [1]}}',
    ),
    "no error": ({"error": None, "detail": "", "more": [{}]}, ""),
    "a text": ("no", "no"),
}


@pytest.mark.parametrize("name", SHAPES)
def test_words_in_every_shape(name: str) -> None:
    body, words = SHAPES[name]
    assert refusal_of_bytes(json.dumps(body).encode()).words == words


def test_the_parts_beside_the_words() -> None:
    refusal = refusal_of_json({"error": {"message": "m", "type": "t", "param": "p", "code": 401}})
    assert (refusal.code, refusal.kind, refusal.parameter, refusal.is_error_object) == ("401", "t", "p", True)
    refusal = refusal_of_json({"detail": [{"loc": ["body", "image"], "msg": "Field required"}]})
    assert (refusal.parameter, refusal.is_error_object) == ("image", False)


def test_a_web_page_is_only_its_title() -> None:
    page = b"""<!DOCTYPE html><html><head><title>api.example.com | 520: Unknown error for 203.0.113.7</title></head>
    <body>Your IP: 203.0.113.7 Ray ID: 8f</body></html>"""
    refusal = refusal_of_bytes(page)
    assert refusal.is_html
    assert refusal.words == "api.example.com | 520: Unknown error for …"
    assert refusal_of_bytes(b"<html><body><h1>502 Bad Gateway</h1>nginx</body></html>").words == "502 Bad Gateway"
    assert refusal_of_bytes(b"<html><body>Your IP is 203.0.113.7</body></html>").words == ""


def test_plain_text_and_tags() -> None:
    assert refusal_of_bytes(b"404 page not found\n").words == "404 page not found"
    assert refusal_of_bytes(b'{"error": "<b>no</b> &amp; never; 1 < 2"}').words == "no & never; 1 < 2"
    assert refusal_of_bytes(b"").words == ""
    assert refusal_of_bytes(b"\xff\xfe").words


def test_words_do_nothing_to_a_terminal_or_a_reader() -> None:
    assert clean("\x1b[31mred\x07 \u202eevil") == "[31mred evil"


def test_words_without_end_are_not_looked_through() -> None:
    """A key behind what is shown would be hidden; what is never looked at needs no hiding."""
    endless = "no such model " * 500_000
    assert len(refusal_of_json({"error": {"message": endless}}).words) == LONGEST_WORDS
    nested = json.dumps({"error": {"message": "inside " * 500_000}})
    assert refusal_of_json({"message": nested}).words.startswith('{"error"'), "too long to be read as JSON"


def test_words_are_short_and_hold_no_key() -> None:
    hide("my-secret-key-of-nine")
    words = refusal_of_bytes(b"Incorrect API key provided: sk-proj-abcdef123. Not my-secret-key-of-nine. " * 100).words
    assert len(words) == LONGEST_WORDS
    assert "abcdef" not in words
    assert "my-secret" not in words


@pytest.mark.parametrize("name", ["param", "code", "type"])
def test_names_without_end_are_cut(name: str) -> None:
    refusal = refusal_of_json({"error": {"message": "no", name: "system " * 100_000}})
    assert max(map(len, (refusal.code, refusal.kind, refusal.parameter))) == LONGEST_NAME
    refusal = refusal_of_json({"detail": [{"loc": ["body", "x" * 100_000], "msg": "no"}]})
    assert len(refusal.parameter) == LONGEST_NAME


@given(st.binary(max_size=300))
def test_any_bytes(body: bytes) -> None:
    refusal_of_bytes(body)


@given(st.dictionaries(st.sampled_from(["error", "detail", "errors", "message", "code", "metadata"]), json_values))
def test_any_json(body: dict[str, Any]) -> None:
    refusal_of_json(body)
    refusal_of_json({"error": body})
    refusal_of_json({"detail": [body]})


def test_depth_without_end() -> None:
    refusal_of_bytes(b'{"error":' * 100_000)
    deep: Any = "x"
    for _ in range(50):
        deep = {"error": deep}
    refusal_of_json(deep)

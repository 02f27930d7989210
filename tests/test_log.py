"""The log: where it goes, and that no key reaches it."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import log

AT_ONCE_S = 10.0


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A log that is written to the test's folder and taken down again."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    log.start(tmp_path)
    yield tmp_path
    for added in [handler for handler in root.handlers if handler not in before]:
        root.removeHandler(added)
        added.close()
    root.setLevel(level)


def test_lines_reach_the_file(folder: Path) -> None:
    logging.getLogger("app.test").info("It began: %s", "你好")
    logging.getLogger("app.test").debug("not this")
    (line,) = (folder / "triptych.log").read_text("utf-8").splitlines()
    assert line.endswith("INFO app.test: It began: 你好")


def test_requests_of_the_http_library_are_not_logged(folder: Path) -> None:
    logging.getLogger("httpx").info("HTTP Request: POST https://models.example?key=x")
    assert not (folder / "triptych.log").exists()


def test_known_keys_are_hidden_in_lines_and_tracebacks(folder: Path) -> None:
    log.hide("  my-own-secret-1 ")
    try:
        raise ValueError("got my-own-secret-1")
    except ValueError:
        logging.getLogger("app.test").info("with my-own-secret-1", exc_info=True)
    text = (folder / "triptych.log").read_text("utf-8")
    assert "my-own-secret-1" not in text
    assert text.count("[key hidden]") == 3  # the message, the line of code, the error


def test_a_key_that_begins_like_another_is_hidden_whole() -> None:
    log.hide("prefix-of")
    log.hide("prefix-of-a-longer-key")
    assert log.redact("prefix-of-a-longer-key and prefix-of") == "[key hidden] and [key hidden]"


def test_short_words_are_not_taken_for_keys() -> None:
    log.hide("")
    log.hide("the")
    assert log.redact("the words stay") == "the words stay"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("key sk-proj-abc_DEF-123456 end", "key [key hidden] end"),
        ("sk-ab****yz", "[key hidden]"),
        ("Authorization: Bearer abc.def-123, next", "Authorization: Bearer [key hidden], next"),
        ("api-key: 0123456789", "api-key: [key hidden]"),
        ("gsk_abcdef123456", "[key hidden]"),
        ("http://user:pass@proxy.example:8080/x", "http://[key hidden]@proxy.example:8080/x"),
        ("http://user:p@ss/word@proxy.example/x", "http://[key hidden]@proxy.example/x"),
        ("http://models.example:8080/?to=a@b.example", "http://models.example:8080/?to=a@b.example"),
        ("Set-Cookie: session=deadbeef; b=1234567\nnext", "Set-Cookie: [key hidden]\nnext"),
        ('cookie: session=deadbeef"', 'cookie: [key hidden]"'),
        ("http://models.example:8080/v1", "http://models.example:8080/v1"),
        ("a task-force of 12", "a task-force of 12"),
        ("GET https://m.example/v1?api_key=0123abcdef&x=1", "GET https://m.example/v1?api_key=[key hidden]&x=1"),
        ('{"x-api-key": "0123abcdef", "n": 1}', '{"x-api-key": "[key hidden]", "n": 1}'),
        ("authorization: Basic dXNlcjpwYXNz", "authorization: Basic [key hidden]"),
        ("password=open sesame123", "password=open sesame123"),
        ("PASSWORD=opensesame", "PASSWORD=[key hidden]"),
        ("max_token: 12345678, tokens: 90", "max_token: 12345678, tokens: 90"),
        ("eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.c2lnbmF0dXJl", "[key hidden]"),
        ("AIzaSyA0123456789012345678901", "[key hidden]"),
    ],
)
def test_what_looks_like_a_key_is_hidden(line: str, shown: str) -> None:
    assert log.redact(line) == shown


def test_a_key_is_hidden_in_an_address_and_in_json_too() -> None:
    log.hide('odd/key+"with"=signs')
    lines = ("GET /models?key=odd%2Fkey%2B%22with%22%3Dsigns", '{"key": "odd/key+\\"with\\"=signs"}')
    assert [log.redact(line) for line in lines] == ["GET /models?key=[key hidden]", '{"key": "[key hidden]"}']


@pytest.mark.parametrize(
    "piece", ["a", "a.", "token", "token=", "?key", "-token: ", "eyJaaaaaaaa.", "://a:b", "cookie: a"]
)
def test_a_million_signs_are_looked_through_at_once(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    began = time.process_time()
    log.redact(text)
    assert time.process_time() - began < AT_ONCE_S

"""Nasty but real, cases 44 to 55: what stands around an answer, from proxies to keys."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from app.model.errors import (
    AccountLimit,
    AppError,
    KeyRejected,
    KeyUnusable,
    ModelLoading,
    RateLimited,
    Redirected,
    RequestRefused,
    RouteMissing,
    ServerTrouble,
    WrongAddress,
)
from app.model.lessons import Lesson
from app.model.providers import KeyHeader
from app.services.api.address import normalize_base_url
from app.services.api.retry import LOADING_PATIENCE_S
from tests.fakes.openai_particular import ParticularOpenAI, unverified_to_stream
from tests.fakes.openai_server import FakeOpenAI
from tests.services.api.asking import KEY, chat, endpoint_of, question, run

CLOUDFLARE = """<!DOCTYPE html><html><head><title>api.example.com | {status}: Web server is down, 203.0.113.7</title>
</head><body><h1>Error {status}</h1> Your IP: <b>203.0.113.7</b> Ray ID: 8f00 <script>track("203.0.113.7")</script>
</body></html>"""


@pytest.mark.parametrize(
    ("status", "expected"), [(502, ServerTrouble), (520, ServerTrouble), (404, WrongAddress), (200, WrongAddress)]
)
def test_case_44_a_page_of_a_proxy_is_its_status_and_title(
    server: FakeOpenAI, status: int, expected: type[AppError], caplog: pytest.LogCaptureFixture
) -> None:
    server.reply(status, CLOUDFLARE.format(status=status), times=3)
    with caplog.at_level(logging.DEBUG, "app"):
        error = chat(server).error
    assert type(error) is expected
    assert (error.status, error.server_words) == (status, f"api.example.com | {status}: Web server is down, …")
    assert "203.0.113.7" not in f"{error!r} {error.arguments} {caplog.text}"


@pytest.mark.parametrize(
    ("after", "waits"),
    [(None, [0.5, 1.0]), ("7", [7, 7]), ("1.5", [1.5, 1.5]), ("-5", [0.5, 1.0]), ("soon", [0.5, 1.0]), ("3600", [])],
)
@pytest.mark.parametrize(("status", "expected"), [(429, RateLimited), (500, ServerTrouble), (503, ServerTrouble)])
def test_case_45_an_empty_body_and_any_advice(
    server: FakeOpenAI, status: int, expected: type[AppError], after: str | None, waits: list[float]
) -> None:
    server.reply(status, b"", {} if after is None else {"Retry-After": after}, times=len(waits) + 1)
    outcome = chat(server)
    assert (type(outcome.error), outcome.waits) == (expected, waits)

    in_a_minute = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    server.reply(status, b"", {"Retry-After": in_a_minute})
    outcome = chat(server)
    assert outcome.error is None
    assert 50 < sum(outcome.waits) <= 60


GOOGLE = json.dumps({"error": {"code": 429, "message": "Quota exceeded for requests", "status": "RESOURCE_EXHAUSTED"}})
LIMITS: dict[str, tuple[dict[str, Any], type[AppError], str]] = {
    "rate": ({"code": "rate_limit_exceeded", "type": "requests", "message": "slow down"}, RateLimited, "slow down"),
    "pace": ({"code": "slow_down", "type": "rate_limit_error", "message": "slow down"}, RateLimited, "slow down"),
    "no credit": ({"code": "credit_balance_exhausted", "message": "x"}, AccountLimit, "x"),
    "old quota": ({"code": "insufficient_quota", "type": "insufficient_quota", "message": "x"}, AccountLimit, "x"),
    "only the type": ({"code": None, "type": "insufficient_quota", "message": "x"}, AccountLimit, "x"),
    "JSON in the words": ({"code": 429, "message": GOOGLE}, RateLimited, "Quota exceeded for requests"),
}


@pytest.mark.parametrize("name", LIMITS)
def test_case_46_a_limit_of_the_account_is_not_one_of_the_rate(server: FakeOpenAI, name: str) -> None:
    error, expected, words = LIMITS[name]
    server.reply(429, {"error": error}, {"Retry-After": "1"}, times=3)
    outcome = chat(server)
    assert type(outcome.error) is expected
    assert outcome.error.server_words == words
    assert len(server.posts()) == (1 if expected is AccountLimit else 3)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("key_header", list(KeyHeader))
def test_case_47_a_redirect_is_told_and_takes_no_key_along(
    server: FakeOpenAI, status: int, key_header: KeyHeader
) -> None:
    with FakeOpenAI() as other:
        server.reply(status, b"", {"Location": f"{other.base_url}/chat/completions"})
        error = chat(server, key_header=key_header).error
        assert type(error) is Redirected
        assert error.arguments["suggestion"] == other.base_url
        server.reply(status, b"", {"Location": f"{other.base_url}/models"}, path="/models")
        with pytest.raises(Redirected):
            run(lambda api: api.models(endpoint_of(server, key_header=key_header)))
        assert (len(server.requests), other.requests) == (2, [])


PASTED = ["", "/", "//", "/chat/completions", "/chat/completions/", "/models", "/responses?stream=true#top"]


@pytest.mark.parametrize("pasted", PASTED)
def test_case_48_an_address_pasted_in_any_form(server: FakeOpenAI, pasted: str) -> None:
    address = normalize_base_url(f" {server.base_url}{pasted}\n")
    assert chat(server, base_url=address).text == "You said: hi"
    without_version = normalize_base_url(server.base_url.removesuffix("/v1") + pasted)
    assert type(chat(server, base_url=without_version).error) is RouteMissing
    server.reply(405, {"detail": "Method Not Allowed"})
    assert type(chat(server, base_url=without_version).error) is RouteMissing


REFUSALS: dict[str, Any] = {
    "OpenAI": {"error": {"message": "no", "type": "invalid_request_error", "param": None, "code": None}},
    "FastAPI": {"detail": "no"},
    "FastAPI's list": {"detail": [{"loc": ["body", "top_p"], "msg": "no", "type": "x"}]},
    "a message": {"message": "no"},
    "Ollama's own": {"error": "no"},
    "old vLLM": {"object": "error", "message": "no", "type": "BadRequestError", "param": None, "code": 400},
    "plain text": "no",
}


@pytest.mark.parametrize("name", REFUSALS)
def test_case_49_a_refusal_in_any_shape(server: FakeOpenAI, name: str) -> None:
    server.reply(400, REFUSALS[name], None if isinstance(REFUSALS[name], dict) else {"Content-Type": "text/plain"})
    error = chat(server).error
    assert type(error) is RequestRefused
    assert error.server_words == ("body.top_p: no" if name == "FastAPI's list" else "no")


MODEL_LISTS: dict[str, tuple[Any, list[str]]] = {
    "none, as Ollama says it": ({"object": "list", "data": None}, []),
    "a bare list": ([{"id": "a"}, "b"], ["a", "b"]),
    "files as ids": ({"data": [{"id": "/models/Q4 模型.gguf", "object": "model"}]}, ["/models/Q4 模型.gguf"]),
    "without created": ({"data": [{"id": "a"}]}, ["a"]),
}


@pytest.mark.parametrize("name", MODEL_LISTS)
def test_case_50_a_list_of_models_in_any_shape(server: FakeOpenAI, name: str) -> None:
    body, ids = MODEL_LISTS[name]
    server.reply(200, json.dumps(body), {"Content-Type": "application/json"}, path="/models")
    assert [model.id for model in run(lambda api: api.models(endpoint_of(server)))] == ids
    server.accepts_any_model = True
    assert [chat(server, question(model_id=model_id)).text for model_id in ids] == ["You said: hi"] * len(ids)


def test_case_52_a_model_that_loads_for_minutes(server: FakeOpenAI) -> None:
    loading = {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}
    server.reply(503, loading, times=12)
    outcome = chat(server)
    assert (outcome.text, len(outcome.pauses)) == ("You said: hi", 12)
    assert {pause.reason for pause in outcome.pauses} == {ModelLoading.title}
    server.reply(503, loading, times=99)
    outcome = chat(server)
    assert type(outcome.error) is ModelLoading
    assert LOADING_PATIENCE_S - 10 < sum(outcome.waits) <= LOADING_PATIENCE_S


def test_case_53_an_organization_that_may_not_stream() -> None:
    with ParticularOpenAI(unverified_to_stream()) as server:
        outcome = chat(server)
        assert (outcome.error, outcome.text) == (None, "You said: hi")
        assert outcome.items[0].lessons == (Lesson("stream"),)
        assert [post.json.get("stream") for post in server.posts()] == [True, None]


def test_case_54_a_key_with_something_around_it_or_none(server: FakeOpenAI) -> None:
    for key in (f"  {KEY}\n", f"{KEY}\r\n ", f"{KEY}\t"):
        assert chat(server, key=key).error is None
        assert server.requests[-1].headers["authorization"] == f"Bearer {KEY}"
    for key in ("", "   ", "\n"):
        assert chat(server, key=key).error is None
        assert "authorization" not in server.requests[-1].headers
    before = len(server.requests)
    for key, position in (("“sk-abcdef”", "1"), ("sk-abc\ndef", "7"), ("sk abcdef", "3"), ("sk-abcdé", "8")):
        error = chat(server, key=key).error
        assert type(error) is KeyUnusable
        assert error.arguments["position"] == position
        assert "abc" not in repr(error.__dict__)
    assert len(server.requests) == before


def test_case_55_the_key_stands_in_no_words_and_no_log(caplog: pytest.LogCaptureFixture) -> None:
    with FakeOpenAI(key="another") as server, caplog.at_level(logging.DEBUG, "app"):
        echoed = f"Incorrect API key provided: {KEY}. You can find your API key at https://platform.example."
        server.reply_error(401, "invalid_api_key", "invalid_request_error", echoed)
        for error in (chat(server).error, chat(server).error):  # in full, and as OpenAI masks it
            assert type(error) is KeyRejected
            assert "Incorrect API key provided" in error.server_words
            assert not {KEY, KEY[-10:], KEY[:8]} & set(f"{error} {error!r} {error.__dict__}".split())
            assert KEY[8:] not in f"{error} {error!r} {error.__dict__} {caplog.text}"

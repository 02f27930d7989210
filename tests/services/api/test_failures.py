"""Which error each refusal means; the texts around it are the model's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest

from app.model import errors, server_errors
from app.model.errors import AppError
from app.services.api.failures import Place, failure_before_answer, failure_in_stream, failure_of_response
from tests.fakes.openai_server import FakeOpenAI
from tests.services.api.asking import chat, question

PLACE = Place("host:1", "/chat/completions", "gpt-none", 10, 600)
BILLING = [
    "credit_balance_exhausted",
    "organization_spend_limit_exceeded",
    "project_spend_limit_exceeded",
    "organization_usage_limit_exceeded",
    "insufficient_quota",
]
HTML = "<html><head><title>Just a moment...</title></head><body>203.0.113.7</body></html>"

# status, code, type, message, expected class
REFUSALS = [
    (400, "unsupported_value", "invalid_request_error", "no", "RequestRefused"),
    (400, "context_length_exceeded", "invalid_request_error", "too long", "ContextTooLong"),
    (400, None, "exceed_context_size_error", "the request exceeds the available context size", "ContextTooLong"),
    (400, None, "BadRequestError", "This model's maximum context length is 4096 tokens", "ContextTooLong"),
    (400, "moderation_blocked", "image_generation_user_error", "no", "ContentRefused"),
    (400, "content_filter", "", "no", "ContentRefused"),
    (400, "billing_hard_limit_reached", "", "no", "AccountLimit"),
    (
        400,
        None,
        "invalid_request_error",
        "Your organization must be verified to stream.",
        "PermissionDenied",
    ),
    (400, None, "", "Invalid content type. image_url is only supported by certain models.", "UnsupportedContent"),
    (422, None, "", "unknown variant `image_url`, expected `text`", "UnsupportedContent"),
    (404, None, "", "No endpoints found that support image input", "UnsupportedContent"),
    (500, None, "server_error", "image input is not supported - hint: you may need mmproj", "UnsupportedContent"),
    (401, "invalid_api_key", "invalid_request_error", "no", "KeyRejected"),
    (402, None, "", "Insufficient credits", "AccountLimit"),
    (403, None, "", "Country, region, or territory not supported", "PermissionDenied"),
    (403, None, "", "Invalid API key", "KeyRejected"),
    (403, None, "", "Forbidden", "KeyRejected"),
    (404, "DeploymentNotFound", "", "The API deployment for this resource does not exist.", "ModelNotFound"),
    (404, "model_not_found", "invalid_request_error", "no", "ModelNotFound"),
    (404, None, "not_found_error", "model 'gpt-none' not found", "ModelNotFound"),
    (404, None, "invalid_request_error", "Invalid URL (POST /chat/completions)", "RouteMissing"),
    (404, "previous_response_not_found", "invalid_request_error", "no", "RequestRefused"),
    (405, None, "", "Method Not Allowed", "RouteMissing"),
    (408, None, "", "timeout", "ServerTrouble"),
    (409, None, "", "lock timeout", "ServerTrouble"),
    (413, None, "server_error", "Maximum content size limit (26214400) exceeded (26306794 bytes read)", "TooLarge"),
    (418, None, "", "teapot", "RequestRefused"),
    (422, None, "", "no", "RequestRefused"),
    (429, "rate_limit_exceeded", "requests", "slow", "RateLimited"),
    (429, "slow_down", "rate_limit_error", "slow", "RateLimited"),
    *((429, code, "insufficient_quota", "no credit", "AccountLimit") for code in BILLING),
    (429, None, "insufficient_quota", "no credit", "AccountLimit"),
    (429, "some_new_code", "insufficient_quota", "no credit", "AccountLimit"),
    (498, None, "", "capacity", "RateLimited"),
    (499, None, "", "cancelled", "ServerTrouble"),
    (500, None, "server_error", "no", "ServerTrouble"),
    (501, "not_installed", "server_error", "no", "RouteMissing"),
    (503, None, "unavailable_error", "Loading model", "ModelLoading"),
    (503, "server_is_overloaded", "service_unavailable_error", "no", "ServerTrouble"),
]


@pytest.mark.parametrize(("status", "code", "kind", "message", "expected"), REFUSALS)
def test_refusals(server: FakeOpenAI, status: int, code: str | None, kind: str, message: str, expected: str) -> None:
    server.reply_error(status, code, kind, message, param="place", headers={"x-should-retry": "false"}, times=60)
    outcome = chat(server, question(model_id="gpt-none"))
    error = outcome.error
    assert error is not None
    assert type(error).__name__ == expected
    assert error.server_words == message
    assert (error.status, error.code, error.parameter) == (status, code or "", "place")
    assert error.request_id == "req_fake"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"key": " "}, "KeyNeeded"),
        ({"key": "sk-wrong-0123456789"}, "KeyRejected"),
        ({"key": "", "extra_headers": {"X-API-Key ": "wrong"}}, "KeyRejected"),
        ({"key": "", "extra_headers": {"X-Title": "mine"}}, "KeyNeeded"),
    ],
)
@pytest.mark.parametrize(("status", "words"), [(401, "no"), (403, "Invalid API key")])
def test_a_key_that_is_not_there_is_not_called_wrong(
    server: FakeOpenAI, status: int, words: str, changes: dict[str, Any], expected: str
) -> None:
    server.reply_error(status, None, "", words)
    outcome = chat(server, **changes)
    assert type(outcome.error).__name__ == expected


BODIES = [
    (405, "text/html", HTML, "WrongAddress", "Just a moment..."),
    (403, "text/html", HTML, "PermissionDenied", "Just a moment..."),
    (404, "application/json", '{"detail":"Not Found"}', "RouteMissing", "Not Found"),
    (404, "text/plain", "File Not Found", "RouteMissing", "File Not Found"),
    (404, "text/plain", "404 page not found", "RouteMissing", "404 page not found"),
    (400, "text/plain", "Client sent an HTTP request to an HTTPS server.", "WrongAddress", None),
    (429, "text/plain", "", "RateLimited", ""),
    (500, "text/plain", "", "ServerTrouble", ""),
    (500, "application/json", "{broken", "ServerTrouble", "{broken"),
    (200, "application/json", "{broken", "BrokenAnswer", "{broken"),
    (200, "application/json", "", "BrokenAnswer", ""),
    (200, "application/json", '{"detail":"no"}', "BrokenAnswer", '{"detail": "no"}'),
]


@pytest.mark.parametrize(("status", "media_type", "body", "expected", "words"), BODIES)
def test_bodies(server: FakeOpenAI, status: int, media_type: str, body: str, expected: str, words: str | None) -> None:
    headers = {"Content-Type": media_type, "x-should-retry": "false"}
    server.reply(status, body, headers, times=3)
    outcome = chat(server)
    assert type(outcome.error).__name__ == expected
    assert outcome.error is not None
    assert words is None or outcome.error.server_words == words
    assert outcome.error.status in (status, None)


def test_every_text_of_an_error_finds_its_arguments() -> None:
    for status in (400, 401, 402, 403, 404, 413, 429, 500, 503):
        error = failure_of_response(status, {}, b"", PLACE)
        for text in (error.title, error.explanation, error.hint):
            assert "{" not in text.format(**error.arguments)
    moved = failure_of_response(302, {"location": "https://other/v1/chat/completions"}, b"", PLACE)
    assert "https://other/v1." in moved.hint.format(**moved.arguments)


IN_STREAM: list[tuple[dict[str, object], type[AppError]]] = [
    ({"error": {"message": "x", "code": 429}}, errors.RateLimited),
    ({"error": {"message": "x", "code": "rate_limit_exceeded"}}, errors.RateLimited),
    ({"error": {"message": "x", "code": "server_is_overloaded"}}, server_errors.TroubleInAnswer),
    ({"error": {"message": "x", "type": "invalid_request_error"}}, errors.RequestRefused),
    ({"error": {"message": "x", "code": "invalid_image"}}, errors.RequestRefused),
    ({"error": {"message": "x", "code": 402}}, errors.AccountLimit),
    ({"error": {"message": "x", "code": "insufficient_quota"}}, errors.AccountLimit),
    ({"type": "error", "code": "invalid_prompt", "message": "x"}, errors.ContentRefused),
    ({"error": {"message": "x"}}, server_errors.TroubleInAnswer),
    ({"error": {"message": "x", "code": 200}}, server_errors.TroubleInAnswer),
    ({"error": {"message": "x", "code": 500}}, errors.ServerTrouble),
]


@pytest.mark.parametrize(("payload", "expected"), IN_STREAM)
def test_errors_inside_a_stream(payload: dict[str, object], expected: type[AppError]) -> None:
    error = failure_in_stream(payload, PLACE)
    assert type(error) is expected
    assert error.server_words == "x"


def test_an_unknown_model_is_named(server: FakeOpenAI) -> None:
    outcome = chat(server, question(model_id="no-such-model"))
    assert isinstance(outcome.error, errors.ModelNotFound)
    assert outcome.error.arguments["model"] == "no-such-model"


BROKEN: list[tuple[Exception, type[AppError]]] = [
    (httpx.ConnectTimeout("x"), errors.TimedOut),
    (httpx.PoolTimeout("x"), errors.TimedOut),
    (httpx.ReadTimeout("x"), errors.TimedOut),
    (httpx.WriteTimeout("x"), errors.TimedOut),
    (httpx.ProxyError("x"), errors.ProxyFailed),
    (httpx.InvalidURL("x"), errors.WrongAddress),
    (httpx.UnsupportedProtocol("x"), errors.WrongAddress),
    (httpx.LocalProtocolError("x"), errors.RequestRefused),
    (httpx.RemoteProtocolError("illegal status line"), errors.WrongAddress),
    (httpx.RemoteProtocolError("Server disconnected without sending a response."), errors.ConnectionFailed),
    (httpx.ReadError("x"), errors.ConnectionFailed),
    (UnicodeError("label too long"), errors.WrongAddress),
    (OSError("x"), errors.ConnectionFailed),
]


@pytest.mark.parametrize(("broken", "expected"), BROKEN, ids=lambda each: repr(each)[:60])
def test_connections_that_give_no_answer(broken: Exception, expected: type[AppError]) -> None:
    assert type(failure_before_answer(broken, PLACE)) is expected


def test_the_waiting_time_that_ran_out_is_named() -> None:
    assert failure_before_answer(httpx.ConnectTimeout("x"), PLACE).arguments["seconds"] == "10"
    assert failure_before_answer(httpx.ReadTimeout("x"), PLACE).arguments["seconds"] == "600"


def test_a_connection_that_fails_behind_a_proxy_blames_the_proxy() -> None:
    place = replace(PLACE, through_proxy=True)
    assert type(failure_before_answer(httpx.ConnectError("refused"), place)) is errors.ProxyFailed


HERE = replace(PLACE, base_url="https://host:1/v1")
CIRCLES = ["https://host:1/v1/chat/completions", "https://host:1/v1/chat/completions/", "https://host:1/v1"]
PAGES = [
    "https://login.corp.example/sso",
    "https://host:1/login?next=/v1/chat/completions",
    "https://host:1/",
    "https://team.example//cdn-cgi/access/login/host",
    "https://[broken",
]
MOVED = {
    "https://new.example/v1/chat/completions": "https://new.example/v1",
    "https://new.example/openai/chat/completions/": "https://new.example/openai",
    "https://new.example/chat/completions": "https://new.example",
    "https://new.example/v1beta/": "https://new.example/v1beta",
    "http://host:1/v1/chat/completions": "http://host:1/v1",
}


@pytest.mark.parametrize("location", CIRCLES)
def test_a_redirect_to_the_address_that_is_set_is_no_other_address(location: str) -> None:
    error = failure_of_response(302, {"location": location}, b"", HERE)
    assert type(error) is server_errors.RedirectedInCircles
    assert "suggestion" not in error.arguments


@pytest.mark.parametrize("location", PAGES)
def test_a_redirect_to_a_page_is_no_base_address(location: str) -> None:
    error = failure_of_response(302, {"location": location}, b"", HERE)
    assert type(error) is server_errors.RedirectedToPage
    assert error.arguments["location"] == location
    assert "suggestion" not in error.arguments


@pytest.mark.parametrize("location", MOVED)
def test_a_redirect_to_where_an_api_may_be_names_its_base_address(location: str) -> None:
    error = failure_of_response(302, {"location": location}, b"", HERE)
    assert type(error) is errors.Redirected
    assert error.arguments["suggestion"] == MOVED[location]


def test_a_refusal_without_words_says_its_number() -> None:
    error = failure_of_response(400, {}, b'{"error": null}', PLACE)
    assert type(error) is server_errors.RefusedWithoutReason
    assert error.explanation.format(**error.arguments) == "host:1 refused it with status 400 and gave no reason."
    assert error.retryable
    assert type(failure_of_response(400, {}, b'{"error": 42}', PLACE)) is errors.RequestRefused


def test_an_error_inside_an_answer_has_no_status_but_what_it_says_itself() -> None:
    assert failure_in_stream({"error": "stopped"}, PLACE).status is None
    assert failure_in_stream({"error": {"message": "stopped", "code": 500}}, PLACE).status == 500


def test_errors_inside_an_answer_are_tried_again_before_any_word(server: FakeOpenAI) -> None:
    server.reply_bytes([b'data: {"error": "model runner has unexpectedly stopped"}\n\n'], times=3)
    outcome = chat(server)
    assert type(outcome.error) is server_errors.TroubleInAnswer
    assert len(server.posts()) == 3


@pytest.mark.parametrize(("said", "meant"), [("86400", 86400.0), ("", None), ("soon", None)])
def test_how_long_a_server_wants_to_be_left_alone_is_known(server: FakeOpenAI, said: str, meant: float | None) -> None:
    server.reply(429, b"", {"Retry-After": said}, times=3)
    error = chat(server).error
    assert error is not None
    assert error.pause_s == meant

"""The connection test: the verdict, the words, and the address that would have worked."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from typing import Any

import pytest

from app.model.providers import Endpoint, TestResult, Timeouts, Verdict
from tests.fakes.openai_server import Action, FakeOpenAI
from tests.services.api.asking import KEY, endpoint_of, run

HTML = "<!doctype html><html><head><title>Open WebUI</title></head></html>"


@pytest.fixture
def locked() -> Iterator[FakeOpenAI]:
    """A server that checks keys."""
    with FakeOpenAI(key=KEY) as running:
        yield running


def probed(server: FakeOpenAI, **changes: Any) -> TestResult:
    return run(lambda api: api.test(endpoint_of(server, **changes)))


def test_it_works(locked: FakeOpenAI) -> None:
    result = probed(locked)
    assert result.verdict is Verdict.WORKS
    assert "gpt-6-luna" in [model.id for model in result.models]
    assert result.corrected_url == ""


def test_nothing_that_costs_money_is_asked(locked: FakeOpenAI) -> None:
    probed(locked)
    assert all("model" not in post.json for post in locked.posts())


@pytest.mark.parametrize(
    ("key", "verdict"),
    [("sk-wrong-key", Verdict.KEY), ("", Verdict.NO_KEY), (" ", Verdict.NO_KEY), ("“sk-quotes”", Verdict.KEY_UNUSABLE)],
)
def test_a_wrong_key(locked: FakeOpenAI, key: str, verdict: Verdict) -> None:
    assert probed(locked, key=key).verdict is verdict


def test_a_slow_check_of_the_key_does_not_spoil_the_verdict(server: FakeOpenAI) -> None:
    server.reply_raw([Action.STAY])
    assert probed(server, timeouts=Timeouts(idle_s=0.05)).verdict is Verdict.WORKS


@pytest.mark.parametrize("path", ["/models", "/chat/completions"])
def test_billing_is_noticed_wherever_it_is_said(server: FakeOpenAI, path: str) -> None:
    server.reply_error(429, "credit_balance_exhausted", path=path)
    assert probed(server).verdict is Verdict.LIMIT


def test_a_missing_model_list_does_not_hide_a_wrong_key(server: FakeOpenAI) -> None:
    server.reply(404, {"detail": "Not Found"}, path="/models", times=99)
    server.reply_error(401, "invalid_api_key", path="/chat/completions", times=9)
    assert probed(server).verdict is Verdict.KEY


def test_a_wrong_key_where_the_models_are_public(server: FakeOpenAI) -> None:
    server.reply_error(401, "invalid_api_key", "authentication_error", "Invalid API Key")
    result = probed(server)
    assert (result.verdict, result.words) == (Verdict.KEY, "Invalid API Key")


@pytest.mark.parametrize(
    ("status", "code", "verdict"),
    [
        (403, None, Verdict.PERMISSION),
        (429, "insufficient_quota", Verdict.LIMIT),
        (402, None, Verdict.LIMIT),
        (429, "rate_limit_exceeded", Verdict.BUSY),
        (500, None, Verdict.SERVER),
        (503, None, Verdict.SERVER),
    ],
)
def test_refusals(server: FakeOpenAI, status: int, code: str | None, verdict: Verdict) -> None:
    server.reply_error(status, code, message="in words", path="/models", times=9)
    result = probed(server)
    assert (result.verdict, result.words) == (verdict, "in words")
    assert len(server.requests) == 1


@pytest.mark.parametrize("path", ["", "/", "/v1/v1", "/v1/chat", "/v2", "/api"])
def test_a_wrong_path_is_corrected(locked: FakeOpenAI, path: str) -> None:
    result = probed(locked, base_url=locked.origin + path)
    assert (result.verdict, result.corrected_url) == (Verdict.WRONG_ADDRESS, locked.base_url)
    assert result.models


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/models", "/v1/"])
def test_a_pasted_path_works_as_it_is(locked: FakeOpenAI, path: str) -> None:
    assert probed(locked, base_url=locked.origin + path).verdict is Verdict.WORKS


def test_a_server_without_v1() -> None:
    with FakeOpenAI(prefix="") as server:
        result = probed(server, base_url=f"{server.origin}/v1")
        assert result.corrected_url == server.origin


def test_a_web_page_with_the_interface_elsewhere(server: FakeOpenAI) -> None:
    server.reply(200, HTML, path="/models")
    server.reply(405, HTML)
    result = probed(server, base_url=server.origin)
    assert (result.verdict, result.corrected_url) == (Verdict.WRONG_ADDRESS, server.base_url)
    assert result.words == "Open WebUI"


def test_nothing_found_nearby(server: FakeOpenAI) -> None:
    server.reply(404, HTML, path="", times=99)
    server.reply(404, HTML, path="/models", times=99)
    result = probed(server)
    assert (result.verdict, result.corrected_url) == (Verdict.WRONG_ADDRESS, "")


def test_a_server_without_a_model_list(server: FakeOpenAI) -> None:
    server.reply(404, {"detail": "Not Found"}, path="/models", times=99)
    result = probed(server)
    assert (result.verdict, result.models) == (Verdict.WORKS, ())


@pytest.mark.parametrize("status", [301, 308])
def test_a_redirect_names_the_right_address(locked: FakeOpenAI, status: int) -> None:
    with FakeOpenAI() as old:
        old.reply(status, b"", {"Location": f"{locked.base_url}/models"}, path="/models", times=9)
        result = probed(old)
    assert (result.verdict, result.corrected_url) == (Verdict.WRONG_ADDRESS, locked.base_url)
    assert all(request.key == "" for request in locked.requests)


def test_a_redirect_to_another_host_is_offered_and_not_asked(locked: FakeOpenAI) -> None:
    elsewhere = locked.base_url.replace("127.0.0.1", "localhost")
    with FakeOpenAI() as old:
        old.reply(301, b"", {"Location": f"{elsewhere}/models"}, path="/models", times=9)
        result = probed(old, organization="org-1")
    assert (result.verdict, result.corrected_url) == (Verdict.WRONG_ADDRESS, elsewhere)
    assert locked.requests == []


def test_no_login_and_no_organization_go_through_another_door(server: FakeOpenAI) -> None:
    address = f"https://me:sesame@127.0.0.1:{server.port}/v1"
    result = probed(server, base_url=address, organization="org-1", project="project-1")
    assert (result.verdict, result.corrected_url) == (Verdict.WRONG_ADDRESS, server.base_url)
    assert server.requests
    for request in server.requests:
        assert not {"authorization", "openai-organization", "openai-project"} & {
            name.lower() for name in request.headers
        }


def test_a_login_in_the_address_is_not_told_again(server: FakeOpenAI) -> None:
    result = probed(server, base_url=f"http://me:sesame@127.0.0.1:{server.port}")
    assert (result.verdict, result.corrected_url) == (Verdict.WRONG_ADDRESS, server.base_url)


@pytest.mark.parametrize("ports", [(8080, 9931), (9931, 8080)])
def test_llama_cpp_at_its_other_port(ports: tuple[int, int]) -> None:
    typed, used = ports
    host = f"127.{os.getpid() % 250}.{os.getpid() // 250 % 250}.9"  # the ports are given, so the host has to be ours
    with FakeOpenAI(key=KEY, place=(host, used)) as server:
        result = run(lambda api: api.test(Endpoint(f"http://{host}:{typed}/v1", KEY, timeouts=Timeouts(2, 2))))
        assert (result.verdict, result.corrected_url) == (Verdict.WRONG_ADDRESS, server.base_url)
        assert all(request.key == "" for request in server.requests)


@pytest.mark.parametrize(
    "address",
    [
        "",
        " ",
        "http://",
        "https:///v1",
        "ftp://h/v1",
        "http://[::1",
        "http://h:99999/v1",
        "http://h:x/v1",
        "http://a,b",
    ],
)
def test_what_is_no_address_at_all(address: str) -> None:
    assert run(lambda api: api.test(Endpoint(address))) == TestResult(Verdict.MALFORMED)


@pytest.mark.parametrize("address", [" {} ", "“{}”", "{}/chat/completions", "{}/models?limit=5", "<{}>", "{}\n/models"])
def test_an_address_as_people_paste_it(locked: FakeOpenAI, address: str) -> None:
    assert probed(locked, base_url=address.format(locked.base_url)).verdict is Verdict.WORKS


def test_an_address_without_its_scheme(locked: FakeOpenAI) -> None:
    assert probed(locked, base_url=f"127.0.0.1:{locked.port}/v1/chat/completions").verdict is Verdict.WORKS


def test_a_server_that_hangs_up_after_each_answer(locked: FakeOpenAI) -> None:
    body = b'{"data":[{"id":"m"}]}'
    locked.reply_raw([b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)], path="/models")
    assert probed(locked, key="sk-wrong-0123456789").verdict is Verdict.KEY


def test_a_server_that_loads_its_model(server: FakeOpenAI) -> None:
    body = {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}
    server.reply(503, body, path="/models")
    assert probed(server).verdict is Verdict.LOADING


@pytest.mark.parametrize("body", [{"object": "list", "data": None}, {"data": []}, []])
def test_a_server_without_any_model(server: FakeOpenAI, body: object) -> None:
    server.reply(200, body, path="/models")
    result = probed(server)
    assert (result.verdict, result.missing_model) == (Verdict.NO_MODEL, "")


def wanting(server: FakeOpenAI, *wanted: str) -> TestResult:
    return run(lambda api: api.test(endpoint_of(server), wanted))


def test_a_model_that_is_in_use_and_not_there(locked: FakeOpenAI) -> None:
    missing = {"error": {"message": "The model `org/gone` does not exist", "type": "invalid_request_error"}}
    locked.reply(404, missing, path="/models/org%2Fgone")
    result = wanting(locked, "gpt-4o", "org/gone")
    assert (result.verdict, result.missing_model) == (Verdict.NO_MODEL, "org/gone")
    assert result.models


def test_a_server_that_answers_a_question_without_a_model_that_it_does_not_have_that_one(locked: FakeOpenAI) -> None:
    """As gateways do that look for the model before anything else."""
    locked.reply_error(404, "model_not_found", message="The model does not exist", path="/chat/completions", times=9)
    locked.reply_error(404, "model_not_found", message="The model does not exist", path="/models/gone", times=9)
    assert wanting(locked, "gone").verdict is Verdict.NO_MODEL
    assert wanting(locked, "gpt-4o").verdict is Verdict.WORKS


def test_a_model_that_is_only_not_listed(locked: FakeOpenAI) -> None:
    locked.reply(200, {"id": "unlisted", "object": "model"}, path="/models/unlisted")
    assert wanting(locked, "unlisted").verdict is Verdict.WORKS
    for unknown_question in ("File Not Found", {"detail": "Not Found"}, {"error": "Invalid URL (GET /v1/models/odd)"}):
        locked.reply(404, unknown_question, path="/models/odd")
        assert wanting(locked, "odd").verdict is Verdict.WORKS


def test_models_that_are_listed_are_not_asked_for(locked: FakeOpenAI) -> None:
    wanting(locked, "gpt-4o")
    assert [request.path for request in locked.requests] == ["/v1/models", "/v1/chat/completions"]


def test_the_test_can_be_cancelled(server: FakeOpenAI) -> None:
    server.reply_raw([Action.STAY], path="/models")

    async def use(api: Any) -> None:
        testing = asyncio.ensure_future(api.test(endpoint_of(server)))
        await asyncio.to_thread(server.wait_for_requests, 1)
        testing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await testing

    run(use)

"""The connection test: the verdict, the words, and the address that would have worked."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator
from typing import Any

import pytest
import trustme

from app.model.providers import Endpoint, ProxyMode, TestResult, Timeouts, Verdict
from app.services.api.probe import LIMIT_S
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


@pytest.mark.parametrize("key", ["sk-wrong-key", "", "“sk-quotes”"])
def test_a_wrong_key(locked: FakeOpenAI, key: str) -> None:
    assert probed(locked, key=key).verdict is Verdict.KEY


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
        (429, "rate_limit_exceeded", Verdict.LIMIT),
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


def test_https_where_http_is_spoken(locked: FakeOpenAI) -> None:
    result = probed(locked, base_url=locked.base_url.replace("http:", "https:"))
    assert (result.verdict, result.corrected_url) == (Verdict.WRONG_ADDRESS, locked.base_url)
    assert all(request.key == "" for request in locked.requests)


def test_an_unknown_certificate() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with FakeOpenAI(tls=context) as server:
        assert probed(server).verdict is Verdict.CERTIFICATE


def test_a_dead_port() -> None:
    with FakeOpenAI() as server:
        endpoint = endpoint_of(server)
    result = run(lambda api: api.test(endpoint))
    assert result.verdict is Verdict.UNREACHABLE
    assert result.words


def test_a_host_that_does_not_exist() -> None:
    result = run(lambda api: api.test(Endpoint("nowhere.invalid")))
    assert result.verdict is Verdict.UNREACHABLE


def test_a_dead_proxy(server: FakeOpenAI) -> None:
    with FakeOpenAI() as gone:
        proxy_url = gone.origin
    assert probed(server, proxy_mode=ProxyMode.MANUAL, proxy_url=proxy_url).verdict is Verdict.PROXY


@pytest.mark.parametrize("address", ["", "http://", "ftp://h/v1", "http://[::1"])
def test_an_address_that_cannot_be(address: str) -> None:
    result = run(lambda api: api.test(Endpoint(address)))
    assert result.verdict in (Verdict.WRONG_ADDRESS, Verdict.UNREACHABLE)


def test_a_certificate_file_that_is_missing(server: FakeOpenAI) -> None:
    assert probed(server, ca_file="/no/such/file.pem").verdict is Verdict.CERTIFICATE


def test_a_silent_server(server: FakeOpenAI) -> None:
    server.reply_raw([Action.STAY], path="/models", times=99)
    assert probed(server, timeouts=Timeouts(idle_s=0.05)).verdict is Verdict.UNREACHABLE
    assert LIMIT_S < 10


def test_a_server_that_waits_for_the_rest_of_a_greeting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        endpoint = Endpoint(f"https://127.0.0.1:{port}/v1", timeouts=Timeouts(0.05, 0.05))
        result = run(lambda api: api.test(endpoint))
    assert result.verdict is Verdict.UNREACHABLE


def test_the_test_can_be_cancelled(server: FakeOpenAI) -> None:
    server.reply_raw([Action.STAY], path="/models")

    async def use(api: Any) -> None:
        testing = asyncio.ensure_future(api.test(endpoint_of(server)))
        await asyncio.to_thread(server.wait_for_requests, 1)
        testing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await testing

    run(use)

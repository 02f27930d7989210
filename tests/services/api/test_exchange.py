"""How requests travel: headers, keys, redirects, downloads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from app.model.errors import KeyRejected, KeyUnusable, Redirected, RequestRefused, WrongAddress
from app.model.images import ImageRequest
from app.model.providers import Endpoint, KeyHeader
from tests.fakes.openai_server import FakeOpenAI, png
from tests.services.api.asking import KEY, chat, collected, endpoint_of, question, run


@pytest.fixture
def other() -> Iterator[FakeOpenAI]:
    """A second server: another origin."""
    with FakeOpenAI() as running:
        yield running


def header(server: FakeOpenAI, name: str) -> str | None:
    return server.requests[-1].headers.get(name)


def test_the_key_goes_where_the_profile_says(server: FakeOpenAI) -> None:
    chat(server)
    assert (header(server, "authorization"), header(server, "api-key")) == (f"Bearer {KEY}", None)
    chat(server, key_header=KeyHeader.API_KEY)
    assert (header(server, "authorization"), header(server, "api-key")) == (None, KEY)


@pytest.mark.parametrize("key", [f"  {KEY}\n", f"\ufeff{KEY}".strip("\ufeff"), f"{KEY}\r\n "])
def test_a_key_is_stripped(server: FakeOpenAI, key: str) -> None:
    assert chat(server, key=key).error is None
    assert header(server, "authorization") == f"Bearer {KEY}"


@pytest.mark.parametrize("key", ["", "   ", "\n"])
def test_no_key_means_no_header(server: FakeOpenAI, key: str) -> None:
    assert chat(server, key=key).error is None
    assert header(server, "authorization") is None


@pytest.mark.parametrize(("key", "position"), [("“sk-abcdef”", "1"), ("sk-abc\ndef", "7"), ("sk abc", "3"), ("é", "1")])
def test_a_key_that_cannot_be_sent_is_said_so(server: FakeOpenAI, key: str, position: str) -> None:
    outcome = chat(server, key=key)
    assert isinstance(outcome.error, KeyUnusable)
    assert isinstance(outcome.error, KeyRejected)
    assert outcome.error.arguments["position"] == position
    assert "abc" not in repr(outcome.error.__dict__)
    assert server.requests == []


def test_organisation_project_and_extra_headers(server: FakeOpenAI) -> None:
    extra = {"HTTP-Referer": "https://triptych.example", "Authorization": "Basic abc"}
    chat(server, organization="org-1", project="proj_1", extra_headers=extra)
    assert header(server, "openai-organization") == "org-1"
    assert header(server, "openai-project") == "proj_1"
    assert header(server, "http-referer") == "https://triptych.example"
    assert header(server, "authorization") == "Basic abc"
    assert (header(server, "user-agent") or "").startswith("Triptych/")


@pytest.mark.parametrize("extra", [{"X-Name": "Zoë"}, {"X-Name": "a\nb"}, {"X Name": "a"}, {"": "a"}, {"X:": "a"}])
def test_extra_headers_that_cannot_be_sent(server: FakeOpenAI, extra: dict[str, str]) -> None:
    outcome = chat(server, extra_headers=extra)
    assert isinstance(outcome.error, RequestRefused)
    assert server.requests == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed_for_a_post(server: FakeOpenAI, other: FakeOpenAI, status: int) -> None:
    server.reply(status, b"", {"Location": f"{other.base_url}/chat/completions"})
    outcome = chat(server)
    assert isinstance(outcome.error, Redirected)
    assert isinstance(outcome.error, WrongAddress)
    assert outcome.error.arguments["suggestion"] == other.base_url
    assert len(server.requests) == 1
    assert other.requests == []


def test_a_get_follows_redirects_within_its_origin(server: FakeOpenAI) -> None:
    server.reply(307, b"", {"Location": "/v1/models"}, path="/models")
    assert run(lambda api: api.models(endpoint_of(server)))
    assert header(server, "authorization") == f"Bearer {KEY}"


def test_a_get_does_not_follow_to_another_origin(server: FakeOpenAI, other: FakeOpenAI) -> None:
    server.reply(301, b"", {"Location": f"{other.base_url}/models"}, path="/models")
    with pytest.raises(Redirected):
        run(lambda api: api.models(endpoint_of(server)))
    assert other.requests == []


def test_redirects_in_a_circle(server: FakeOpenAI) -> None:
    server.reply(307, b"", {"Location": "/v1/models"}, path="/models", times=50)
    with pytest.raises(Redirected):
        run(lambda api: api.models(endpoint_of(server)))
    assert len(server.requests) == 5


@pytest.mark.parametrize("address", ["ftp://h/v1", "http://", "no address", "http://[::1", "http://h:x/"])
def test_addresses_that_cannot_be(address: str) -> None:
    outcome = collected(lambda api: api.chat(Endpoint(address, "sk-key"), question()))
    assert isinstance(outcome.error, WrongAddress)


def picture_at(server: FakeOpenAI, url: str, **changes: Any) -> Any:
    server.reply(200, {"data": [{"url": url}]}, path="/images/generations")
    return collected(lambda api: api.images(endpoint_of(server, **changes), ImageRequest("local", "a cat")))


def test_a_picture_at_the_same_origin_is_fetched_with_the_key(server: FakeOpenAI) -> None:
    outcome = picture_at(server, "/v1/pictures/0.png", extra_headers={"X-Secret": "1"})
    assert outcome.last.data == png()
    assert header(server, "authorization") == f"Bearer {KEY}"
    assert header(server, "x-secret") == "1"


def test_a_picture_elsewhere_is_fetched_without_the_key(server: FakeOpenAI, other: FakeOpenAI) -> None:
    url = f"{other.base_url}/pictures/0.png?signature=1"
    outcome = picture_at(server, url, key_header=KeyHeader.API_KEY, extra_headers={"X-Secret": "1"})
    assert outcome.last.data == png()
    assert header(other, "api-key") is None
    assert header(other, "authorization") is None
    assert header(other, "x-secret") is None
    assert other.requests[0].query == {"signature": ["1"]}


def test_a_picture_that_is_gone_does_not_repeat_the_request(server: FakeOpenAI) -> None:
    server.reply(503, b"", path="/gone.png", times=9)
    outcome = picture_at(server, "/gone.png")
    assert outcome.error is not None
    assert len(server.posts()) == 1


def test_connections_are_kept_between_requests(server: FakeOpenAI) -> None:
    async def use(api: Any) -> None:
        for _ in range(3):
            await api.models(endpoint_of(server))

    run(use)
    assert server.connections == 1

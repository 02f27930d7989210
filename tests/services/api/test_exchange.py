"""How requests travel: headers, keys, redirects, downloads."""

from __future__ import annotations

from typing import Any

import pytest

from app.model.errors import RequestRefused
from app.model.providers import Endpoint, KeyHeader
from app.model.server_errors import AddressUnusable, RedirectedInCircles
from tests.fakes.openai_server import FakeOpenAI
from tests.services.api.asking import KEY, chat, collected, endpoint_of, question, run


def header(server: FakeOpenAI, name: str) -> str | None:
    return server.requests[-1].headers.get(name)


def test_the_key_goes_where_the_profile_says(server: FakeOpenAI) -> None:
    chat(server)
    assert (header(server, "authorization"), header(server, "api-key")) == (f"Bearer {KEY}", None)
    chat(server, key_header=KeyHeader.API_KEY)
    assert (header(server, "authorization"), header(server, "api-key")) == (None, KEY)


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


def test_a_get_follows_redirects_within_its_origin(server: FakeOpenAI) -> None:
    server.reply(307, b"", {"Location": "/v1/models"}, path="/models")
    assert run(lambda api: api.models(endpoint_of(server)))
    assert header(server, "authorization") == f"Bearer {KEY}"


def test_redirects_in_a_circle(server: FakeOpenAI) -> None:
    server.reply(307, b"", {"Location": "/v1/models"}, path="/models", times=50)
    with pytest.raises(RedirectedInCircles):
        run(lambda api: api.models(endpoint_of(server)))
    assert len(server.requests) == 5


@pytest.mark.parametrize(
    "address",
    [
        "ftp://h/v1",
        "http://",
        "no address",
        "http://[::1",
        "http://h:x/",
        "http://127.0.0.1:99999/v1",
        "http://a：1/v1",
    ],
)
def test_addresses_that_cannot_be(address: str) -> None:
    outcome = collected(lambda api: api.chat(Endpoint(address, "sk-key"), question()))
    assert isinstance(outcome.error, AddressUnusable)


def test_connections_are_kept_between_requests(server: FakeOpenAI) -> None:
    async def use(api: Any) -> None:
        for _ in range(3):
            await api.models(endpoint_of(server))

    run(use)
    assert server.connections == 1

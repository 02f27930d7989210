"""Base addresses as people paste them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.api.address import (
    is_loopback,
    normalize_base_url,
    origin,
    other_addresses,
    other_doors,
    shown_host,
    with_login_of,
    without_login,
)

PASTED = {
    "": "",
    "   ": "",
    "https://api.openai.com/v1": "https://api.openai.com/v1",
    " https://api.openai.com/v1/ \n": "https://api.openai.com/v1",
    "“https://api.openai.com/v1”": "https://api.openai.com/v1",
    "<https://api.openai.com/v1>": "https://api.openai.com/v1",
    "api.openai.com/v1": "https://api.openai.com/v1",
    "//api.openai.com/v1": "https://api.openai.com/v1",
    "HTTPS://API.OpenAI.com/V1x": "https://api.openai.com/V1x",
    "https://api.openai.com/v1/chat/completions": "https://api.openai.com/v1",
    "https://api.openai.com/v1/chat/completions/": "https://api.openai.com/v1",
    "https://api.openai.com/v1/models": "https://api.openai.com/v1",
    "https://api.openai.com/v1/models/gpt-4o": "https://api.openai.com/v1",
    "https://api.openai.com/v1/images/generations?x=1#top": "https://api.openai.com/v1",
    "https://api.openai.com/v1/audio/transcriptions": "https://api.openai.com/v1",
    "https://api.openai.com/v1/responses": "https://api.openai.com/v1",
    "https://host//v1///": "https://host/v1",
    "localhost:11434": "http://localhost:11434",
    "localhost:11434/v1/": "http://localhost:11434/v1",
    "127.0.0.1:8080/v1": "http://127.0.0.1:8080/v1",
    "192.168.1.5:8000": "http://192.168.1.5:8000",
    "10.0.0.2/v1": "http://10.0.0.2/v1",
    "[::1]:8080/v1": "http://[::1]:8080/v1",
    "mybox:1234/v1": "http://mybox:1234/v1",
    "mybox.local/v1": "http://mybox.local/v1",
    "8.8.8.8/v1": "https://8.8.8.8/v1",
    "https://localhost:8443/v1": "https://localhost:8443/v1",
    "https://user:Pass@Host/v1": "https://user:Pass@host/v1",
    "https://openrouter.ai/api/v1": "https://openrouter.ai/api/v1",
    "https://host/v1/mymodels": "https://host/v1/mymodels",
    "http://[::1": "http://[::1",
    "http：／／127.0.0.1：8080／v1": "http://127.0.0.1:8080/v1",
    "ａｐｉ。example。com／v1": "https://api.example.com/v1",
}


@pytest.mark.parametrize("text", PASTED)
def test_pasted_addresses(text: str) -> None:
    assert normalize_base_url(text) == PASTED[text]


@pytest.mark.parametrize("text", PASTED)
def test_putting_in_order_twice_changes_nothing(text: str) -> None:
    once = normalize_base_url(text)
    assert normalize_base_url(once) == once


@given(st.text(max_size=60))
def test_any_text_may_be_pasted(text: str) -> None:
    url = normalize_base_url(text)
    origin(url), shown_host(url), is_loopback(url), other_addresses(url), other_doors(url)


def test_origins() -> None:
    assert origin("https://h/v1") == origin("HTTPS://H:443/other")
    assert origin("https://h") != origin("http://h")
    assert origin("http://h:1") != origin("http://h:2")
    assert origin("https://h") != origin("https://h.evil")


def test_the_shown_host_holds_no_password() -> None:
    assert shown_host("https://user:secret@host:8443/v1") == "host:8443"
    for broken in ("http://user:secret@/v1", "http://user:secret@[::1/v1", "http://us@er:secret@"):
        assert "secret" not in shown_host(broken)


def test_a_login_goes_to_its_own_origin_only() -> None:
    assert without_login("https://user:secret@host/v1") == "https://host/v1"
    assert without_login("https://host/v1/@me") == "https://host/v1/@me"
    assert with_login_of("https://host/v1", "https://user:secret@host") == "https://user:secret@host/v1"
    assert with_login_of("http://host/v1", "https://user:secret@host") == "http://host/v1"
    assert with_login_of("https://host/v1", "https://host") == "https://host/v1"
    assert other_doors("https://user:secret@host/v1") == ["http://host/v1"]


@pytest.mark.parametrize(
    "url", ["http://localhost:1/v1", "http://127.0.0.9", "http://[::1]:8080/v1", "http://a.localhost"]
)
def test_loopback(url: str) -> None:
    assert is_loopback(url)


@pytest.mark.parametrize("url", ["http://192.168.0.1", "https://localhost.evil.com", "", "http://[::1"])
def test_not_loopback(url: str) -> None:
    assert not is_loopback(url)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("http://h:1", "http://h:1/v1"),
        ("http://h:1/v1/v1", "http://h:1/v1"),
        ("http://h:1/v1/chat", "http://h:1/v1"),
        ("https://openrouter.ai", "https://openrouter.ai/api/v1"),
        ("https://api.groq.com", "https://api.groq.com/openai/v1"),
        ("http://h:1/prefix", "http://h:1/prefix/v1"),
        ("http://h:1/v1", "http://h:1"),
    ],
)
def test_the_right_address_is_among_the_guesses(wrong: str, right: str) -> None:
    assert right in other_addresses(wrong)
    assert wrong not in other_addresses(wrong)


def test_other_doors() -> None:
    assert other_doors("https://h/v1") == ["http://h/v1"]
    assert other_doors("http://localhost:8080/v1") == ["http://localhost:9931/v1", "https://localhost:8080/v1"]
    assert other_doors("http://[::1]:9931/v1")[0] == "http://[::1]:8080/v1"

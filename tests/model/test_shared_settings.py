"""Settings on their way out hold no secret, and what comes back sends no key anywhere else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.model.providers import BUILT_IN_ID, HIDDEN, Provider, ProxyMode
from app.model.settings import AppearanceSettings, ImagesSettings, Settings, ThemeChoice, WindowState
from app.model.shared_settings import imported, restored, without_secrets

KEY = "sk-proj-abcdefghijklmnop"
LOADED = Provider(
    id="work",
    name="Work",
    preset="custom",
    base_url="https://user:hunter22@api.example.com/v1?api-version=2024&key=hunter22",
    extra_headers={"X-Team-Token": "hunter22"},
    extra_body={"max_tokens": 5, "auth": "hunter22", "nested": {"password": "hunter22", "top": 1}, "note": KEY},
    proxy_url="http://me:hunter22@proxy.example.com:3128",
)
PLAIN = Provider(id="home", name="Home", preset="custom", base_url="http://localhost:8000/v1")


def test_nothing_secret_goes_out() -> None:
    (shared,) = without_secrets(Settings(providers=(LOADED,))).providers
    assert shared.base_url == "https://api.example.com/v1?api-version=2024"
    assert shared.proxy_url == "http://proxy.example.com:3128"
    assert shared.extra_headers == {}
    assert shared.extra_body == {"max_tokens": 5, "nested": {"top": 1}}
    assert (shared.id, shared.name, shared.preset) == ("work", "Work", "custom")


def test_nothing_secret_goes_out_of_lists_and_what_is_inside_of_them() -> None:
    server = {"type": "mcp", "headers": {"X-Team": "hunter22"}, "auth": {"value": "hunter22"}, "url": "https://a"}
    named = {"name": "X-Api-Key", "value": "hunter22"}
    body = {"tools": [server, [KEY, "plain"]], "stop": ["END"], "secrets": ["hunter22"], "request_headers": [named]}
    loaded = replace(LOADED, extra_body=body)
    kept = without_secrets(Settings(providers=(loaded,)))
    assert kept.providers[0].extra_body == {
        "tools": [{"type": "mcp", "headers": {}, "auth": {}, "url": "https://a"}, ["plain"]],
        "stop": ["END"],
        "secrets": [],
        "request_headers": [{}],
    }
    assert restored(kept, Settings(providers=(loaded,))).providers == (loaded,)
    changed = replace(loaded, extra_body={**body, "stop": ["end"]})
    (back,) = restored(kept, Settings(providers=(changed,))).providers
    assert back.extra_body == body, "the secrets of today, everything else as it was"


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("me:hunter22@proxy.example.com:3128", "proxy.example.com:3128"),
        ("socks5://me:p@ss@proxy:1080", "socks5://proxy:1080"),
        ("http://[::1]:8080/v1", "http://[::1]:8080/v1"),
        ("https://host/v1?api_key=hunter22", "https://host/v1"),
        (f"https://gateway/{KEY}/v1", "https://gateway/v1"),
        ("https://gateway/v1/0123456789abcdef/openai", "https://gateway/v1/0123456789abcdef/openai"),
        ("not an address", "not an address"),
        ("", ""),
    ],
)
def test_addresses_lose_their_passwords(address: str, public: str) -> None:
    (shared,) = without_secrets(Settings(providers=(replace(PLAIN, proxy_url=address),))).providers
    assert shared.proxy_url == public


def test_a_restored_provider_keeps_the_secrets_of_today() -> None:
    present = Settings(providers=(LOADED, PLAIN), window=WindowState(geometry="here", conversation_id=9))
    kept = replace(without_secrets(present), providers=without_secrets(present).providers[:1])
    kept = replace(kept, appearance=AppearanceSettings(theme=ThemeChoice.DARK), window=WindowState(conversation_id=3))
    back = restored(kept, present)
    assert back.providers == (LOADED, PLAIN), "and one that was set up since stays"
    assert back.appearance.theme is ThemeChoice.DARK
    assert back.window == WindowState(geometry="here", conversation_id=3)


def test_secrets_do_not_follow_to_another_address() -> None:
    old = replace(LOADED, base_url="https://old.example.com/v1")
    (back,) = restored(without_secrets(Settings(providers=(old,))), Settings(providers=(LOADED,))).providers
    assert back.base_url == "https://old.example.com/v1"
    assert back.extra_headers == {}
    assert "hunter22" not in f"{back.proxy_url}{back.extra_body}"


@pytest.mark.parametrize(
    "changes",
    [
        {"base_url": "https://evil.example.com/v1"},
        {"base_url": "http://api.example.com/v1?api-version=2024"},
        {"proxy_url": "http://evil.example.com:3128"},
        {"proxy_mode": ProxyMode.MANUAL},
        {"ca_file": "/tmp/evil.pem"},
    ],
    ids=["address", "without encryption", "proxy", "way", "certificates"],
)
def test_a_restored_provider_that_is_reached_otherwise_is_off(changes: dict[str, Any]) -> None:
    """Its key of today would go there without a click."""
    present = Settings(providers=(LOADED,))
    (kept,) = without_secrets(present).providers
    (back,) = restored(Settings(providers=(replace(kept, **changes),)), present).providers
    assert not back.enabled
    evil = Settings(providers=(replace(kept, **changes),))
    assert not restored(evil, restored(evil, present)).providers[0].enabled, "nor at the second time"
    assert restored(Settings(providers=(kept,)), present).providers == (LOADED,)


def test_a_restored_provider_that_is_not_there_any_more_is_off() -> None:
    """Its key may still be in the key store, and only the settings knew for which address."""
    (back,) = restored(Settings(providers=(PLAIN,)), Settings()).providers
    assert back == replace(PLAIN, enabled=False)


def test_a_backup_brings_no_headers_of_its_own() -> None:
    """It may have been changed to send what the key store keeps."""
    evil = replace(LOADED, base_url="https://evil.example.com/v1", extra_headers={"X-Team-Token": HIDDEN})
    (back,) = restored(Settings(providers=(evil,)), Settings(providers=(LOADED,))).providers
    assert back.extra_headers == {}


def test_an_import_never_touches_a_provider_that_is_here() -> None:
    evil = replace(PLAIN, base_url="https://evil.example.com/v1")
    assert imported(Settings(providers=(evil,)), Settings(providers=(PLAIN,)), set()).providers == (PLAIN,)


def test_an_imported_provider_for_which_there_is_a_key_is_off() -> None:
    brought = Settings(providers=(PLAIN, replace(PLAIN, id="openai")))
    home, openai = imported(brought, Settings(), {"openai"}).providers
    assert home.enabled
    assert not openai.enabled


def test_an_import_takes_each_id_once_and_never_that_of_the_engine() -> None:
    """Its models would be listed as those of the engine, and two of one id could not be told apart."""
    engine, second = replace(PLAIN, id=BUILT_IN_ID), replace(PLAIN, name="Second")
    assert imported(Settings(providers=(engine, PLAIN, second)), Settings(), set()).providers == (PLAIN,)


def test_what_belongs_to_the_computer_is_not_imported() -> None:
    brought = Settings(
        images=ImagesSettings(folder="//evil/share"),
        window=WindowState(tab="audio"),
        appearance=AppearanceSettings(zoom_percent=120),
    )
    taken = imported(brought, Settings(), set())
    assert taken == Settings(appearance=AppearanceSettings(zoom_percent=120))


@pytest.mark.parametrize("share", [r"\\evil\share", "//evil/share"])
def test_no_place_on_another_computer_comes_from_a_file(share: str) -> None:
    kept = Settings(images=ImagesSettings(folder=share), providers=(replace(PLAIN, ca_file=share),))
    back = restored(kept, Settings(providers=(PLAIN,)))
    assert (back.images.folder, back.providers[0].ca_file) == ("", "")
    assert imported(kept, Settings(), ()).providers[0].ca_file == ""
    assert restored(kept, Settings()).providers[0].ca_file == ""
    assert restored(kept, kept).images.folder == share, "one that is used today is no stranger's"
    assert restored(kept, kept).providers[0].ca_file == share

"""Profiles of providers: what they tell of themselves."""

from __future__ import annotations

from app.model.providers import Provider


def test_a_provider_does_not_show_what_may_hold_a_secret() -> None:
    provider = Provider(
        "one",
        "One",
        "custom",
        "https://one.example/v1",
        extra_headers={"X-Token": "secret-token"},
        proxy_url="http://me:secret-word@proxy.example",
    )
    assert "secret" not in repr(provider)

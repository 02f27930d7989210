"""Secrets in a profile besides its key: taken out for the key store and put back for a call; it stores nothing itself.

These are the values of all extra headers and the passwords in the proxy's and the server's address.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace

from app.model.providers import HIDDEN, Provider

_HEADER = "header:"
_PASSWORD = re.compile(r"^((?:[A-Za-z][\w+.-]*://)?[^/?#@:]*):([^/?#]+)@")
"""What stands between the user and the host of an address, with or without its scheme (RFC 3986, 3.2.1)."""


def take_out(provider: Provider, stays: Provider | None = None) -> tuple[Provider, dict[str, str]]:
    """The profile with `HIDDEN` in place of its secrets, and the secrets by their places.

    What is the same in `stays` is left where it is.
    """
    left = _secrets_in(stays) if stays is not None else {}
    found = {place: secret for place, secret in _secrets_in(provider).items() if left.get(place) != secret}
    headers = {name: HIDDEN if f"{_HEADER}{name}" in found else value for name, value in provider.extra_headers.items()}
    hidden = replace(
        provider,
        extra_headers=headers,
        proxy_url=_with_password(provider.proxy_url, HIDDEN) if "proxy_url" in found else provider.proxy_url,
        base_url=_with_password(provider.base_url, HIDDEN) if "base_url" in found else provider.base_url,
    )
    return hidden, found


def put_back(provider: Provider, secrets: Mapping[str, str]) -> Provider:
    """The profile with its secrets; what is not known any more is left out, for nobody wants `HIDDEN`."""
    known = {name: secrets.get(f"{_HEADER}{name}", value) for name, value in provider.extra_headers.items()}
    return replace(
        provider,
        extra_headers={name: value for name, value in known.items() if value != HIDDEN},
        proxy_url=_revealed(provider.proxy_url, secrets.get("proxy_url", "")),
        base_url=_revealed(provider.base_url, secrets.get("base_url", "")),
    )


def places(provider: Provider) -> set[str]:
    """Where `HIDDEN` stands for a secret."""
    headers = {f"{_HEADER}{name}" for name, value in provider.extra_headers.items() if value == HIDDEN}
    addresses = {"proxy_url": provider.proxy_url, "base_url": provider.base_url}
    passwords = {field: _PASSWORD.match(address) for field, address in addresses.items()}
    return headers | {field for field, match in passwords.items() if match and match[2] == HIDDEN}


def to_text(secrets: Mapping[str, str]) -> str:
    """What the key store keeps; empty without any."""
    return json.dumps(secrets, ensure_ascii=False) if secrets else ""


def from_text(text: str) -> dict[str, str]:
    """What `to_text` wrote; nothing if somebody else wrote into the key store."""
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return {}
    return {str(place): str(secret) for place, secret in found.items()} if isinstance(found, dict) else {}


def _secrets_in(provider: Provider) -> dict[str, str]:
    """What stands in the profile itself, by place."""
    found = {f"{_HEADER}{name}": value for name, value in provider.extra_headers.items() if value}
    for field, address in (("proxy_url", provider.proxy_url), ("base_url", provider.base_url)):
        match = _PASSWORD.match(address)
        if match:
            found[field] = match[2]
    return {place: secret for place, secret in found.items() if secret != HIDDEN}


def _with_password(address: str, password: str) -> str:
    return _PASSWORD.sub(lambda found: f"{found[1]}:{password}@" if password else f"{found[1]}@", address)


def _revealed(address: str, password: str) -> str:
    found = _PASSWORD.match(address)
    return _with_password(address, password) if found and found[2] == HIDDEN else address

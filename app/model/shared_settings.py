"""What of the settings may leave the program: no secret, and when it comes back, nothing that could betray one."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

from app.log import redact
from app.model.providers import BUILT_IN_ID, Provider
from app.model.settings import Settings
from app.model.shares import is_share

_PARTS = re.compile(r"([A-Za-z][\w+.-]*://)?([^/?#]*)(.*)", re.DOTALL)
_SECRET_NAME = re.compile(r"key|token|secret|passw|auth|credential|signature|header|\bsig\b|cookie", re.IGNORECASE)


def without_secrets(settings: Settings) -> Settings:
    """`settings` without what may be secret: all extra headers, passwords in addresses, keys in extra fields."""
    return replace(settings, providers=tuple(map(_harmless, settings.providers)))


def restored(kept: Settings, present: Settings) -> Settings:
    """The settings of a backup put in place of the `present` ones, on the same computer.

    Secrets, which no backup has, stay as they are, and so do providers that the backup does not know. The key store
    goes by the id alone: so that no key goes to an address that a file names, a provider is switched off unless the one
    of today is on and reached in the same way. A place on another computer counts only if it is used today.
    """
    now = {provider.id: provider for provider in present.providers}
    back = [_brought_back(provider, now.get(provider.id)) for provider in kept.providers]
    known = {provider.id for provider in back}
    since = [provider for provider in present.providers if provider.id not in known]
    shown = replace(present.window, conversation_id=kept.window.conversation_id)
    folder = _own_place(kept.images.folder, present.images.folder)
    return replace(
        kept,
        schema=present.schema,
        images=replace(kept.images, folder=folder),
        providers=(*back, *since),
        window=shown,
    )


def switched_off(kept: Settings, now: Settings) -> tuple[str, ...]:
    """The names of providers that are on in the backup `kept` and not in the settings that were made of it."""
    on = {provider.id for provider in now.providers if provider.enabled}
    return tuple(provider.name for provider in kept.providers if provider.enabled and provider.id not in on)


def new_providers(brought: Settings, present: Settings) -> list[Provider]:
    """Those of an export that are not here: the first of each id, and none in the place of the engine inside."""
    known = {BUILT_IN_ID, *(provider.id for provider in present.providers)}
    new: dict[str, Provider] = {}
    for provider in brought.providers:
        if provider.id not in known:
            new.setdefault(provider.id, provider)
    return list(new.values())


def imported(brought: Settings, present: Settings, with_keys: Collection[str]) -> Settings:
    """The options of an export in place of the `present` ones; what belongs to the computer stays.

    A provider that is here already is not touched: its key must not go to an address that a file names. For the same
    reason a new one whose id is among `with_keys`, for which the key store has a key, comes switched off.
    """
    new = [
        replace(
            _harmless(provider),
            ca_file=_own_place(provider.ca_file, ""),
            enabled=provider.enabled and provider.id not in with_keys,
        )
        for provider in new_providers(brought, present)
    ]
    return replace(
        present,
        appearance=brought.appearance,
        chat=brought.chat,
        audio=replace(brought.audio, device_id=present.audio.device_id),
        engine=brought.engine,
        chosen=brought.chosen,
        providers=(*present.providers, *new),
    )


def _harmless(provider: Provider) -> Provider:
    return replace(
        provider,
        base_url=_public_address(provider.base_url),
        proxy_url=_public_address(provider.proxy_url),
        extra_headers={},
        extra_body=_public_fields(provider.extra_body),
    )


def _own_place(brought: str, present: str) -> str:
    """Where a file lies, as a file from elsewhere says; where it lies today if that is on another computer."""
    return present if is_share(brought) else brought


def _brought_back(kept: Provider, present: Provider | None) -> Provider:
    kept = _harmless(kept)  # it may have been changed since it was written
    kept = replace(kept, ca_file=_own_place(kept.ca_file, present.ca_file if present else ""))
    if present is None:
        return replace(kept, enabled=False)
    is_reached_alike = _way_to(kept) == _way_to(_harmless(present))
    return replace(
        _with_secrets_of(present, kept),
        # One that an earlier restore switched off does not come on with the next.
        enabled=kept.enabled and present.enabled and is_reached_alike,
    )


def _way_to(provider: Provider) -> tuple[object, ...]:
    """Everything that decides who gets to see what is sent."""
    return provider.base_url, provider.proxy_mode, provider.proxy_url, provider.ca_file


def _with_secrets_of(present: Provider, kept: Provider) -> Provider:
    """What `_harmless` took away, from the same provider of today, as long as it speaks to the same address."""
    if _public_address(present.base_url) != kept.base_url:
        return kept
    return replace(
        kept,
        base_url=present.base_url,
        proxy_url=present.proxy_url if _public_address(present.proxy_url) == kept.proxy_url else kept.proxy_url,
        extra_headers=present.extra_headers,
        extra_body=_completed(kept.extra_body, present.extra_body),
    )


def _public_address(address: str) -> str:
    """An address, with or without its scheme, without user, password and what looks like a key.

    In its path only the shape tells one: long names of accounts stand there as well.
    """
    scheme, authority, rest = _PARTS.match(address).groups(default="")  # type: ignore[union-attr] # fits everything
    path, mark, asked = rest.partition("?")
    path = "/".join(part for part in path.split("/") if redact(part) == part)
    fields = parse_qsl(asked, keep_blank_values=True)
    public = [(name, value) for name, value in fields if not _is_secret(name, value)]
    if public != fields:
        asked = urlencode(public)
    return scheme + authority.rpartition("@")[2] + path + (mark if asked else "") + asked


def _public_fields(fields: Mapping[str, object], above: str = "") -> dict[str, object]:
    """`above` are the names of the fields that they are in."""
    return {
        name: _public_value(f"{above}.{name}", value)
        for name, value in fields.items()
        if not _is_secret(f"{above}.{name}", value)
    }


def _public_value(name: str, value: object) -> object:
    if isinstance(value, Mapping):
        return _public_fields(value, name)
    if isinstance(value, list | tuple):
        return [_public_value(name, item) for item in value if not _is_secret(name, item)]
    return value


def _completed(fields: Mapping[str, object], present: Mapping[str, object], above: str = "") -> dict[str, object]:
    """`fields` with those of `present` that it has not, at every depth; lists come back if nothing else has changed."""
    both = {**present, **fields}
    for name, value in fields.items():
        now = present.get(name)
        if isinstance(value, Mapping) and isinstance(now, Mapping):
            both[name] = _completed(value, now, f"{above}.{name}")
        elif isinstance(value, list) and value == _public_value(f"{above}.{name}", now):
            both[name] = now
    return both


def _is_secret(name: str, value: object) -> bool:
    """By its name, unless it is a number (`max_tokens`), or by its shape; what holds more is gone through."""
    if isinstance(value, bool | int | float | Mapping | list | tuple):
        return False
    return bool(_SECRET_NAME.search(name)) or redact(str(value)) != str(value)

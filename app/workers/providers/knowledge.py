"""What is known of providers and models before anyone asked them: presets, and guesses from model ids."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache

from app.model.providers import Capability, Dialect, KeyHeader, Provider
from app.paths import RESOURCES

_PLACEHOLDER = re.compile(r"[A-Z]{3,}")


@dataclass(frozen=True, slots=True)
class Preset:
    """One entry of the Add menu. `key` is "needed", "optional" or "none"."""

    id: str
    name: str
    base_url: str
    key: str
    key_header: KeyHeader = KeyHeader.BEARER
    is_openai: bool = False
    sends_usage: bool = True
    lists_models: bool = True
    """Whether the server's list holds the names under which its models are asked."""
    keys_url: str = ""
    """Where a person gets a key."""
    account_url: str = ""
    """Where a person sees credit and limits."""


@dataclass(frozen=True, slots=True)
class Guess:
    """What an id suggests; None as capabilities means that nothing is known."""

    capabilities: frozenset[Capability] | None = None
    dialect: Dialect = Dialect.CHAT


@cache
def presets() -> tuple[Preset, ...]:
    """The presets in the order of the menu."""
    entries = json.loads((RESOURCES / "presets.json").read_bytes())["presets"]
    return tuple(Preset(**entry | {"key_header": KeyHeader(entry.get("key_header", "bearer"))}) for entry in entries)


def preset_of(provider: Provider) -> Preset:
    """The preset a profile was made from; Custom for one that is not known here."""
    known = {preset.id: preset for preset in presets()}
    return known.get(provider.preset, known["custom"])


def is_openai(provider: Provider) -> bool:
    """OpenAI itself or Azure, also where the user typed the address."""
    return preset_of(provider).is_openai or f".{host_of(provider)}".endswith((".openai.com", ".azure.com"))


def host_of(provider: Provider) -> str:
    """The name of the server at the provider's address; empty where none can be."""
    from app.services.api import address

    return address.host_of(provider.base_url)


def placeholder_in(provider: Provider) -> str:
    """What the user still has to replace in the address that the preset brought; empty when nothing."""
    suggested = preset_of(provider).base_url
    placeholder = _PLACEHOLDER.search(suggested)
    return placeholder[0].lower() if placeholder and provider.base_url.lower() == suggested.lower() else ""


def has_address(provider: Provider) -> bool:
    """Whether a server can be at the provider's address."""
    from app.services.api.address import is_address

    return is_address(provider.base_url)


def guess(model_id: str) -> Guess:
    """What a model with this id can probably do, from resources/capabilities.json."""
    for pattern, found in _patterns():
        if pattern.search(model_id.lower()):
            return found
    return Guess()


@cache
def _patterns() -> list[tuple[re.Pattern[str], Guess]]:
    entries = json.loads((RESOURCES / "capabilities.json").read_bytes())["patterns"]
    return [
        (
            re.compile(entry["pattern"]),
            Guess(frozenset(map(Capability, entry["capabilities"])), Dialect(entry.get("dialect", "chat"))),
        )
        for entry in entries
    ]

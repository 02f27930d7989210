"""Words for a report of a problem: settings without anything personal, texts without names; it collects nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum

from app.model.providers import BUILT_IN_ID, ModelReference, Provider
from app.model.settings import Settings

_LOOKS_LIKE_A_KEY = re.compile(r"[\w~.+-]{24,}")
_HOMES = re.compile(r"((?:/home|/Users|[A-Za-z]:\\+Users|[A-Za-z]:/Users)(?:/|\\+))[^/\\\s\"']+")
"""Where systems put home folders; the name below is the user's, or that of somebody else."""
_USERS = re.compile(r"(?<=://)(?:\[key hidden\]|[^\s/@])*@")
"""The user in an address, whose password was hidden before."""


def settings_lines(settings: Settings) -> Iterator[str]:
    """Every option that has a label, a line each. Of a text only whether there is one: it may be personal."""
    for section in fields(settings):
        options = getattr(settings, section.name)
        if "label" in section.metadata and is_dataclass(options):
            for option in fields(options):
                yield f"{section.name}.{option.name}: {_shown(getattr(options, option.name))}"
    names = {provider.id: f"provider {number}" for number, provider in enumerate(settings.providers, 1)}
    names[BUILT_IN_ID] = "the built-in engine"
    for field in ("chat", "image", "audio"):
        chosen: ModelReference | None = getattr(settings.chosen, field)
        if chosen is not None:
            yield f"model for {field}: {chosen.model_id} of {names.get(chosen.provider_id, 'a removed provider')}"


def provider_lines(providers: Sequence[Provider]) -> Iterator[str]:
    """What is known of each provider but its name, its credentials, and the values of what was added by hand."""
    for number, provider in enumerate(providers, 1):
        parts = [
            f"provider {number}: {provider.preset}, {bare_address(provider.base_url)}",
            f"dialect {provider.dialect.value}, key in {provider.key_header.value}, proxy {provider.proxy_mode.value}",
            f"connect {provider.timeouts.connect_s:g} s, idle {provider.timeouts.idle_s:g} s",
        ]
        for name, value in (
            ("headers", ", ".join(provider.extra_headers)),
            ("fields", ", ".join(provider.extra_body)),
            ("organisation", _shown(provider.organization)),
            ("project", _shown(provider.project)),
            ("certificate file", _shown(provider.ca_file)),
        ):
            if value and value != _shown(""):
                parts.append(f"{name}: {value}")
        yield "; ".join(parts if provider.enabled else [*parts, "switched off"])


def bare_address(address: str) -> str:
    """`address` with neither user nor password, query nor fragment; what looks like a key in its path is left out."""
    scheme, separator, rest = address.rpartition("://")
    rest = re.split(r"[?#]", rest.rpartition("@")[2])[0]  # the last @: there may be others in a password
    host, slash, path = rest.partition("/")
    scheme = scheme if scheme.isalpha() else ""
    return f"{scheme}{separator if scheme else ''}{host}{slash}{_LOOKS_LIKE_A_KEY.sub('…', path)}"


def without_names(text: str, home: str) -> str:
    """`text` with `~` in place of the home folder, however it is written, and without the names of other people's."""
    forms = {home, home.replace("\\", "/"), home.replace("\\", "\\\\")} - {"", "/"}
    for form in sorted(forms, key=len, reverse=True):
        text = re.sub(re.escape(form) + r"(?![\w.-])", "~", text, flags=re.IGNORECASE)
    return _USERS.sub("…@", _HOMES.sub(r"\1…", text))


def _shown(value: object) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, str):
        return "set" if value else "not set"
    return str(value)

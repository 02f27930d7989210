"""Environment: the provider that OPENAI_API_KEY and OPENAI_BASE_URL describe, offered once; nothing is sent there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from app.model.providers import Provider
from app.workers.providers import knowledge
from app.workers.providers.profiles import Profiles

if TYPE_CHECKING:
    from app.services.settings import SettingsStore

KEY_VARIABLE = "OPENAI_API_KEY"
_OPENAI_URL = "https://api.openai.com/v1"


class Environment:
    """Reads the variables that other programs use for the same purpose, with the same meaning."""

    def __init__(self, profiles: Profiles, settings: SettingsStore, variables: Mapping[str, str] = os.environ) -> None:
        self._profiles = profiles
        self._settings = settings
        self._variables = variables

    def offer(self) -> Provider | None:
        """A profile from the variables, if they are set, new, and were not declined."""
        from app.services.api.address import host_of, normalize_base_url

        address = normalize_base_url(self._variable("OPENAI_BASE_URL")) or _OPENAI_URL
        known = {normalize_base_url(provider.base_url) for provider in self._profiles.own()}
        if self._settings.value.declined_environment or not self._variable(KEY_VARIABLE) or address in known:
            return None
        host = host_of(address) or address
        is_openai = host.endswith("openai.com")
        preset = next(one for one in knowledge.presets() if one.id == ("openai" if is_openai else "custom"))
        offered = replace(
            self._profiles.new(preset),
            base_url=address,
            organization=self._variable("OPENAI_ORG_ID"),
            project=self._variable("OPENAI_PROJECT_ID"),
        )
        return offered if is_openai else replace(offered, name=host)

    async def accept(self, provider: Provider) -> None:
        """Keep the offered profile with the environment's key.

        Raises:
            StorageFailed, KeyStoreFailed: it is kept for this session only.
        """
        await self._profiles.save(provider)
        await self._profiles.set_key(provider.id, self._variable(KEY_VARIABLE))

    async def decline(self) -> None:
        """Never offer it again. Raises StorageFailed."""
        self._settings.replace(declined_environment=True)
        await self._settings.save()

    def _variable(self, name: str) -> str:
        return self._variables.get(name, "").strip()

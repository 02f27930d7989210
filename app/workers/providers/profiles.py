"""Profiles: the providers the user set up and their keys, kept in the settings and the key store; asks no server."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from app.model.api_key import key_in
from app.model.providers import Provider
from app.model.settings import Settings, built_in_provider
from app.workers.providers import hidden
from app.workers.providers.hidden_secrets import HiddenSecrets
from app.workers.providers.knowledge import Preset

if TYPE_CHECKING:
    from app.services.secrets import Secrets
    from app.services.settings import SettingsStore


class Profiles:
    """Every provider, the built-in engine first. Changes are stored at once."""

    def __init__(self, settings: SettingsStore, secrets: Secrets) -> None:
        self._settings = settings
        self._secrets = secrets
        self._hidden = HiddenSecrets(secrets)

    def all(self) -> tuple[Provider, ...]:
        """All profiles; the built-in engine is always the first."""
        return (built_in_provider(), *self.own())

    def own(self) -> tuple[Provider, ...]:
        """The profiles that the user set up."""
        return self._settings.value.providers

    def find(self, provider_id: str) -> Provider | None:
        return next((provider for provider in self.all() if provider.id == provider_id), None)

    def new(self, preset: Preset) -> Provider:
        """A profile as the preset suggests, not stored yet; its name differs from those there are."""
        return Provider(
            id=uuid.uuid4().hex[:12],
            name=self._free_name(preset.name),
            preset=preset.id,
            base_url=preset.base_url,
            key_header=preset.key_header,
        )

    async def save(self, provider: Provider, position: int | None = None) -> None:
        """Store a profile, new or changed, with its address in proper form; its secrets go into the key store.

        `position` among the user's profiles is where a new one goes; without it, to the end.

        Raises:
            StorageFailed: it is kept for this session only.
            KeyStoreFailed: its secrets are.
        """
        from app.services.api.address import normalize_base_url

        normal = replace(provider, base_url=normalize_base_url(provider.base_url))
        # What an older version left in the file would be lost with the session if there is no key store.
        stays = None if await self.keeps_keys() else self.find(provider.id)
        proper, secrets = hidden.take_out(normal, stays)

        def change(own: tuple[Provider, ...]) -> tuple[Provider, ...]:
            if any(other.id == proper.id for other in own):
                return tuple(proper if other.id == proper.id else other for other in own)
            place = len(own) if position is None else position
            return (*own[:place], proper, *own[place:])

        try:
            await self._hidden.keep(proper, self.find(proper.id), secrets)
        finally:
            await self._store(change)

    async def change(self, provider_id: str, change: Callable[[Provider], Provider]) -> None:
        """Store what `change` makes of a profile as it is now; nothing happens if it was removed. Raises as `save`."""
        known = self.find(provider_id)
        if known is not None and not known.is_built_in:
            await self.save(change(known))

    async def remove(self, provider_id: str) -> None:
        """Take a profile out; its key stays until `forget`, so that this can be undone by `save`. Raises as `save`."""
        await self._store(lambda own: tuple(provider for provider in own if provider.id != provider_id))

    async def forget(self, provider_id: str) -> None:
        """Delete the key of a removed profile for good.

        Raises:
            KeyStoreFailed: the key store does not answer.
        """
        try:
            await self._secrets.delete(provider_id)
        finally:
            await self._hidden.forget(provider_id)

    async def revealed(self, provider: Provider) -> Provider:
        """The profile with its secrets, for a call. Raises KeyStoreFailed."""
        if not hidden.places(provider):
            return provider
        return hidden.put_back(provider, await self._hidden.of(provider.id))

    async def hide_secrets(self) -> None:
        """Bring secrets that an older version left in the settings into the key store.

        Where there is none they stay: what is only in memory would be lost with the session.

        Raises:
            KeyStoreFailed, StorageFailed: they are still in the settings; the next start tries again.
        """
        for provider in self.own():
            proper, secrets = hidden.take_out(provider)
            if secrets and await self.keeps_keys():
                await self._hidden.keep(proper, self.find(proper.id), secrets)  # before they leave the settings
                await self.save(proper)

    async def key_of(self, provider_id: str) -> str:
        """The key, empty if there is none. Raises KeyStoreFailed."""
        return await self._secrets.get(provider_id)

    async def set_key(self, provider_id: str, key: str) -> None:
        """Keep the key in what was pasted; an empty one takes it away.

        Raises:
            KeyStoreFailed: it holds for this session only.
        """
        await self._secrets.set(provider_id, key_in(key))

    async def keeps_keys(self) -> bool:
        """Whether this system has a key store, so that keys outlive the session."""
        return await self._secrets.check()

    async def _store(self, change: Callable[[tuple[Provider, ...]], tuple[Provider, ...]]) -> None:
        def changed(settings: Settings) -> Settings:
            return replace(settings, providers=change(settings.providers))

        self._settings.update(changed)
        await self._settings.save()

    def _free_name(self, name: str) -> str:
        taken = {provider.name for provider in self.own()}
        numbered = (name if number == 1 else f"{name} {number}" for number in range(1, len(taken) + 2))
        return next(free for free in numbered if free not in taken)

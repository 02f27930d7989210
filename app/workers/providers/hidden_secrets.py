"""HiddenSecrets: what a profile has of secrets besides its key, as one entry in the key store; knows no settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app import log
from app.workers.providers import hidden

if TYPE_CHECKING:
    from app.model.providers import Provider
    from app.services.secrets import Secrets


class HiddenSecrets:
    """Every method raises KeyStoreFailed; what was to be kept then holds for this session."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets

    async def of(self, provider_id: str) -> dict[str, str]:
        """The secrets of a profile by their places; they are hidden from the log from now on."""
        found = hidden.from_text(await self._secrets.get(_entry(provider_id)))
        for secret in found.values():
            log.hide(secret)
        return found

    async def keep(self, provider: Provider, before: Provider | None, fresh: dict[str, str]) -> None:
        """Keep `fresh` secrets beside those that `provider` still has a place for; `before` is what it was."""
        places = hidden.places(provider)
        had_places = before is not None and bool(hidden.places(before))
        known = await self.of(provider.id) if places or had_places else {}
        kept = {place: secret for place, secret in {**known, **fresh}.items() if place in places}
        for secret in fresh.values():
            log.hide(secret)
        if kept != known:
            await self._secrets.set(_entry(provider.id), hidden.to_text(kept))

    async def forget(self, provider_id: str) -> None:
        await self._secrets.delete(_entry(provider_id))


def _entry(provider_id: str) -> str:
    """The name of the entry, beside that of the key."""
    return f"{provider_id}/more"

"""ProviderWorker: the profiles the user set up, endpoints made of them, their models and the connection test."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.model.errors import AppError, ModelNotFound, TimedOut
from app.model.providers import (
    BUILT_IN_ID,
    Capability,
    Dialect,
    Endpoint,
    ModelInfo,
    ModelReference,
    Provider,
    TestResult,
)
from app.model.settings import Settings, built_in_provider
from app.workers.providers import knowledge
from app.workers.providers.knowledge import Preset
from app.workers.providers.model_cache import ModelCache

if TYPE_CHECKING:
    from app.services.api.client import ApiService
    from app.services.secrets import Secrets
    from app.services.settings import SettingsStore

LIST_WITHIN_S = 8.0
"""A server that is slower keeps its list of the last time."""


@dataclass(frozen=True, slots=True)
class ProviderModels:
    """The models of one provider, or the list of the last time with the reason why there is no newer one."""

    provider_id: str
    models: tuple[ModelInfo, ...]
    error: AppError | None = None


class ProviderWorker:
    """Knows every provider, the built-in engine first. Changes are stored at once."""

    def __init__(
        self,
        settings: SettingsStore,
        secrets: Secrets,
        api: Callable[[], Awaitable[ApiService]],
        engine_endpoint: Callable[[], Awaitable[Endpoint]],
        engine_models: Callable[[], Awaitable[Sequence[ModelInfo]]],
        cache: Path,
    ) -> None:
        self._settings = settings
        self.secrets = secrets
        self._api = api
        self._engine_endpoint = engine_endpoint
        self._engine_models = engine_models
        self._cache = ModelCache(cache)
        self._local: dict[str, ModelInfo] = {}

    def providers(self) -> tuple[Provider, ...]:
        """All profiles; the built-in engine is always the first."""
        return (built_in_provider(), *self._settings.value.providers)

    def find(self, provider_id: str) -> Provider | None:
        return next((provider for provider in self.providers() if provider.id == provider_id), None)

    def new(self, preset: Preset) -> Provider:
        """A profile as the preset suggests, not stored yet."""
        return Provider(
            id=uuid.uuid4().hex[:12],
            name=preset.name,
            preset=preset.id,
            base_url=preset.base_url,
            key_header=preset.key_header,
        )

    async def save(self, provider: Provider) -> None:
        """Store a profile, new or changed, with its address in proper form.

        Raises:
            StorageFailed: it is kept for this session only.
        """
        from app.services.api.address import normalize_base_url

        proper = replace(provider, base_url=normalize_base_url(provider.base_url))

        def change(settings: Settings) -> Settings:
            known = [other.id for other in settings.providers]
            changed = tuple(proper if other.id == proper.id else other for other in settings.providers)
            return replace(settings, providers=changed if proper.id in known else (*changed, proper))

        self._settings.update(change)
        await self._settings.save()

    async def remove(self, provider_id: str) -> None:
        """Take a profile out; its key stays until `forget`, so that this can be undone by `save`."""

        def change(settings: Settings) -> Settings:
            left = tuple(provider for provider in settings.providers if provider.id != provider_id)
            return replace(settings, providers=left)

        self._settings.update(change)
        await self._settings.save()

    async def forget(self, provider_id: str) -> None:
        """Delete the key of a removed profile for good.

        Raises:
            KeyStoreFailed: the key store does not answer.
        """
        await self.secrets.delete(provider_id)

    async def endpoint_for(self, model: ModelReference) -> Endpoint:
        """All that a call to this model needs; starts the built-in engine if it lives there.

        Raises:
            ModelNotFound: its provider was removed.
            AppError: the engine or the key store failed.
        """
        if model.provider_id == BUILT_IN_ID:
            return await self._engine_endpoint()
        provider = self.find(model.provider_id)
        if provider is None:
            raise ModelNotFound(model=model.model_id)
        return self._endpoint(provider, await self.secrets.get(provider.id), self._dialect(provider, model.model_id))

    def known_models(self) -> list[ProviderModels]:
        """What was known the last time, at once, without asking anyone."""
        known = [ProviderModels(BUILT_IN_ID, tuple(self._local.values()))]
        for provider in self._settings.value.providers:
            if provider.enabled:
                known.append(ProviderModels(provider.id, self._described(provider, self._cache.get(provider.id))))
        return known

    async def refresh_models(self, found: Callable[[ProviderModels], None]) -> None:
        """Ask every provider at the same time and report each as it answers; a dead one delays nobody."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._refresh_local(found))
            for provider in self._settings.value.providers:
                if provider.enabled:
                    group.create_task(self._refresh(provider, found))

    def capabilities_of(self, model: ModelReference) -> frozenset[Capability] | None:
        """What a model can do: the user's word, else the engine's, else a guess; None if nothing is known."""
        if model.provider_id == BUILT_IN_ID:
            local = self._local.get(model.model_id)
            return local.capabilities if local is not None else None
        provider = self.find(model.provider_id)
        if provider is not None and model.model_id in provider.capabilities:
            return frozenset(provider.capabilities[model.model_id])
        return knowledge.guess(model.model_id).capabilities

    def can_see(self, model: ModelReference) -> bool:
        """Whether pictures may be sent: a model nothing is known of gets the benefit of the doubt."""
        if model.provider_id == BUILT_IN_ID:
            return Capability.VISION in (self.capabilities_of(model) or frozenset())
        capabilities = self.capabilities_of(model)
        return capabilities is None or Capability.VISION in capabilities

    async def test(self, provider: Provider, key: str) -> TestResult:
        """The Test button: a verdict in words within ten seconds. An empty `key` means the stored one.

        Raises:
            KeyStoreFailed: the stored key cannot be read.
        """
        used = key or await self.secrets.get(provider.id)
        api = await self._api()
        return await api.test(self._endpoint(provider, used, Dialect.CHAT))

    def environment_offer(self) -> Provider | None:
        """A profile from OPENAI_API_KEY and OPENAI_BASE_URL, if they are set, new, and were not declined."""
        address = os.environ.get("OPENAI_BASE_URL", "").strip() or "https://api.openai.com/v1"
        declined = self._settings.value.declined_environment or not os.environ.get("OPENAI_API_KEY", "").strip()
        known = {provider.base_url.rstrip("/") for provider in self._settings.value.providers}
        if declined or address.rstrip("/") in known:
            return None
        openai = next(preset for preset in knowledge.presets() if preset.id == "openai")
        return replace(self.new(openai), base_url=address)

    async def accept_environment(self, provider: Provider) -> None:
        """Keep the offered profile with the environment's key."""
        await self.save(provider)
        await self.secrets.set(provider.id, os.environ.get("OPENAI_API_KEY", ""))

    async def decline_environment(self) -> None:
        """Never offer it again."""
        self._settings.replace(declined_environment=True)
        await self._settings.save()

    async def _refresh_local(self, found: Callable[[ProviderModels], None]) -> None:
        models = await self._engine_models()
        self._local = {model.id: model for model in models}
        found(ProviderModels(BUILT_IN_ID, tuple(models)))

    async def _refresh(self, provider: Provider, found: Callable[[ProviderModels], None]) -> None:
        try:
            async with asyncio.timeout(LIST_WITHIN_S):
                api = await self._api()
                endpoint = self._endpoint(provider, await self.secrets.get(provider.id), Dialect.CHAT)
                models = await api.models(endpoint)
        except AppError as error:
            found(ProviderModels(provider.id, self._described(provider, self._cache.get(provider.id)), error))
        except TimeoutError:
            late = TimedOut(host=provider.name, seconds=f"{LIST_WITHIN_S:.0f}")
            found(ProviderModels(provider.id, self._described(provider, self._cache.get(provider.id)), late))
        else:
            await self._cache.put(provider.id, models)
            found(ProviderModels(provider.id, self._described(provider, models)))

    def _described(self, provider: Provider, models: Sequence[ModelInfo]) -> tuple[ModelInfo, ...]:
        """The models with what each can do."""
        return tuple(
            replace(model, capabilities=self.capabilities_of(ModelReference(provider.id, model.id)) or frozenset())
            for model in models
        )

    def _dialect(self, provider: Provider, model_id: str) -> Dialect:
        chosen = provider.dialects.get(model_id, provider.dialect)
        if chosen is not Dialect.AUTOMATIC:
            return chosen
        guessed = knowledge.guess(model_id).dialect
        # Only OpenAI has models that exist in Responses alone; elsewhere the same name is spoken to as usual.
        return Dialect.CHAT if guessed is Dialect.RESPONSES and not knowledge.is_openai(provider) else guessed

    def _endpoint(self, provider: Provider, key: str, dialect: Dialect) -> Endpoint:
        return Endpoint(
            base_url=provider.base_url,
            key=key,
            provider_id=provider.id,
            key_header=provider.key_header,
            organization=provider.organization,
            project=provider.project,
            extra_headers=provider.extra_headers,
            extra_body=provider.extra_body,
            proxy_mode=provider.proxy_mode,
            proxy_url=provider.proxy_url,
            ca_file=provider.ca_file,
            timeouts=provider.timeouts,
            dialect=dialect,
            is_openai=knowledge.is_openai(provider),
            sends_usage=knowledge.preset_of(provider).sends_usage,
        )

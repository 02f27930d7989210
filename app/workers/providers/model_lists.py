"""ModelLists: which models every provider has and what each can do; asks all servers at once and waits for none."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.model.errors import AppError, TimedOut
from app.model.providers import BUILT_IN_ID, Capability, Endpoint, ModelInfo, ModelReference, Provider
from app.workers.providers import knowledge
from app.workers.providers.model_cache import ModelCache
from app.workers.providers.profiles import Profiles

if TYPE_CHECKING:
    from app.services.api.client import ApiService

LIST_WITHIN_S = 8.0
"""A server that is slower keeps its list of the last time."""


@dataclass(frozen=True, slots=True)
class ProviderModels:
    """The models of one provider, or the list of the last time with the reason why there is no newer one."""

    provider_id: str
    models: tuple[ModelInfo, ...]
    error: AppError | None = None


class ModelLists:
    """Lists of the last time at once, new ones as they arrive."""

    def __init__(
        self,
        profiles: Profiles,
        api: Callable[[], Awaitable[ApiService]],
        endpoint_of: Callable[[Provider], Awaitable[Endpoint]],
        engine_models: Callable[[], Awaitable[Sequence[ModelInfo]]],
        cache: ModelCache,
    ) -> None:
        self._profiles = profiles
        self._api = api
        self._endpoint_of = endpoint_of
        self._engine_models = engine_models
        self._cache = cache
        self._local: dict[str, ModelInfo] = {}

    def known(self) -> list[ProviderModels]:
        """What was known the last time, at once, without asking anyone."""
        own = [self.known_of(provider) for provider in self._profiles.own() if provider.enabled]
        return [ProviderModels(BUILT_IN_ID, tuple(self._local.values())), *own]

    def known_of(self, provider: Provider) -> ProviderModels:
        """As `known`, for one of the user's providers."""
        return ProviderModels(provider.id, self.described(provider, self._cache.get(provider.id)))

    async def refresh(self, found: Callable[[ProviderModels], None]) -> None:
        """Ask every provider at the same time and report each as it answers; a dead one delays nobody."""

        async def report(asking: Awaitable[ProviderModels]) -> None:
            found(await asking)

        async with asyncio.TaskGroup() as group:
            group.create_task(report(self._ask_engine()))
            for provider in self._profiles.own():
                if provider.enabled:
                    group.create_task(report(self.ask(provider)))

    async def ask(self, provider: Provider) -> ProviderModels:
        """The models a server has now; where it does not tell, those of the last time with the reason."""
        try:
            async with asyncio.timeout(LIST_WITHIN_S):
                endpoint = await self._endpoint_of(provider)
                models = await (await self._api()).models(endpoint)
        except AppError as error:
            return replace(self.known_of(provider), error=error)
        except TimeoutError:
            late = TimedOut(host=provider.name, seconds=f"{LIST_WITHIN_S:.0f}")
            return replace(self.known_of(provider), error=late)
        await self.remember(provider.id, models)
        return ProviderModels(provider.id, self.described(provider, models))

    async def remember(self, provider_id: str, models: Sequence[ModelInfo]) -> None:
        """Keep a list for `known`; an empty one forgets the provider."""
        await self._cache.put(provider_id, models)

    def capabilities_of(self, model: ModelReference) -> frozenset[Capability] | None:
        """What a model can do: the user's word, else the server's, else a guess; None if nothing is known."""
        if model.provider_id == BUILT_IN_ID:
            local = self._local.get(model.model_id)
            return local.capabilities if local is not None else None
        provider = self._profiles.find(model.provider_id)
        if provider is None:
            return _guessed(model.model_id)
        listed = (known for known in self._cache.get(provider.id) if known.id == model.model_id)
        return _capabilities(provider, next(listed, ModelInfo(model.model_id, provider.id)))

    def can_see(self, model: ModelReference) -> bool:
        """Whether pictures may be sent: a server's model nothing is known of gets the benefit of the doubt."""
        capabilities = self.capabilities_of(model)
        if capabilities is None:
            return model.provider_id != BUILT_IN_ID
        return Capability.VISION in capabilities

    def described(self, provider: Provider, models: Sequence[ModelInfo]) -> tuple[ModelInfo, ...]:
        """The models with what each can do; without capabilities where nothing is known."""
        return tuple(replace(model, capabilities=_capabilities(provider, model) or frozenset()) for model in models)

    async def _ask_engine(self) -> ProviderModels:
        models = await self._engine_models()
        self._local = {model.id: model for model in models}
        return ProviderModels(BUILT_IN_ID, tuple(models))


def _capabilities(provider: Provider, model: ModelInfo) -> frozenset[Capability] | None:
    if model.id in provider.capabilities:
        return frozenset(provider.capabilities[model.id])
    guessed = _guessed(model.id)
    told = model.capabilities
    # Of chat models servers tell all or nothing; of speech models the task alone, and the guess may know more.
    is_less_than_guessed = guessed is not None and told < guessed and Capability.CHAT not in told
    return told if told and not is_less_than_guessed else guessed


def _guessed(model_id: str) -> frozenset[Capability] | None:
    return knowledge.guess(model_id).capabilities

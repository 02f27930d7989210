"""A ProviderWorker with everything behind it real but the servers, for the tests of providers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from app.model.lessons import Lesson
from app.model.providers import BUILT_IN_ID, Capability, Endpoint, ModelInfo, Provider
from app.paths import Paths
from app.services.api.client import ApiService
from app.services.secrets import Secrets
from app.services.settings import SettingsStore
from app.workers.providers import ProviderModels, ProviderWorker
from tests.fakes.keyring import in_file

LOCAL = ModelInfo("tiny", BUILT_IN_ID, frozenset({Capability.CHAT}), name="Tiny")
ENGINE = Endpoint("http://127.0.0.1:1/v1", key="engine-key", provider_id=BUILT_IN_ID)


@dataclass
class Providing:
    """The worker with what it stands on. `engine_starts` counts how often the engine was wanted."""

    worker: ProviderWorker
    settings: SettingsStore
    secrets: Secrets
    api: ApiService
    engine_starts: list[None] = field(default_factory=list)

    async def add(self, base_url: str, name: str = "Server", key: str = "", **fields: object) -> Provider:
        """A provider that the user set up."""
        provider = Provider(id=name.lower(), name=name, preset="custom", base_url=base_url, **fields)  # type: ignore[arg-type]
        await self.worker.profiles.save(provider)
        if key:
            await self.worker.profiles.set_key(provider.id, key)
        return provider

    async def refreshed(self) -> dict[str, ProviderModels]:
        """What asking everybody finds, by provider, in the order of the answers."""
        found: list[ProviderModels] = []
        await self.worker.models.refresh(found.append)
        return {result.provider_id: result for result in found}


@asynccontextmanager
async def providing(
    paths: Paths, secrets: Secrets | None = None, local: Sequence[ModelInfo] = (LOCAL,)
) -> AsyncIterator[Providing]:
    """A profile's providers, with its key store in a private file unless `secrets` is another."""
    settings = SettingsStore(paths.settings_file)
    settings.read()
    kept = secrets or Secrets(in_file(paths.data / "keys.cfg"))

    async def learned(endpoint: Endpoint, model_id: str, lessons: Sequence[Lesson]) -> None:
        await worker.learn(endpoint, model_id, lessons)

    api = ApiService(learned=learned)
    engine_starts: list[None] = []

    async def access() -> ApiService:
        return api

    async def engine_endpoint() -> Endpoint:
        engine_starts.append(None)
        return ENGINE

    async def engine_models() -> Sequence[ModelInfo]:
        return local

    try:
        worker = ProviderWorker(settings, kept, access, engine_endpoint, engine_models, paths.cache)
        yield Providing(worker, settings, kept, api, engine_starts)
    finally:
        await api.aclose()


def provided(paths: Paths, story: Callable[[Providing], Awaitable[None]], secrets: Secrets | None = None) -> None:
    """Tell a story about the providers of a profile."""

    async def told() -> None:
        async with providing(paths, secrets) as made:
            await story(made)

    asyncio.run(told())

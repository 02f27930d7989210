"""ProviderWorker: endpoints made of the user's profiles and keys, and the connection test; no HTTP of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.model.api_key import key_in
from app.model.errors import ModelNotFound
from app.model.lessons import Lesson
from app.model.providers import BUILT_IN_ID, Dialect, Endpoint, ModelInfo, ModelReference, Provider, TestResult, Verdict
from app.model.server_errors import AddressUnfinished
from app.workers.providers import knowledge
from app.workers.providers.environment import Environment
from app.workers.providers.hidden import take_out
from app.workers.providers.lessons import LessonBook
from app.workers.providers.model_cache import ModelCache
from app.workers.providers.model_lists import ModelLists
from app.workers.providers.profiles import Profiles

if TYPE_CHECKING:
    from app.services.api.client import ApiService
    from app.services.secrets import Secrets
    from app.services.settings import SettingsStore


class ProviderWorker:
    """Knows every provider.

    `profiles` are the providers and their keys, `models` their model lists, `lessons` what their servers refused,
    `environment` the profile that the system's variables offer.
    """

    def __init__(
        self,
        settings: SettingsStore,
        secrets: Secrets,
        api: Callable[[], Awaitable[ApiService]],
        engine_endpoint: Callable[[], Awaitable[Endpoint]],
        engine_models: Callable[[], Awaitable[Sequence[ModelInfo]]],
        cache: Path,
    ) -> None:
        self._api = api
        self._settings = settings
        self._engine_endpoint = engine_endpoint
        self.profiles = Profiles(settings, secrets)
        self.models = ModelLists(self.profiles, api, self._listing_endpoint, engine_models, ModelCache(cache))
        self.lessons = LessonBook(cache)
        self.environment = Environment(self.profiles, settings)

    async def endpoint_for(self, model: ModelReference) -> Endpoint:
        """All that a call to this model needs; starts the built-in engine if it lives there.

        Raises:
            ModelNotFound: its provider was removed.
            AppError: the engine or the key store failed.
        """
        if model.provider_id == BUILT_IN_ID:
            return await self._engine_endpoint()
        provider = self.profiles.find(model.provider_id)
        if provider is None:
            raise ModelNotFound(model=model.model_id)
        endpoint = await self._endpoint(provider, _dialect(provider, model.model_id))
        return replace(endpoint, lessons=self.lessons.of(provider, model.model_id))

    async def learn(self, endpoint: Endpoint, model_id: str, lessons: Sequence[Lesson]) -> None:
        """Remember what the server behind `endpoint` taught, unless its profile is another by now."""
        provider = self.profiles.find(endpoint.provider_id)
        if provider is not None and (await self.profiles.revealed(provider)).base_url == endpoint.base_url:
            await self.lessons.learn(provider, model_id, lessons)

    async def leave_out(self, model: ModelReference, field: str) -> None:
        """From now on send requests to this model without `field`, as the user wants it after a refusal."""
        provider = self.profiles.find(model.provider_id)
        if provider is not None:
            await self.lessons.learn(provider, model.model_id, (Lesson(field),))

    async def test(self, provider: Provider, key: str = "") -> TestResult:
        """The Test button: a verdict within ten seconds. An empty `key` means the stored one.

        `provider` need not be stored. The models of a server that works are remembered.

        Raises:
            KeyStoreFailed: the stored key cannot be read.
        """
        if knowledge.placeholder_in(provider):
            return TestResult(Verdict.PLACEHOLDER)
        endpoint = await self._endpoint(provider, Dialect.CHAT, key_in(key))
        result = await (await self._api()).test(endpoint, self._in_use(provider))
        if result.verdict in (Verdict.WORKS, Verdict.NO_MODEL):
            await self.models.remember(provider.id, result.models)
        from app.services.api.address import with_login_of

        hidden, _ = take_out(provider)
        address = with_login_of(result.corrected_url, hidden.base_url)
        return replace(result, models=self.models.described(provider, result.models), corrected_url=address)

    async def forget(self, provider_id: str) -> None:
        """Delete the key, the model list and the lessons of a removed profile for good.

        Raises:
            KeyStoreFailed: the key store does not answer.
        """
        await self.models.remember(provider_id, ())
        await self.lessons.forget(provider_id)
        await self.profiles.forget(provider_id)

    def _in_use(self, provider: Provider) -> list[str]:
        """The models of a provider that the tabs have chosen, where its list can be expected to hold them."""
        chosen = self._settings.value.chosen
        models = [model for model in (chosen.chat, chosen.image, chosen.audio) if model is not None]
        is_listed = knowledge.preset_of(provider).lists_models
        return list(dict.fromkeys(m.model_id for m in models if is_listed and m.provider_id == provider.id))

    async def _listing_endpoint(self, provider: Provider) -> Endpoint:
        return await self._endpoint(provider, Dialect.CHAT)

    async def _endpoint(self, provider: Provider, dialect: Dialect, typed_key: str = "") -> Endpoint:
        """With the profile's secrets; a key that was just typed counts instead of the stored one.

        Raises AddressUnfinished: whoever owns the template's address would get the key.
        """
        if name := knowledge.placeholder_in(provider):
            raise AddressUnfinished(host=knowledge.host_of(provider), name=name)
        key = typed_key or await self.profiles.key_of(provider.id)
        return _endpoint(await self.profiles.revealed(provider), key, dialect)


def _dialect(provider: Provider, model_id: str) -> Dialect:
    """The user's choice for the model, else for the provider, else what the model's id suggests."""
    chosen = provider.dialects.get(model_id, provider.dialect)
    if chosen is not Dialect.AUTOMATIC:
        return chosen
    guessed = knowledge.guess(model_id).dialect
    # Only OpenAI has models that exist in Responses alone; elsewhere the same name is spoken to as usual.
    return Dialect.CHAT if guessed is Dialect.RESPONSES and not knowledge.is_openai(provider) else guessed


def _endpoint(provider: Provider, key: str, dialect: Dialect) -> Endpoint:
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

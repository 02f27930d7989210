"""Builds services and workers for the window and the command line; heavy modules wait until they are first used."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from app.model.engine import EngineState
from app.model.providers import BUILT_IN_ID, ModelReference
from app.paths import RESOURCES, SHIPPED_MODELS, Paths
from app.services.engine import EngineProcess, serve_command
from app.services.history.store import History
from app.services.secrets import Secrets
from app.services.settings import SettingsStore
from app.workers.attachments import AttachmentWorker
from app.workers.chat import ChatWorker
from app.workers.library import LibraryWorker
from app.workers.models import ModelWorker
from app.workers.providers import ProviderWorker

if TYPE_CHECKING:
    import httpx

    from app.services.api.client import ApiService
    from app.services.models.store import ModelStore
    from app.workers.audio import AudioWorker
    from app.workers.backups import BackupWorker
    from app.workers.gallery import GalleryWorker
    from app.workers.images import ImageWorker
    from app.workers.report import ReportWorker
    from app.workers.transfer import TransferWorker

CATALOGUE = RESOURCES / "models.json"
"""The models to be had."""


class Once[Made]:
    """Makes something when it is first asked for, once, also when several ask at the same time."""

    def __init__(self, make: Callable[[], Awaitable[Made]]) -> None:
        self._make = make
        self._lock = asyncio.Lock()
        self.made: Made | None = None

    async def __call__(self) -> Made:
        async with self._lock:
            if self.made is None:
                self.made = await self._make()
        return self.made


class Assembly:
    """Everything behind the window or the command line, for one profile; `aclose` takes it apart in reverse.

    `catalogue` is the file that lists the models to be had. In safe mode there is no engine.
    """

    def __init__(
        self,
        paths: Paths,
        settings: SettingsStore,
        history: History,
        catalogue: Path = CATALOGUE,
        *,
        is_safe: bool = False,
    ) -> None:
        self.paths, self.settings, self.history = paths, settings, history
        self.secrets = Secrets()
        self.engine = EngineProcess(
            paths.models / "serve.json",
            paths.logs / "engine.log",
            command=lambda: serve_command(settings.value.engine.unload_minutes),
            is_off=is_safe,
        )
        self.api: Once[ApiService] = Once(self._make_api)
        self.model_store: Once[ModelStore] = Once(lambda: make_model_store(paths.models, catalogue))
        self.models = ModelWorker(self.model_store, self.engine)
        self.providers = ProviderWorker(
            settings, self.secrets, self.api, self.models.endpoint, self.models.installed, paths.cache
        )
        self.library = LibraryWorker(history)

    def chat(self) -> ChatWorker:
        return ChatWorker(
            self.history,
            self.api,
            self.providers.endpoint_for,
            can_see=self.providers.models.can_see,
            is_waking=self._is_waking,
            leave_out=self.providers.leave_out,
        )

    def attachments(self) -> AttachmentWorker:
        return AttachmentWorker(self.history, original_size=lambda: self.settings.value.chat.original_images)

    def images(self, folder: Path | None = None, *, notes: bool = True) -> ImageWorker:
        """`folder` instead of the one new pictures usually go to; `notes` of what is being made, for the next start."""
        from app.workers.images import ImageWorker

        where = self.pictures_folder if folder is None else lambda: folder
        noted = self.paths.unfinished_pictures if notes else None
        return ImageWorker(self.api, self.providers.endpoint_for, self.history, self.models.list, where, noted)

    def gallery(self) -> GalleryWorker:
        from app.workers.gallery import GalleryWorker

        return GalleryWorker(self.history, self.pictures_folder, self.paths.thumbnails, self.paths.cache / "pasted")

    def audio(self) -> AudioWorker:
        from app.services.audio import SoundSystem
        from app.workers.audio import AudioWorker

        endpoint_for = self.providers.endpoint_for
        return AudioWorker(self.history, self.settings, SoundSystem(), self.api, endpoint_for, self.paths)

    @cached_property
    def backups(self) -> BackupWorker:
        """One for all: no two backups are made at once."""
        from app.workers.backups import BackupWorker

        return BackupWorker(self.history, self.settings, self.paths)

    def transfer(self) -> TransferWorker:
        from app.workers.transfer import TransferWorker

        return TransferWorker(self.history, self.settings, self.paths, self.pictures_folder, self.secrets.get)

    def report(self) -> ReportWorker:
        from app.workers.report import ReportWorker

        return ReportWorker(self.settings, self.providers.profiles, self.models, self.paths)

    def pictures_folder(self) -> Path:
        """Where new pictures go: the user's choice, else the program's own folder."""
        chosen = self.settings.value.images.folder
        return Path(chosen).expanduser() if chosen else self.paths.pictures

    async def aclose(self) -> None:
        """End the engine, close connections and the database; at most a few seconds."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self.history.aclose)
            if self.api.made is not None:
                stack.push_async_callback(self.api.made.aclose)
            stack.push_async_callback(self.engine.aclose)

    async def _make_api(self) -> ApiService:
        """httpx and what belongs to it take a while to import: in a thread, so that the window stays alive."""
        await asyncio.to_thread(importlib.import_module, "app.services.api.client")
        from app.services.api.client import ApiService

        return ApiService(learned=self.providers.learn, explain=self.engine.explained)

    def _is_waking(self, model: ModelReference) -> bool:
        return model.provider_id == BUILT_IN_ID and self.engine.status.state is not EngineState.READY


async def make_model_store(folder: Path, catalogue: Path = CATALOGUE) -> ModelStore:
    """The store of the models in `folder`, which exists."""
    await asyncio.to_thread(importlib.import_module, "app.services.models.store")
    from app.services.models.catalogue import Catalogue
    from app.services.models.fetch import Fetcher
    from app.services.models.store import ModelStore

    return ModelStore(Catalogue.read(catalogue), folder, Fetcher(download_client), shipped=SHIPPED_MODELS)


async def download_client() -> httpx.AsyncClient:
    """A client for model files and updates: no key ever goes with it; the system's proxy and certificates are used.

    Raises:
        httpx.ProxyError: what is set as the proxy is no address.
    """
    import ssl

    import httpx
    import truststore

    context = await asyncio.to_thread(truststore.SSLContext, ssl.PROTOCOL_TLS_CLIENT)
    try:
        return httpx.AsyncClient(verify=context, timeout=httpx.Timeout(60, connect=10))
    except (httpx.InvalidURL, ValueError):  # its words may hold the proxy's password
        raise httpx.ProxyError("the proxy's address cannot be used") from None

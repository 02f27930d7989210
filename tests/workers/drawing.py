"""Making pictures with everything real but the server: history and files on disk, API service over loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from app.model.engine import LocalModel, ModelKind, ModelState
from app.model.errors import AppError
from app.model.images import ImageEvent, ImageJob, ImageProgress, PartialImage, Picture
from app.model.providers import BUILT_IN_ID, Endpoint, ModelReference, Timeouts
from app.paths import Paths
from app.services.api.client import ApiService
from app.services.history.store import History
from app.workers.gallery import GalleryWorker
from app.workers.images import ImageWorker
from tests.fakes.openai_server import FakeOpenAI

MODEL = ModelReference("fake", "gpt-image-2")
UPSCALER = LocalModel(
    id="realesrgan-anime",
    name="Real-ESRGAN anime",
    kind=ModelKind.UPSCALE,
    description="",
    licence="BSD-3-Clause",
    size_bytes=9,
    memory_bytes=9,
    state=ModelState.INSTALLED,
)


@dataclass
class Studio:
    """The workers with what they work on. `models` is what the built-in engine has."""

    server: FakeOpenAI
    paths: Paths
    history: History
    api: ApiService
    worker: ImageWorker = field(init=False)
    gallery: GalleryWorker = field(init=False)
    models: list[LocalModel] = field(default_factory=lambda: [UPSCALER])
    saving: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a finished picture is about to be saved."""

    def __post_init__(self) -> None:
        self.worker = ImageWorker(self._api, self.endpoint_for, self.history, self.local_models, self._folder)
        self.gallery = GalleryWorker(
            self.history, lambda: self.paths.pictures, self.paths.thumbnails, self.paths.cache / "pasted"
        )

    async def endpoint_for(self, model: ModelReference) -> Endpoint:
        is_built_in = model.provider_id == BUILT_IN_ID
        timeouts = Timeouts(connect_s=5.0, idle_s=5.0)
        return Endpoint(
            self.server.base_url,
            "sk-test-0123456789",
            provider_id=BUILT_IN_ID if is_built_in else "fake",
            timeouts=timeouts,
        )

    async def local_models(self) -> Sequence[LocalModel]:
        return self.models

    def _folder(self) -> Path:
        self.saving.set()
        return self.paths.pictures

    async def _api(self) -> ApiService:
        return self.api


@dataclass
class Made:
    """What a job yielded and how it broke off."""

    events: list[ImageEvent] = field(default_factory=list)
    error: AppError | None = None

    @property
    def pictures(self) -> list[Picture]:
        return [event for event in self.events if isinstance(event, Picture)]

    @property
    def previews(self) -> list[PartialImage]:
        return [event for event in self.events if isinstance(event, PartialImage)]

    @property
    def fractions(self) -> list[float]:
        return [event.fraction for event in self.events if isinstance(event, ImageProgress)]


@asynccontextmanager
async def studio(paths: Paths, server: FakeOpenAI) -> AsyncIterator[Studio]:
    """Everything open, and closed again."""
    history = await History.open(paths)
    api = ApiService()
    try:
        yield Studio(server, paths, history, api)
    finally:
        await api.aclose()
        await history.aclose()


async def followed(events: AsyncGenerator[ImageEvent]) -> Made:
    """Everything a job yields; its failure too."""
    made = Made()
    try:
        async with aclosing(events):
            async for event in events:
                made.events.append(event)
    except AppError as error:
        made.error = error
    return made


def job(prompt: str = "a red fox", **details: object) -> ImageJob:
    return ImageJob(MODEL, prompt, **details)  # type: ignore[arg-type] # the fields of ImageJob

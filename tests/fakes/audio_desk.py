"""A whole AudioWorker over a profile: all of it is real but the sound library and the server."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from app.model.lessons import Lesson
from app.model.providers import BUILT_IN_ID, Endpoint, ModelReference
from app.paths import Paths
from app.services.api.client import ApiService
from app.services.audio import SoundSystem
from app.services.history.store import History
from app.services.settings import SettingsStore
from app.workers.audio import AudioWorker
from tests.fakes.audio import FakeSoundLibrary
from tests.fakes.openai_server import FakeOpenAI

WHISPER = ModelReference("cloud", "whisper-1")
TEXT_ONLY = ModelReference("cloud", "gpt-transcribe")
BUILT_IN = ModelReference(BUILT_IN_ID, "whisper-base")


@dataclass
class Desk:
    """What a test has before it: the worker, and what is behind it."""

    worker: AudioWorker
    history: History
    settings: SettingsStore
    folder: Path
    left_out: dict[ModelReference, str]
    """What the user gave up after a refusal."""

    async def leave_out(self, model: ModelReference, name: str) -> None:
        self.left_out[model] = name


@asynccontextmanager
async def audio_desk(paths: Paths, library: FakeSoundLibrary, server: FakeOpenAI) -> AsyncGenerator[Desk]:
    """Open the worker over `paths`; opening it again is the next start of the program."""
    history = await History.open(paths)
    settings = SettingsStore(paths.settings_file)
    settings.read()
    api = ApiService()

    async def access() -> ApiService:
        return api

    left_out: dict[ModelReference, str] = {}

    async def endpoint_for(model: ModelReference) -> Endpoint:
        # The same loopback server under a name that does not look like this computer: parts go two at a time.
        elsewhere = server.base_url.replace("127.0.0.1", "2130706433")
        address = server.base_url if model.provider_id == BUILT_IN_ID else elsewhere
        return Endpoint(
            address,
            provider_id=model.provider_id,
            is_openai=model.provider_id == "cloud",
            lessons=(Lesson(left_out[model]),) if model in left_out else (),
        )

    worker = AudioWorker(history, settings, SoundSystem(lambda: library), access, endpoint_for, paths)
    try:
        yield Desk(worker, history, settings, paths.cache, left_out)
    finally:
        await worker.aclose()
        await api.aclose()
        await history.aclose()

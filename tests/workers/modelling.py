"""A ModelWorker over a real store and a small catalogue from a file server on loopback, for tests of local models."""

from __future__ import annotations

import asyncio
import hashlib
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx

from app.model.engine import ModelKind
from app.paths import Paths
from app.services.engine import EngineProcess
from app.services.models.catalogue import Catalogue, CatalogueModel, Part, Source
from app.services.models.fetch import Fetcher
from app.services.models.store import ModelStore
from app.workers.models import ModelWorker
from tests.fakes.model_sources import FileServer

FAKE_ENGINE = Path(__file__).parent.parent / "fakes" / "engine.py"
INSPECTOR = """
import json, pathlib, sys
known = pathlib.Path(sys.argv[2]).read_bytes()[:4] == b"GGUF"
print(json.dumps({"kind": "chat", "name": "Mine"}) if known else "this is no model")
"""
SIZES = {"small-chat": 3_000_000, "small-ears": 2_000_000, "large-chat": 4_000_000}
NAMES = {"small-chat": "Small Chat", "small-ears": "Small Ears", "large-chat": "Large Chat"}
DEFAULT = ("small-chat", "small-ears")


class Modelling:
    """The worker with its store, its engine (`behaviour` as in tests/fakes/engine.py) and the server of the files."""

    def __init__(self, paths: Paths, server: FileServer, behaviour: str = "ready", available: bool = True) -> None:
        self.server = server
        self.folder = paths.models
        self.store = ModelStore(
            offered(server),
            paths.models,
            Fetcher(_client),
            engine_command=(sys.executable, "-c", INSPECTOR),
            free_bytes=lambda _: self.free_bytes,
        )
        self.free_bytes = 1 << 40
        self.engine = EngineProcess(
            paths.models / "serve.json",
            paths.logs / "engine.log",
            command=lambda: (sys.executable, str(FAKE_ENGINE), behaviour),
            available=available,
        )
        self.worker = ModelWorker(self._store, self.engine)

    def install(self, *model_ids: str) -> None:
        """Put the files there as a download would."""
        for model_id in model_ids:
            (self.folder / f"{model_id}.gguf").write_bytes(self.server.files[f"/{model_id}"])

    async def _store(self) -> ModelStore:
        return self.store


def offered(server: FileServer) -> Catalogue:
    """The small models; `server` has their files from now on."""
    for model_id, size in SIZES.items():
        server.files[f"/{model_id}"] = _content(model_id, size)
    return Catalogue(1, tuple(_model(model_id, server) for model_id in SIZES))


def modelled(made: Modelling, story: Callable[[Modelling], Awaitable[None]]) -> None:
    """Tell a story; the engine is ended after it."""

    async def told() -> None:
        try:
            await story(made)
        finally:
            await made.engine.aclose()

    asyncio.run(told())


async def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(trust_env=False)


def _content(model_id: str, size: int) -> bytes:
    return (model_id.encode() * (size // len(model_id) + 1))[:size]


def _model(model_id: str, server: FileServer) -> CatalogueModel:
    content = server.files[f"/{model_id}"]
    checksum = hashlib.sha256(content).hexdigest()
    source = Source("url", url=f"{server.url}/{model_id}")
    return CatalogueModel(
        id=model_id,
        name=NAMES[model_id],
        kind=ModelKind.TRANSCRIPTION if "ears" in model_id else ModelKind.CHAT,
        description={"en": f"{NAMES[model_id]} in English", "zh": f"{NAMES[model_id]} 中文"},
        publisher="Nobody",
        licence="MIT",
        file=f"{model_id}.gguf",
        size_bytes=len(content),
        memory_bytes=2 * len(content),
        sha256=checksum,
        parts=(Part(f"{model_id}.gguf", len(content), checksum, (source,)),),
        sets=("default",) if model_id in DEFAULT else (),
    )

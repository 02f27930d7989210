"""ModelWorker: what the Models page asks for: list, download, add and remove models, and how the engine is."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Sequence
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.model.engine import (
    NEVER_STARTED,
    DownloadProgress,
    EngineState,
    EngineStatus,
    LocalModel,
    ModelKind,
    ModelState,
)
from app.model.errors import ModelMissing
from app.model.providers import BUILT_IN_ID, Capability, Endpoint, ModelInfo

if TYPE_CHECKING:
    from app.services.engine import EngineProcess
    from app.services.models.store import ModelStore

_CAPABILITIES: dict[ModelKind, frozenset[Capability]] = {
    ModelKind.CHAT: frozenset({Capability.CHAT}),
    ModelKind.TRANSCRIPTION: frozenset({Capability.TRANSCRIPTION, Capability.TRANSLATION}),
    ModelKind.UPSCALE: frozenset({Capability.UPSCALE}),
    ModelKind.IMAGE: frozenset({Capability.IMAGE}),
}


class ModelWorker:
    """`store` yields the model store, made on first use."""

    def __init__(self, store: Callable[[], Awaitable[ModelStore]], engine: EngineProcess) -> None:
        self._store = store
        self._engine = engine

    async def list(self, language: str = "en") -> list[LocalModel]:
        """Every model of the catalogue and the user's own, with its state here; descriptions in `language` (zh_CN)."""
        return (await self._store()).models(language)

    async def installed(self) -> tuple[ModelInfo, ...]:
        """The models the engine can run now, as the model picker lists them."""
        if self._engine.status.state in NEVER_STARTED:
            return ()
        models = [model for model in await self.list() if model.state is ModelState.INSTALLED]
        return tuple(
            ModelInfo(model.id, BUILT_IN_ID, _CAPABILITIES[model.kind], name=model.name)
            for model in models
            if model.kind in _CAPABILITIES
        )

    async def endpoint(self) -> Endpoint:
        """Where the engine listens, started if need be.

        Raises:
            EngineUnavailable, EngineFailed: as the engine's process does.
            ModelMissing: no model is installed yet, so it would have nothing to do.
        """
        if self._engine.status.state in NEVER_STARTED:
            return await self._engine.endpoint()  # it says why there is none
        store = await self._store()
        if not await self.installed():
            raise ModelMissing(model=next(model.name for model in store.models() if model.is_default))
        if self._engine.status.state is not EngineState.READY:
            store.write_serve_file()
        return await self._engine.endpoint()

    async def download(self, model_id: str) -> AsyncGenerator[DownloadProgress]:
        """Fetch, verify and install a model; closing stops it, the next call goes on from there.

        Raises:
            DownloadFailed, NoSpaceForModel, StorageFailed, ConversionFailed
        """
        store = await self._store()
        async with aclosing(store.download(model_id)) as steps:
            async for step in steps:
                yield step
        await self._engine.reload()

    async def add(self, path: Path) -> LocalModel:
        """Let the engine use a model file of the user's.

        Raises:
            UnreadableFile: the engine cannot run it.
        """
        added = await (await self._store()).add(path)
        await self._engine.reload()
        return added

    async def remove(self, model_id: str) -> None:
        """Delete a downloaded model, or forget a file of the user's without touching it.

        Raises:
            StorageFailed: it cannot be deleted.
        """
        store = await self._store()
        # The engine lets go of the file first: Windows does not delete one that is in use.
        store.write_serve_file(without=model_id)
        await self._engine.reload()
        store.remove(model_id)

    async def default_missing(self) -> Sequence[LocalModel]:
        """The models of the default set that are not here yet."""
        models = await self.list()
        return [model for model in models if model.is_default and model.state is not ModelState.INSTALLED]

    async def needed(self, kinds: Collection[ModelKind]) -> Sequence[LocalModel]:
        """What has to be downloaded before the engine can do work of one of these kinds, in the order to fetch it.

        Nothing if it can, or if there is no engine.
        """
        models = {model.id: model for model in await self.list()}
        missing = [model for model in models.values() if model.state is not ModelState.INSTALLED]
        if self._engine.status.state in NEVER_STARTED or any(
            model.kind in kinds and model.state is ModelState.INSTALLED for model in models.values()
        ):
            return []
        wanted = [model for model in missing if model.is_default and model.kind in kinds]
        needs = [models[model_id] for model in wanted for model_id in model.needs]
        return [*(model for model in needs if model in missing), *wanted]

    async def discard(self, model_id: str) -> None:
        """Throw away what an unfinished download left here."""
        store = await self._store()
        if any(model.id == model_id and model.state is ModelState.PARTIAL for model in store.models()):
            store.remove(model_id)

    async def restart(self) -> None:
        """End the engine, whatever it does, and start it again at once.

        Raises:
            EngineFailed: it does not start.
        """
        (await self._store()).write_serve_file()
        await self._engine.restart()

    async def status(self) -> EngineStatus:
        """How the engine is and what it has in memory."""
        return replace(self._engine.status, loaded=await self._engine.loaded())

"""ModelCache: the model lists of the last time, so that the picker shows them before any server answers."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from pathlib import Path

from app.files import write_whole
from app.model.providers import Capability, ModelInfo

log = logging.getLogger(__name__)


class ModelCache:
    """A file in the cache folder; lost or damaged it is simply made anew."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "models.json"
        self._lists: dict[str, tuple[ModelInfo, ...]] | None = None

    def get(self, provider_id: str) -> tuple[ModelInfo, ...]:
        """The models a provider had when it was last asked; with what the server told of them."""
        return self._read().get(provider_id, ())

    async def put(self, provider_id: str, models: Sequence[ModelInfo]) -> None:
        """Remember a list; an empty one is forgotten. A disk that refuses costs only the memory."""
        lists = self._read()
        lists[provider_id] = tuple(models)
        if not models:
            del lists[provider_id]
        content = {provider: [_to_json(model) for model in found] for provider, found in lists.items()}
        try:
            await asyncio.to_thread(write_whole, self._file, json.dumps(content).encode())
        except OSError as error:
            log.info("model lists are not remembered: %s", error)

    def _read(self) -> dict[str, tuple[ModelInfo, ...]]:
        if self._lists is None:
            try:
                content = json.loads(self._file.read_bytes())
                self._lists = {
                    provider: tuple(_from_json(provider, entry) for entry in entries)
                    for provider, entries in content.items()
                }
            except (OSError, ValueError, KeyError, TypeError, AttributeError):
                self._lists = {}
        return self._lists


def _to_json(model: ModelInfo) -> dict[str, object]:
    return {
        "id": model.id,
        "shutdown_date": model.shutdown_date,
        "name": model.name,
        "context_tokens": model.context_tokens,
        "capabilities": sorted(model.capabilities),
    }


def _from_json(provider_id: str, entry: dict[str, object]) -> ModelInfo:
    shutdown, context = entry.get("shutdown_date"), entry.get("context_tokens")
    return ModelInfo(
        id=str(entry["id"]),
        provider_id=provider_id,
        shutdown_date=shutdown if isinstance(shutdown, str) else None,
        name=str(entry.get("name") or ""),
        context_tokens=context if isinstance(context, int) else None,
        capabilities=_capabilities(entry.get("capabilities")),
    )


def _capabilities(names: object) -> frozenset[Capability]:
    """Those of the names that are known; an older version wrote none, a newer one may know more."""
    known = {capability.value for capability in Capability}
    return frozenset(Capability(name) for name in (names if isinstance(names, list) else []) if name in known)

"""What the engine has and does: `/v1/models`, `/health` and reloading; answered without loading any model."""

from __future__ import annotations

import time
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.engine.configuration import ConfigurationError, ModelEntry, ModelKind
from app.engine.images.child import PictureProgram
from app.engine.openai_errors import ApiError, invalid
from app.engine.registry import Registry

CAPABILITIES = {
    ModelKind.CHAT: ["chat"],
    ModelKind.TRANSCRIPTION: ["transcription", "translation"],
    ModelKind.UPSCALE: ["upscale"],
    ModelKind.IMAGE: ["image"],
}


class ModelRoutes:
    """What Starlette calls."""

    def __init__(self, registry: Registry, program: PictureProgram) -> None:
        self._registry = registry
        self._program = program
        self._started_at = time.monotonic()

    async def health(self, _: Request) -> Response:
        return JSONResponse(
            {
                "status": "ok",
                "uptime": time.monotonic() - self._started_at,
                "loaded": self._registry.loaded,
                "pictures": self._program.running,
            }
        )

    async def all(self, _: Request) -> Response:
        data = [self._described(entry) for entry in self._registry.entries]
        return JSONResponse({"object": "list", "data": data})

    async def one(self, request: Request) -> Response:
        name = request.path_params["model_id"]
        entry = next((entry for entry in self._registry.entries if entry.answers_to(name)), None)
        if entry is None:
            raise ApiError(404, f"The model '{name}' is not installed.", code="model_not_found", param="model")
        return JSONResponse(self._described(entry))

    async def reload(self, request: Request) -> Response:
        """Take over a changed list of models without a restart."""
        try:
            self._registry.reload()
        except ConfigurationError as error:
            raise invalid(str(error)) from error
        return await self.all(request)

    def _described(self, entry: ModelEntry) -> dict[str, Any]:
        """OpenAI's four fields, and what our window wants to know besides."""
        return {
            "id": entry.id,
            "object": "model",
            "created": 0,
            "owned_by": "local",
            "name": entry.name,
            "kind": entry.kind,
            "capabilities": CAPABILITIES[entry.kind],
            "context_length": entry.context,
            "loaded": entry.id in self._registry.loaded,
        }

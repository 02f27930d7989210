"""The picture endpoints: `/v1/images/upscale`, which is our own, and `/v1/images/generations` as at OpenAI."""

from __future__ import annotations

import base64
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.engine.client import LARGEST_UPLOAD_BYTES, read_json, refuse_large, unless_gone
from app.engine.configuration import ModelKind
from app.engine.event_stream import event, named_event, streamed
from app.engine.images.child import PictureProgram
from app.engine.images.frames import Frame
from app.engine.images.request import generation_header, parse_generation, parse_upscale
from app.engine.memory import available_bytes
from app.engine.model_files import check_file
from app.engine.openai_errors import ApiError, not_installed
from app.engine.registry import Registry

type Describe = Callable[[Frame], dict[str, Any]]


class ImageRoutes:
    """What Starlette calls."""

    def __init__(self, registry: Registry, program: PictureProgram) -> None:
        self._registry = registry
        self._program = program

    async def upscale(self, request: Request) -> Response:
        refuse_large(request, LARGEST_UPLOAD_BYTES)
        async with request.form() as form:
            name = form.get("model") or self._registry.first_of(ModelKind.UPSCALE)
            entry = self._registry.find(name, ModelKind.UPSCALE)
            wanted = await parse_upscale(form)
        check_file(entry, available_bytes())
        header = {"task": "upscale", "model": str(entry.path), "scale": wanted.scale}
        frames = self._program.ask(Frame(header, wanted.picture))
        return await _respond(request, frames, _describer("image_upscale", "png"), wanted.stream)

    async def generations(self, request: Request) -> Response:
        body = await read_json(request)
        name = body.get("model") or self._registry.first_of(ModelKind.IMAGE)
        entry = self._registry.find(name, ModelKind.IMAGE)
        wanted = parse_generation(body)
        check_file(entry, available_bytes())
        frames = self._program.ask(Frame(generation_header(wanted, entry.path, entry.decoder)))
        return await _respond(request, frames, _describer("image_generation", wanted.output_format), wanted.stream)

    async def edits(self, request: Request) -> Response:
        raise not_installed("The built-in engine cannot edit pictures. Choose a provider that can.")


async def _respond(request: Request, frames: AsyncGenerator[Frame], describe: Describe, stream: bool) -> Response:
    """Errors before the first progress decide the status; later ones end the stream."""
    try:
        first = await unless_gone(request, anext(frames))
        if not stream:
            return await unless_gone(request, _whole(frames, describe))
    except BaseException:
        await frames.aclose()
        raise
    return streamed(_events(first, frames, describe))


async def _whole(frames: AsyncGenerator[Frame], describe: Describe) -> Response:
    described = [describe(frame) async for frame in frames if frame.header["event"] == "image"]
    data = [{"b64_json": each["b64_json"]} for each in described]
    size, output_format = described[0]["size"], described[0]["output_format"]
    return JSONResponse({"created": int(time.time()), "data": data, "size": size, "output_format": output_format})


async def _events(first: Frame, frames: AsyncGenerator[Frame], describe: Describe) -> AsyncIterator[bytes]:
    """The stream of one answer; ends the computation when the client hangs up."""
    async with aclosing(frames):
        try:
            yield named_event(describe(first))
            async for frame in frames:
                yield named_event(describe(frame))
        except ApiError as error:
            yield event(error.body)


def _describer(prefix: str, output_format: str) -> Describe:
    """From frames to OpenAI's events; `.progress` with the done fraction is our own."""

    def describe(frame: Frame) -> dict[str, Any]:
        header = frame.header
        if header["event"] == "progress":
            return {"type": f"{prefix}.progress", "fraction": header["fraction"]}
        told = {
            "b64_json": base64.b64encode(frame.payload).decode(),
            "created_at": int(time.time()),
            "output_format": output_format,
        }
        if header["event"] == "partial":
            return told | {"type": f"{prefix}.partial_image", "partial_image_index": header["index"]}
        return told | {"type": f"{prefix}.completed", "size": header["size"]}

    return describe

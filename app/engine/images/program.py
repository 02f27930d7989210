"""The picture program, `python -m app.engine images`: works on one request after another from its standard input.

A process of its own because stable-diffusion.cpp ends the whole process when it meets a model it does not expect,
and because stopping it in the middle means ending it.
"""

from __future__ import annotations

import os
import queue
import secrets
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from PIL import Image

from app.engine.images.frames import Frame, read_frame
from app.engine.images.models import Painter, Upscaler
from app.engine.images.pictures import read_picture, write_picture
from app.engine.images.request import GenerationRequest
from app.engine.images.tiles import enlarge
from app.engine.openai_errors import ApiError, as_api_error

MOST_SEED = 1 << 31

type Send = Callable[[Frame], None]


class Studio:
    """Holds the model in use and answers requests with frames: progress, image, then done."""

    def __init__(self, threads: int, send: Send) -> None:
        self._threads = threads
        self._send = send
        self._loaded: tuple[Path, Upscaler | Painter] | None = None

    def answer(self, request: Frame) -> None:
        """Do what a request asks; failures become an error frame.

        Raises:
            ApiError: in words for the client.
        """
        wanted = dict(request.header)
        match wanted.pop("task"):
            case "upscale":
                self._upscale(wanted, request.payload)
            case "generate":
                self._generate(wanted)
        self._send(Frame({"event": "done"}))

    def _upscale(self, wanted: dict[str, Any], data: bytes) -> None:
        picture = read_picture(data)
        path = Path(wanted["model"])
        model = self._model(path, lambda: Upscaler(path, self._threads))
        assert isinstance(model, Upscaler)
        self._tell(0.0)
        result = enlarge(picture, int(wanted["scale"]), model.enlarge_tile, self._tell)
        self._send(Frame({"event": "image", "size": f"{result.width}x{result.height}"}, write_picture(result)))

    def _generate(self, wanted: dict[str, Any]) -> None:
        path, decoder = Path(wanted.pop("model")), wanted.pop("decoder")
        request = GenerationRequest(**wanted)
        model = self._model(path, lambda: Painter(path, Path(decoder) if decoder else None, self._threads))
        assert isinstance(model, Painter)
        self._tell(0.0)
        first_seed = request.seed if request.seed >= 0 else secrets.randbelow(MOST_SEED)
        for index in range(request.count):
            self._paint(model, request, first_seed + index, index)

    def _paint(self, model: Painter, request: GenerationRequest, seed: int, index: int) -> None:
        shown = 0

        def show(picture: Image.Image) -> None:
            nonlocal shown
            header = {"event": "partial", "index": shown}
            self._send(Frame(header, write_picture(picture, request.output_format)))
            shown += 1

        def tell(fraction: float) -> None:
            self._tell((index + fraction) / request.count)

        result = model.paint(request, seed, tell, show)
        header = {"event": "image", "size": f"{result.width}x{result.height}", "seed": seed}
        self._send(Frame(header, write_picture(result, request.output_format)))

    def _tell(self, fraction: float) -> None:
        self._send(Frame({"event": "progress", "fraction": fraction}))

    def _model(self, path: Path, load: Callable[[], Upscaler | Painter]) -> Upscaler | Painter:
        if self._loaded is None or self._loaded[0] != path:
            if self._loaded is not None:
                self._loaded[1].close()
                self._loaded = None
            self._loaded = (path, load())
        return self._loaded[1]


def run(threads: int, output: BinaryIO) -> None:
    """Answer requests until the standard input ends; then the process ends at once, in the middle of anything."""
    requests: queue.Queue[Frame] = queue.Queue()
    threading.Thread(target=_read_requests, args=(requests,), daemon=True).start()

    def send(frame: Frame) -> None:
        output.write(frame.encode())
        output.flush()

    studio = Studio(threads, send)
    while True:
        error = _failure_of(studio, requests.get())
        if error is not None:
            header = {"event": "error", "status": error.status, "message": error.message}
            send(Frame(header | {"code": error.code, "param": error.param}))


def _failure_of(studio: Studio, request: Frame) -> ApiError | None:
    try:
        studio.answer(request)
    except ApiError as error:
        return error
    except (MemoryError, RuntimeError, ValueError, OSError) as error:  # what the native library raises
        return as_api_error(error)
    return None


def _read_requests(requests: queue.Queue[Frame]) -> None:
    while (frame := read_frame(sys.stdin.buffer)) is not None:
        requests.put(frame)
    os._exit(0)

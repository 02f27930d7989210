"""The engine's HTTP server: its routes and its life from start to end; nothing of what models compute."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from app.engine.chat.routes import ChatRoutes
from app.engine.client import ClientGone
from app.engine.images.child import PictureProgram
from app.engine.images.routes import ImageRoutes
from app.engine.model_routes import ModelRoutes
from app.engine.openai_errors import ApiError
from app.engine.registry import Registry
from app.engine.security import Guard
from app.engine.speech.routes import SpeechRoutes

log = logging.getLogger(__name__)

BACKLOG = 64
GRACE_S = 1.0
"""Answers that are running may end for so long after the program is told to."""
CLIENT_CLOSED_REQUEST = 499
"""Nobody reads it; the number is nginx's."""


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """How to serve.

    Port 0 takes a free one; `tell_key` puts the key into the ready line, for who started the engine by hand; models
    that nobody used for `idle_s` seconds leave the memory.
    """

    models_file: Path
    key: str
    tell_key: bool = False
    port: int = 0
    threads: int = 1
    idle_s: float = 600.0


def make_application(registry: Registry, program: PictureProgram, key: str) -> ASGIApp:
    """All routes behind the guard."""
    models, chat = ModelRoutes(registry, program), ChatRoutes(registry)
    speech, images = SpeechRoutes(registry), ImageRoutes(registry, program)
    routes = [
        Route("/health", models.health),
        Route("/v1/models", models.all),
        Route("/v1/models/{model_id:path}", models.one),
        Route("/v1/engine/reload", models.reload, methods=["POST"]),
        Route("/v1/chat/completions", chat.chat, methods=["POST"]),
        Route("/v1/completions", chat.completions, methods=["POST"]),
        Route("/v1/audio/transcriptions", speech.transcriptions, methods=["POST"]),
        Route("/v1/audio/translations", speech.translations, methods=["POST"]),
        Route("/v1/images/upscale", images.upscale, methods=["POST"]),
        Route("/v1/images/generations", images.generations, methods=["POST"]),
        Route("/v1/images/edits", images.edits, methods=["POST"]),
        Route("/{path:path}", _unknown, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
    ]
    return Guard(Starlette(routes=routes, exception_handlers={ApiError: _refuse, ClientGone: _gone}), key)


async def _unknown(request: Request) -> Response:
    raise ApiError(404, f"Unknown request URL: {request.method} {request.url.path}.", code="unknown_url")


async def _refuse(_: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    return JSONResponse(error.body, error.status, headers=error.headers)


async def _gone(_: Request, __: Exception) -> Response:
    return Response(status_code=CLIENT_CLOSED_REQUEST)


class _Server(uvicorn.Server):
    """Ends quietly on a signal instead of raising it again once all is over."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        signal.signal(signal.SIGTERM, self.handle_exit)
        signal.signal(signal.SIGINT, self.handle_exit)
        yield


def serve(options: ServerOptions, output: TextIO) -> None:
    """Serve until told to end; never returns. Says `{"event": "ready", "port", "pid"}` on `output` once it listens.

    Raises:
        ConfigurationError: the list of models cannot be read.
    """
    asyncio.run(_serve(options, output))
    # Not a normal end: threads may sit in native code, and tearing it down under them would crash.
    os._exit(0)


def _this_program() -> list[str]:
    """How the engine starts itself: as the executable that it is when PyInstaller made it, else with Python."""
    return [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "app.engine"]


async def _serve(options: ServerOptions, output: TextIO) -> None:
    registry = Registry(options.models_file, options.threads)
    program = PictureProgram([*_this_program(), "images", "--threads", str(options.threads)])
    application = make_application(registry, program, options.key)
    listening = _listen(options.port)  # by ourselves, so that nobody can take the port in between
    server = _Server(
        uvicorn.Config(
            application,
            log_config=None,
            access_log=False,
            lifespan="off",
            http="h11",
            ws="none",
            timeout_graceful_shutdown=round(GRACE_S),
        )
    )
    threading.Thread(target=_end_with_parent, args=(server,), daemon=True).start()
    ready: dict[str, Any] = {"event": "ready", "port": listening.getsockname()[1], "pid": os.getpid()}
    print(json.dumps(ready | ({"key": options.key} if options.tell_key else {})), file=output)
    unloading = asyncio.create_task(_unload_idle(registry, program, options.idle_s))
    try:
        await server.serve(sockets=[listening])
    finally:
        unloading.cancel()
        await program.aclose()


def _listen(port: int) -> socket.socket:
    listening = socket.socket()
    if os.name == "posix":
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    listening.listen(BACKLOG)
    return listening


async def _unload_idle(registry: Registry, program: PictureProgram, idle_s: float) -> None:
    while True:
        await asyncio.sleep(min(idle_s / 4, 30.0))
        registry.unload_idle(idle_s)
        await program.end_if_idle(idle_s)


def _end_with_parent(server: uvicorn.Server) -> None:
    """The parent holds the other end of our standard input: it closes however the parent ends, `kill -9` included."""
    while sys.stdin.buffer.read(1024):
        pass
    server.should_exit = True
    time.sleep(GRACE_S + 1)
    os._exit(0)

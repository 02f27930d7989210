"""The picture program seen from the engine: started when needed, ended when idle or when its result is not wanted."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path
from typing import Any

from app.engine.images.frames import Frame, receive_frame
from app.engine.openai_errors import ApiError

log = logging.getLogger(__name__)

PROJECT = Path(__file__).parents[3]
"""Where `app` is found; the engine may have been started from any folder."""


class PictureProgram:
    """One child process that answers one request at a time."""

    def __init__(self, command: Sequence[str], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._command = tuple(command)
        self._clock = clock
        self._process: asyncio.subprocess.Process | None = None
        self._lock = asyncio.Lock()
        self._used_at = clock()

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def ask(self, request: Frame) -> AsyncGenerator[Frame]:
        """Frames of one answer: progress, partial and image. Closed before the end, the program is killed.

        Raises:
            ApiError: the program refuses, or died.
        """
        async with self._lock:
            process = await self._started()
            answered = False
            try:
                async for frame in _answers(process, request):
                    answered = frame.header["event"] in ("done", "error")
                    if frame.header["event"] == "error":
                        raise _error(frame.header)
                    if not answered:
                        yield frame
                if not answered:
                    raise await _death(process)
            finally:
                self._used_at = self._clock()
                if not answered:
                    await self.aclose()

    async def aclose(self) -> None:
        """End the program in the middle of anything; the next request starts another one."""
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def end_if_idle(self, idle_s: float) -> None:
        """Give the memory back when nobody asked for `idle_s` seconds."""
        if self.running and not self._lock.locked() and self._clock() - self._used_at >= idle_s:
            log.info("the picture program was idle")
            await self.aclose()

    async def _started(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                *self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=PROJECT, **_without_console()
            )
        return self._process


async def _answers(process: asyncio.subprocess.Process, request: Frame) -> AsyncGenerator[Frame]:
    assert process.stdin is not None
    assert process.stdout is not None
    with contextlib.suppress(ConnectionError):  # a dead program is noticed when its answer ends
        process.stdin.write(request.encode())
        await process.stdin.drain()
    while (frame := await receive_frame(process.stdout)) is not None:
        yield frame
        if frame.header["event"] in ("done", "error"):
            return


def _error(header: dict[str, Any]) -> ApiError:
    return ApiError(header["status"], header["message"], code=header["code"], param=header["param"])


async def _death(process: asyncio.subprocess.Process) -> ApiError:
    """A native library that meets what it does not expect ends the whole process."""
    code = await process.wait()
    how = signal.Signals(-code).name if code < 0 else f"code {code}"
    message = (
        f"The model for pictures stopped unexpectedly ({how}). Its file may be damaged or of an unknown kind, or the "
        "memory may not have sufficed. Try a smaller picture or another model."
    )
    return ApiError(500, message, code="image_model_died", param="model")


def _without_console() -> dict[str, Any]:
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NO_WINDOW}
    return {}

"""EngineProcess: starts the built-in engine as a child, watches, restarts and ends it; knows no model.

The child prints one JSON line when it listens, ends when its standard input closes (so also when this program is
killed), and is restarted on the next request after a crash, with a growing pause between attempts. One that neither
answers nor works is ended.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from app.executables import engine_command, has_engine
from app.model.engine import EngineState, EngineStatus
from app.model.engine_errors import EngineHung, MemoryShort, ModelUnusable
from app.model.errors import (
    AnswerInterrupted,
    AppError,
    ConnectionFailed,
    EngineFailed,
    EngineOff,
    EngineUnavailable,
    ModelMissing,
)
from app.model.providers import BUILT_IN_ID, Dialect, Endpoint, ProxyMode, Timeouts
from app.services.engine.child import Child, end, kill, ready_port, spawn
from app.services.engine.crashes import Crashes
from app.services.engine.question import question
from app.services.engine.watch import EngineTiming, Watch

log = logging.getLogger(__name__)

ANSWER_IDLE_S = 180.0
"""Loading a large model and reading a long prompt happen before the first byte."""
LAST_WORDS_LINES = 12
LAST_WORDS_BYTES = 1 << 14
"""Read at most, since a child may write without end."""
KILLED = -9
LAST_MOMENTS_S = 1.0
"""A connection that broke may be noticed before the end of the child that broke it."""
_FAILURES: dict[str, type[EngineFailed]] = {
    "not_installed": ModelMissing,
    "model_file_missing": ModelUnusable,
    "model_file_broken": ModelUnusable,
    "image_model_died": ModelUnusable,
    "insufficient_memory": MemoryShort,
}
"""By the engine's error codes."""
_MEMORY_SIGNS = ("memory allocation", "cannot allocate memory", "bad_alloc", "out of memory")
"""In the last words of an engine that had too little."""
_USUAL = EngineTiming()


class EngineProcess:
    """One child process, started when first asked for.

    `models_file` tells the child which models there are; it is written by the model store. Standard error goes
    straight to `log_file`, fresh at each start: a pipe that nobody reads would block the child. Another `timing` holds
    from the next start. One that `is_off` is never started.
    """

    def __init__(
        self,
        models_file: Path,
        log_file: Path,
        *,
        command: Callable[[], Sequence[str]] | None = None,
        timing: EngineTiming = _USUAL,
        available: bool | None = None,
        is_off: bool = False,
    ) -> None:
        self._models_file = models_file
        self._log_file = log_file
        self._command = command or serve_command
        self.timing = timing
        self._is_off = is_off
        self._available = has_engine() if available is None else available
        self._process: Child | None = None
        self._endpoint: Endpoint | None = None
        self._lock = asyncio.Lock()
        self._crashes = Crashes(timing)
        self._started_at = float("-inf")
        self._starting = False
        self._watch: Watch | None = None
        self._silent_s = 0.0
        self._loop: asyncio.AbstractEventLoop

    @property
    def status(self) -> EngineStatus:
        """What the child does now; after a crash with its last words."""
        if self._is_off or not self._available:
            return EngineStatus(EngineState.OFF if self._is_off else EngineState.UNAVAILABLE)
        if self._starting:
            return EngineStatus(EngineState.STARTING)
        if self._is_alive():
            return EngineStatus(EngineState.READY)
        if self._crashes.in_a_row:
            return EngineStatus(EngineState.FAILED, self.last_words)
        return EngineStatus(EngineState.STOPPED)

    @property
    def last_words(self) -> str:
        """The end of what the child wrote to standard error; empty if nothing."""
        try:
            with self._log_file.open("rb") as log_file:
                size = log_file.seek(0, os.SEEK_END)
                log_file.seek(max(size - LAST_WORDS_BYTES, 0))
                words = log_file.read().decode("utf-8", "replace")
        except OSError:
            return ""
        return "\n".join(words.splitlines()[-LAST_WORDS_LINES:])

    async def endpoint(self) -> Endpoint:
        """Where the engine listens, started if it is not running.

        Raises:
            EngineUnavailable, EngineOff: this machine cannot run it, or it is not to run.
            EngineFailed: it did not start, or crashed too often a moment ago.
        """
        if self._is_off or not self._available:
            raise EngineOff if self._is_off else EngineUnavailable
        async with self._lock:
            if self._endpoint is None or not self._is_alive():
                self._note_crash()
                if self._crashes.refuse_another_start:
                    raise EngineFailed(self.last_words)
                await self._crashes.wait()
                await self._start()
            assert self._endpoint is not None
            return self._endpoint

    async def reload(self) -> None:
        """Let a running engine read its list of models again; a stopped one reads it when it starts."""
        if self._endpoint is not None and self._is_alive():
            await asyncio.to_thread(question, self._endpoint, "POST", "/engine/reload")

    async def loaded(self) -> tuple[str, ...]:
        """The ids of the models in the running engine's memory."""
        if self._endpoint is None or not self._is_alive():
            return ()
        answer = await asyncio.to_thread(question, self._endpoint, "GET", "/models")
        return tuple(model["id"] for model in answer.get("data", []) if model.get("loaded"))

    async def explained(self, endpoint: Endpoint, error: AppError) -> AppError:
        """A failure of a request to the engine in words that say what happened here; those of others as they are."""
        if endpoint.provider_id != BUILT_IN_ID:
            return error
        if error.code in _FAILURES:
            said = {"code": error.code, "model": error.arguments.get("model", "")}
            return _FAILURES[error.code](error.server_words, status=error.status, **said)
        if not isinstance(error, ConnectionFailed | AnswerInterrupted) or endpoint != self._endpoint:
            return error
        if self._silent_s:
            return EngineHung(seconds=f"{self._silent_s:.0f}")
        words = await self._how_it_ended() or error.server_words
        if any(sign in words.lower() for sign in _MEMORY_SIGNS):
            return MemoryShort(words, model=error.arguments.get("model", ""))
        return EngineFailed(words)

    async def restart(self) -> None:
        """End the child, and start another one at once, whatever was wrong before; raises as `endpoint` does."""
        await self.aclose()
        self._crashes.forget()
        await self.endpoint()

    async def aclose(self) -> None:
        """End the child: first by closing its input, then by force; at most three seconds."""
        child = self._forget_child()
        if child is not None:
            await end(child)

    def _is_alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    def _note_crash(self) -> None:
        """Count a child that is gone though nobody ended it."""
        if self._forget_child() is not None:
            lived_s = self.timing.clock() - self._started_at
            self._crashes.add(lived_s)
            log.warning("the engine ended unexpectedly after %.0f s", lived_s)

    async def _how_it_ended(self) -> str:
        """What is known of a child that does not answer; empty if it seems to be well."""
        if self._process is None:
            return self.last_words
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_MOMENTS_S):
                await self._process.wait()
        code = self._process.returncode
        if code is None:
            return ""
        if code == KILLED:
            return "The system ended it (SIGKILL), as it does when memory runs out."
        return self.last_words or f"exit code {code}"

    def _on_hung(self, process: Child, silent_s: float) -> None:
        """Called by the watching thread."""
        with contextlib.suppress(RuntimeError):  # the program ends at this moment, and the child with it
            self._loop.call_soon_threadsafe(self._end_hung, process, silent_s)

    def _end_hung(self, process: Child, silent_s: float) -> None:
        if process is self._process and self._is_alive():
            log.warning("the engine neither answered nor computed for %.0f s and is ended", silent_s)
            self._silent_s = silent_s
            kill(process)

    async def _start(self) -> None:
        key = secrets.token_urlsafe(32)
        self._starting, self._silent_s, self._loop = True, 0.0, asyncio.get_running_loop()
        try:
            self._process = await spawn([*self._command(), "--models", str(self._models_file)], key, self._log_file)
            self._started_at = self.timing.clock()
            port = await ready_port(self._process, self.timing.ready_within_s, lambda: self.last_words)
        except BaseException as error:
            child = self._forget_child()
            if child is not None:
                kill(child)
                await child.wait()
            self._available = not isinstance(error, EngineUnavailable)
            if isinstance(error, Exception):  # a start that was stopped by the user is no crash
                self._crashes.add()
            raise
        finally:
            self._starting = False
        self._endpoint = Endpoint(
            base_url=f"http://127.0.0.1:{port}/v1",
            key=key,
            provider_id=BUILT_IN_ID,
            proxy_mode=ProxyMode.NONE,
            timeouts=Timeouts(connect_s=5.0, idle_s=ANSWER_IDLE_S),
            dialect=Dialect.CHAT,
        )
        self._watch = Watch(self._process.pid, self._endpoint, self.timing)
        self._watch.start(partial(self._on_hung, self._process))

    def _forget_child(self) -> Child | None:
        if self._watch is not None:
            self._watch.end()
        process, self._process, self._endpoint, self._watch = self._process, None, None, None
        return process


def serve_command(idle_minutes: float | None = None) -> list[str]:
    """What starts the engine as a server that unloads its models after so long without use."""
    command = [*engine_command(), "serve"]
    return command if idle_minutes is None else [*command, "--idle-minutes", str(idle_minutes)]

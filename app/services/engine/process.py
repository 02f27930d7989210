"""EngineProcess: starts the built-in engine as a child, watches, restarts and ends it; knows no model.

The child prints one JSON line when it listens, ends when its standard input closes (so also when this program is
killed), and is restarted on the next request after a crash, with a growing pause between attempts. One that neither
answers nor works is ended.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import json
import logging
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from app.child_environment import child_environment
from app.executables import engine_command
from app.model.engine import EngineState, EngineStatus
from app.model.engine_errors import EngineHung, MemoryShort, ModelUnusable
from app.model.errors import AnswerInterrupted, AppError, ConnectionFailed, EngineFailed, EngineUnavailable
from app.model.providers import BUILT_IN_ID, Dialect, Endpoint, ProxyMode, Timeouts
from app.services.engine.question import question
from app.services.engine.watch import EngineTiming, Watch

log = logging.getLogger(__name__)

CALM_AFTER_S = 60.0
"""A child that lived this long is healthy again: the next crash starts counting from one."""
PAUSES_S = (0.0, 1.0, 4.0)
"""How long the next start waits after the first, second and third crash in a row."""
REFUSED_FOR_S = 15.0
"""After more crashes in a row a request within this time is refused, so that the user is told instead of waiting."""
ANSWER_IDLE_S = 180.0
"""Loading a large model and reading a long prompt happen before the first byte."""
NEVER_HERE = (3, 4)
"""Exit codes of the engine when the processor lacks what its native code needs, or there is none for this system."""
LAST_WORDS_LINES = 12
KILLED = -9
LAST_MOMENTS_S = 1.0
"""A connection that broke may be noticed before the end of the child that broke it."""
_FAILURES: dict[str, type[EngineFailed]] = {
    "model_file_missing": ModelUnusable,
    "model_file_broken": ModelUnusable,
    "image_model_died": ModelUnusable,
    "insufficient_memory": MemoryShort,
}
"""By the engine's error codes."""
_MEMORY_SIGNS = ("memory allocation", "cannot allocate memory", "bad_alloc", "out of memory")
"""In the last words of an engine that had too little."""
NATIVE_SETTINGS = {
    # OpenMP threads must sleep, not spin, while other programs work; they read this before `main` runs.
    "OMP_WAIT_POLICY": "PASSIVE",
    "GGML_NO_BACKTRACE": "1",
    "HF_HUB_OFFLINE": "1",
    "PYTHONIOENCODING": "utf-8",
}
PROGRAM_FOLDER = Path(__file__).resolve().parents[3]
"""The engine is imported from here, wherever the program was started."""


_USUAL = EngineTiming()


class EngineProcess:
    """One child process, started when first asked for.

    `models_file` tells the child which models there are; it is written by the model store. Standard error goes
    straight to `log_file`, fresh at each start: a pipe that nobody reads would block the child. Another `timing` holds
    from the next start.
    """

    def __init__(
        self,
        models_file: Path,
        log_file: Path,
        *,
        command: Callable[[], Sequence[str]] | None = None,
        timing: EngineTiming = _USUAL,
        available: bool | None = None,
    ) -> None:
        self._models_file = models_file
        self._log_file = log_file
        self._command = command or serve_command
        self.timing = timing
        self._clock = timing.clock
        self._available = importlib.util.find_spec("cyllama") is not None if available is None else available
        self._process: asyncio.subprocess.Process | None = None
        self._endpoint: Endpoint | None = None
        self._lock = asyncio.Lock()
        self._crashes = 0
        self._started_at = self._crashed_at = float("-inf")
        self._starting = False
        self._watch: Watch | None = None
        self._silent_s = 0.0
        self._loop: asyncio.AbstractEventLoop

    @property
    def status(self) -> EngineStatus:
        """What the child does now; after a crash with its last words."""
        if not self._available:
            return EngineStatus(EngineState.UNAVAILABLE)
        if self._starting:
            return EngineStatus(EngineState.STARTING)
        if self._is_alive():
            return EngineStatus(EngineState.READY)
        return EngineStatus(EngineState.FAILED, self.last_words) if self._crashes else EngineStatus(EngineState.STOPPED)

    @property
    def last_words(self) -> str:
        """The end of what the child wrote to standard error; empty if nothing."""
        try:
            lines = self._log_file.read_text("utf-8", "replace").splitlines()
        except OSError:
            return ""
        return "\n".join(lines[-LAST_WORDS_LINES:])

    async def endpoint(self) -> Endpoint:
        """Where the engine listens, started if it is not running.

        Raises:
            EngineUnavailable: this machine cannot run it.
            EngineFailed: it did not start, or crashed too often a moment ago.
        """
        if not self._available:
            raise EngineUnavailable
        async with self._lock:
            if self._endpoint is None or not self._is_alive():
                self._note_crash()
                await self._back_off()
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
        self._crashes = 0
        await self.endpoint()

    async def aclose(self) -> None:
        """End the child: first by closing its input, then by force; at most three seconds."""
        process = self._forget_child()
        if process is None:
            return
        with contextlib.suppress(OSError):
            if process.stdin is not None:
                process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), 2.0)
        except TimeoutError:
            _kill(process)
            await process.wait()

    def _is_alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    def _note_crash(self) -> None:
        """Count a child that is gone though nobody ended it."""
        now = self._clock()
        if self._forget_child() is not None:
            lived = now - self._started_at
            self._crashes = 1 if lived > CALM_AFTER_S else self._crashes + 1
            self._crashed_at = now
            log.warning("the engine ended unexpectedly after %.0f s", lived)

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

    def _on_hung(self, process: asyncio.subprocess.Process, silent_s: float) -> None:
        """Called by the watching thread."""
        with contextlib.suppress(RuntimeError):  # the program ends at this moment, and the child with it
            self._loop.call_soon_threadsafe(self._end_hung, process, silent_s)

    def _end_hung(self, process: asyncio.subprocess.Process, silent_s: float) -> None:
        if process is self._process and self._is_alive():
            log.warning("the engine neither answered nor computed for %.0f s and is ended", silent_s)
            self._silent_s = silent_s
            _kill(process)

    async def _back_off(self) -> None:
        if self._crashes > len(PAUSES_S):
            if self._clock() - self._crashed_at < REFUSED_FOR_S:
                raise EngineFailed(self.last_words)
        elif self._crashes:
            await self.timing.sleep(PAUSES_S[self._crashes - 1])

    async def _start(self) -> None:
        key = secrets.token_urlsafe(32)
        self._starting, self._silent_s, self._loop = True, 0.0, asyncio.get_running_loop()
        try:
            self._process = await self._spawn(key)
            self._started_at = self._clock()
            port = await self._wait_until_ready(self._process)
        except BaseException as error:
            await self._end_child()
            if isinstance(error, Exception):  # a start that was stopped by the user is no crash
                self._crashes += 1
                self._crashed_at = self._clock()
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

    async def _spawn(self, key: str) -> asyncio.subprocess.Process:
        command = [*self._command(), "--models", str(self._models_file)]
        try:
            with self._log_file.open("wb") as errors:
                process = await asyncio.create_subprocess_exec(
                    *command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    env=child_environment(ENGINE_API_KEY=key, **NATIVE_SETTINGS),
                    cwd=PROGRAM_FOLDER,
                    **_detached(),
                )
        except OSError as error:
            raise EngineFailed(str(error)) from error
        _lower_priority(process.pid)
        return process

    async def _wait_until_ready(self, process: asyncio.subprocess.Process) -> int:
        """Read the ready line; what the child says instead becomes the error's words."""
        assert process.stdout is not None
        try:
            line = await asyncio.wait_for(process.stdout.readline(), self.timing.ready_within_s)
        except TimeoutError:
            raise EngineFailed(f"not ready after {self.timing.ready_within_s:.0f} s\n{self.last_words}") from None
        told = _told(line)
        if "port" in told:
            return int(told["port"])
        code = await process.wait()
        words = str(told.get("message") or self.last_words or f"exit code {code}")
        if code in NEVER_HERE:
            self._available = False
            raise EngineUnavailable(words)
        raise EngineFailed(words)

    async def _end_child(self) -> None:
        process = self._forget_child()
        if process is not None and process.returncode is None:
            _kill(process)
            await process.wait()

    def _forget_child(self) -> asyncio.subprocess.Process | None:
        if self._watch is not None:
            self._watch.end()
        process, self._process, self._endpoint, self._watch = self._process, None, None, None
        return process


def serve_command(idle_minutes: float | None = None) -> list[str]:
    """What starts the engine as a server that unloads its models after so long without use."""
    command = [*engine_command(), "serve"]
    return command if idle_minutes is None else [*command, "--idle-minutes", str(idle_minutes)]


def _told(line: bytes) -> dict[str, Any]:
    """What the engine says in its first line; nothing if that is not the engine's."""
    try:
        told = json.loads(line)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _detached() -> dict[str, Any]:
    """Ctrl-C in the terminal and console windows stay away from the child."""
    if sys.platform == "win32":
        flags = (
            subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.BELOW_NORMAL_PRIORITY_CLASS
        )
        return {"creationflags": flags}
    return {"start_new_session": True}


def _lower_priority(process_id: int) -> None:
    """The window stays smooth while the engine computes (on Windows the creation flag does it)."""
    if sys.platform != "win32":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, process_id, 5)


def _kill(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()

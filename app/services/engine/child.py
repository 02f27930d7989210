"""The engine's child process as the system sees it: how it is begun, says that it is ready, and is ended."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from app.child_environment import child_environment
from app.model.errors import EngineFailed, EngineUnavailable

type Child = asyncio.subprocess.Process

NEVER_HERE = (3, 4)
"""Exit codes of the engine when the processor lacks what its native code needs, or there is none for this system."""
NATIVE_SETTINGS = {
    # OpenMP threads must sleep, not spin, while other programs work; they read this before `main` runs.
    "OMP_WAIT_POLICY": "PASSIVE",
    "GGML_NO_BACKTRACE": "1",
    "HF_HUB_OFFLINE": "1",
    "PYTHONIOENCODING": "utf-8",
}
PROGRAM_FOLDER = Path(__file__).resolve().parents[3]
"""The engine is imported from here, wherever the program was started."""
ENDS_WITHIN_S = 2.0


async def spawn(command: Sequence[str], key: str, log_file: Path) -> Child:
    """Start the child; it takes `key` from its environment.

    Raises:
        EngineFailed: the program or the log file cannot be opened.
    """
    try:
        with log_file.open("wb") as errors:
            child = await asyncio.create_subprocess_exec(
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
    _lower_priority(child.pid)
    return child


async def ready_port(child: Child, within_s: float, last_words: Callable[[], str]) -> int:
    """Read the ready line; what the child says instead becomes the error's words.

    Raises:
        EngineUnavailable: this machine cannot run it.
        EngineFailed: it ended, or said nothing for so long.
    """
    assert child.stdout is not None
    try:
        line = await asyncio.wait_for(child.stdout.readline(), within_s)
    except TimeoutError:
        raise EngineFailed(f"not ready after {within_s:.0f} s\n{last_words()}") from None
    told = _told(line)
    if "port" in told:
        return int(told["port"])
    code = await child.wait()
    words = str(told.get("message") or last_words() or f"exit code {code}")
    raise (EngineUnavailable if code in NEVER_HERE else EngineFailed)(words)


async def end(child: Child) -> None:
    """End it by closing its input, then by force; at most three seconds."""
    with contextlib.suppress(OSError):
        if child.stdin is not None:
            child.stdin.close()
    try:
        await asyncio.wait_for(child.wait(), ENDS_WITHIN_S)
    except TimeoutError:
        kill(child)
        await child.wait()


def kill(child: Child) -> None:
    """End it at once; does not wait."""
    with contextlib.suppress(ProcessLookupError):
        child.kill()


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

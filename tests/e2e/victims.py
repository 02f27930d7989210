"""The side of the test: starts a program of `killed.py`, listens to it, kills it, and sees what is left of it."""

from __future__ import annotations

import json
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import psutil

from tests.profiles import ROOT

PATIENCE_S = 40.0
"""For a start, an import of native libraries and a model's loading on a busy machine."""
CHILDREN_END_WITHIN_S = 6.0


class Victim:
    """One program; whatever happens, it and its children are gone when the `with` ends."""

    def __init__(self, state: str, profile: Path) -> None:
        self._words = (profile / "victim.txt").open("w+")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.killed", state, str(profile)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=self._words,
            text=True,
        )
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._listener = threading.Thread(target=self._listen)
        self._listener.start()
        self._children: list[psutil.Process] = []
        self.facts: list[dict[str, Any]] = []
        """All it told so far."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self.kill()
        for child in self._children:
            if child.is_running():
                child.kill()
        self._words.close()

    def until(self, happened: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        """Listen until something that it tells is so."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            assert time.monotonic() < deadline, f"that did not happen; it told last: {self.facts[-1]}"
            line = self._lines.get(timeout=PATIENCE_S)
            if line is None:
                self._words.seek(0)
                raise AssertionError(f"it ended by itself:\n{self._words.read()}")
            self.facts.append(json.loads(line))
            if happened(self.facts[-1]):
                return self.facts[-1]

    def children(self) -> list[psutil.Process]:
        """The processes below it, such as the engine."""
        return psutil.Process(self._process.pid).children(recursive=True)

    def kill(self) -> float:
        """End it with `kill -9`; the moment, by `time.monotonic`."""
        self._children = self.children()
        killed_at = time.monotonic()
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        self._listener.join()
        while (line := self._lines.get()) is not None:
            self.facts.append(json.loads(line))
        return killed_at

    def told_by(self, moment: float) -> dict[str, Any]:
        """The last that it told until this moment."""
        return [fact for fact in self.facts if fact["at"] <= moment][-1]

    def assert_no_child_is_left(self) -> None:
        _, alive = psutil.wait_procs(self._children, timeout=CHILDREN_END_WITHIN_S)
        assert not alive, f"still there: {[child.cmdline() for child in alive]}"

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.endswith("\n"):  # else it was killed in the middle of a word
                self._lines.put(line)
        self._process.stdout.close()
        self._lines.put(None)

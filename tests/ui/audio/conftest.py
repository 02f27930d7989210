"""The Audio tab over a whole worker: real history, settings and API service, fakes for sound library and server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.model.errors import AppError
from app.paths import Paths
from app.ui import ask
from app.ui.audio.tab import AudioTab
from tests.fakes.audio import FakeSoundLibrary
from tests.fakes.audio_desk import BUILT_IN, Desk, audio_desk
from tests.fakes.media import chirps, write_sound
from tests.fakes.openai_server import FakeOpenAI

type RunAsync = Callable[[Coroutine[Any, Any, Any]], Any]


@pytest.fixture
def library() -> FakeSoundLibrary:
    return FakeSoundLibrary()


@pytest.fixture
def server() -> Iterator[FakeOpenAI]:
    with FakeOpenAI() as running:
        running.engine_events = True
        yield running


@pytest.fixture
def at(run_async: RunAsync, paths: Paths, library: FakeSoundLibrary, server: FakeOpenAI) -> Iterator[Desk]:
    """What is behind the tab."""
    opened = audio_desk(paths, library, server)
    yield run_async(opened.__aenter__())
    run_async(opened.__aexit__(None, None, None))


@pytest.fixture
def tab(at: Desk, qtbot: QtBot, run_async: RunAsync) -> Iterator[AudioTab]:
    """The tab, on show and loaded, with the built-in speech model chosen."""
    shown = AudioTab(at.worker, at.leave_out)
    qtbot.addWidget(shown)
    shown.resize(1100, 720)
    shown.set_model(BUILT_IN)
    with qtbot.waitSignal(shown.actions_on_queue.loaded):
        shown.show()
    qtbot.waitUntil(lambda: shown.recorder_bar.device_picker.count() > 1)
    yield shown
    run_async(shown.aclose())
    shown.hide()
    ask.answers.clear()


@pytest.fixture
def failures(tab: AudioTab) -> list[tuple[AppError, Any]]:
    """What the tab would show as notices, each with its Try again."""
    seen: list[tuple[AppError, Any]] = []
    tab.failed.connect(lambda error, retry: seen.append((error, retry)))
    return seen


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """Four seconds that can be heard."""
    return write_sound(tmp_path / "Talk.mp3", chirps(4))


@pytest.fixture
def clipboard(qapp: QApplication) -> Any:
    board = QApplication.clipboard()
    board.clear()
    return board


@pytest.fixture(autouse=True)
def _needs_loop(loop: asyncio.AbstractEventLoop) -> None:
    """Jobs need a running loop, also in the smallest widget test."""

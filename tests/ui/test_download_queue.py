"""Models are fetched one after the other; how long the rest takes is told once that can be judged."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.model.engine import DownloadProgress
from app.model.errors import AppError
from app.paths import Paths
from app.ui.download_queue import DownloadQueue
from tests.fakes.model_sources import FileServer, file_server
from tests.workers.modelling import SIZES, Modelling

type RunAsync = Callable[[Coroutine[Any, Any, Any]], Any]


@pytest.fixture
def files() -> Iterator[FileServer]:
    with file_server() as running:
        yield running


@pytest.fixture
def queue(
    qtbot: QtBot, loop: asyncio.AbstractEventLoop, run_async: RunAsync, paths: Paths, files: FileServer
) -> Iterator[DownloadQueue]:
    """Each look at its clock is a second later."""
    made = DownloadQueue(Modelling(paths, files).worker, clock=itertools.count(0.0).__next__)
    yield made
    run_async(made.aclose())


def test_the_rest_is_told_as_it_goes_on(queue: DownloadQueue, qtbot: QtBot) -> None:
    told: list[tuple[DownloadProgress, float | None]] = []
    queue.progressed.connect(lambda step: told.append((step, queue.left_s(step.done_bytes, step.total_bytes))))
    assert queue.left_s(0, 1000) is None
    with qtbot.waitSignal(queue.installed):
        queue.add(["small-chat"])
    left = [seconds for _, seconds in told if seconds is not None]
    assert left, "it is known before the end"
    assert left[-1] < left[0]
    assert [step.step for step, _ in told][-1] == "check"
    assert told[-1][0].done_bytes == SIZES["small-chat"]


def test_one_that_fails_does_not_hold_up_the_next(queue: DownloadQueue, qtbot: QtBot, files: FileServer) -> None:
    failed: list[tuple[str, AppError]] = []
    queue.failed.connect(lambda model_id, error: failed.append((model_id, error)))
    del files.files["/small-chat"]
    with qtbot.waitSignal(queue.installed) as installed:
        queue.add(["small-chat", "small-ears", "small-ears"])
        assert queue.holds("small-ears")
    assert installed.args == ["small-ears"]
    assert [model_id for model_id, _ in failed] == ["small-chat"]

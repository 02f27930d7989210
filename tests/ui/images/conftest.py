"""The Images tab over scripted workers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.model.providers import ModelReference
from app.ui import ask
from app.ui.images.tab import ImagesTab
from app.ui.images.thumbnails import ThumbnailLoader
from tests.ui.images.scripted import REMOTE, ScriptedMaker, ShelfKeeper

type Open = Callable[..., ImagesTab]
type RunAsync = Callable[[Coroutine[Any, Any, Any]], Any]


@pytest.fixture(autouse=True)
def _nothing_left_over(qapp: QApplication) -> Iterator[None]:
    """No answer for the next test, and no data of Python's on the clipboard, which Qt would delete too late."""
    yield
    ask.answers.clear()
    QGuiApplication.clipboard().clear()


@pytest.fixture
def maker() -> ScriptedMaker:
    return ScriptedMaker()


@pytest.fixture
def keeper(tmp_path: Path) -> ShelfKeeper:
    folder = tmp_path / "pictures"
    folder.mkdir()
    return ShelfKeeper(folder)


@pytest.fixture
def thumbnails(qapp: QApplication, run_async: RunAsync, keeper: ShelfKeeper) -> Iterator[ThumbnailLoader]:
    loader = ThumbnailLoader(keeper.thumbnail)
    yield loader
    run_async(loader.aclose())


@pytest.fixture
def open_tab(
    qtbot: QtBot, loop: asyncio.AbstractEventLoop, run_async: RunAsync, maker: ScriptedMaker, keeper: ShelfKeeper
) -> Iterator[Open]:
    """Show the tab with a model chosen, once its gallery is loaded; it is closed after the test."""
    opened: list[ImagesTab] = []

    def open_it(model: ModelReference | None = REMOTE) -> ImagesTab:
        tab = ImagesTab(maker, keeper, maker.leave_out)
        qtbot.addWidget(tab)
        opened.append(tab)
        tab.resize(1100, 700)
        tab.set_model(model)
        with qtbot.waitSignal(tab.pane.loaded):
            tab.show()
        tab.activateWindow()
        qtbot.waitUntil(tab.isActiveWindow)
        return tab

    yield open_it
    for tab in opened:
        run_async(tab.aclose())
        tab.hide()

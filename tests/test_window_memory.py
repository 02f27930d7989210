"""The window's state is kept while it is used, not only when it closes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.model.settings import WindowState
from app.services.settings import SettingsStore
from app.ui.chat.columns import Columns
from app.ui.window import MainWindow
from app.window_memory import WindowMemory
from tests.ui.dummy_tab import places


@pytest.fixture
def settings(tmp_path: Path) -> SettingsStore:
    return SettingsStore(tmp_path / "settings.json")


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    made = MainWindow(places())
    qtbot.addWidget(made)
    made.show()
    yield made
    made.hide()


@pytest.fixture
def columns(qtbot: QtBot, window: MainWindow, settings: SettingsStore) -> Columns:
    made = Columns()
    qtbot.addWidget(made)
    WindowMemory(window, made, settings)
    return made


def test_what_is_moved_shown_or_hidden_is_noted_without_closing(
    qtbot: QtBot, window: MainWindow, columns: Columns, settings: SettingsStore
) -> None:
    noted: list[WindowState] = []
    settings.subscribe(lambda value: noted.append(value.window))
    window.resize(770, 560)
    qtbot.waitUntil(lambda: bool(noted))
    window.tabs.show_tab("audio")
    qtbot.waitUntil(lambda: noted[-1].tab == "audio")
    columns.sidebar_button.click()
    columns.parameters_button.click()
    qtbot.waitUntil(lambda: (noted[-1].shows_conversations, noted[-1].shows_parameters) == (False, True))
    assert noted[0].geometry
    assert noted[0].shows_conversations


def test_moving_all_the_time_is_noted_now_and_then(
    qtbot: QtBot, window: MainWindow, columns: Columns, settings: SettingsStore
) -> None:
    noted: list[WindowState] = []
    settings.subscribe(lambda value: noted.append(value.window))
    steps = iter(range(10_000))

    def moved_until_noted() -> bool:
        window.resize(760 + next(steps) % 20, 540)
        return bool(noted)

    qtbot.waitUntil(moved_until_noted)
    assert len(noted) == 1
    assert next(steps) > 2, "not at every step"


def test_nothing_new_is_not_written(
    qtbot: QtBot, window: MainWindow, columns: Columns, settings: SettingsStore
) -> None:
    memory = WindowMemory(window, columns, settings)
    memory.keep()
    settings.save_now()
    before = (settings.value, settings._file._look())
    memory.keep()
    settings.save_now()
    assert (settings.value, settings._file._look()) == before

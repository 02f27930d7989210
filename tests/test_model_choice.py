"""Which model each tab uses, the lists in the picker, and what is told of what is missing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.assembly import Assembly
from app.model.errors import NoModelChosen
from app.model.providers import BUILT_IN_ID, ModelReference
from app.model.settings import WindowState
from app.model_choice import ModelChoice
from app.paths import Paths
from app.services.history.store import History
from app.services.settings import SettingsStore
from app.ui.window import MainWindow
from tests.fakes.openai_server import FakeOpenAI
from tests.profiles import PROVIDER, connect
from tests.ui.dummy_tab import DummyTab, places

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)  # popups on the offscreen platform

type RunAsync = Callable[[Coroutine[Any, Any, Any]], Any]

SEES = ModelReference(PROVIDER, "gpt-4o")
DRAWS = ModelReference(PROVIDER, "gpt-image-1")


@dataclass
class Choosing:
    """A window with tabs that remember, and the choice of models for it."""

    window: MainWindow
    settings: SettingsStore
    choice: ModelChoice

    def tab(self, tab_id: str) -> DummyTab:
        tab = self.window.tabs.tab(tab_id)
        assert isinstance(tab, DummyTab)
        return tab

    @property
    def told(self) -> list[str]:
        """The kinds of the notices on show."""
        return sorted(card.notice.kind for card in self.window.notices.cards)


@pytest.fixture
def server() -> Iterator[FakeOpenAI]:
    with FakeOpenAI() as running:
        running.models = ["gpt-4o", "gpt-image-1", "whisper-1"]
        yield running


@pytest.fixture
def choosing(
    qtbot: QtBot, loop: asyncio.AbstractEventLoop, run_async: RunAsync, paths: Paths
) -> Iterator[Callable[[], Choosing]]:
    """Put the window and the choice together on the test's profile; taken apart after the test."""
    made: list[tuple[Choosing, Assembly]] = []

    def put_together() -> Choosing:
        settings = SettingsStore(paths.settings_file)
        settings.read()
        assembly = Assembly(paths, settings, run_async(History.open_temporary(paths)))
        window = MainWindow(places())
        qtbot.addWidget(window)
        choice = ModelChoice(window, assembly)
        window.restore(WindowState())
        window.show()
        made.append((Choosing(window, settings, choice), assembly))
        return made[-1][0]

    yield put_together
    for each, assembly in made:
        run_async(each.choice.aclose())
        run_async(assembly.aclose())
        each.window.hide()


def test_a_choice_holds_for_the_tab_it_was_made_for(
    choosing: Callable[[], Choosing], paths: Paths, server: FakeOpenAI
) -> None:
    connect(paths, server.base_url)
    made = choosing()
    made.window.picker.chosen.emit(SEES)
    assert made.settings.value.chosen.chat == SEES
    images = made.tab("images")  # built, but not in front
    images.model_chosen.emit(DRAWS)
    assert (made.settings.value.chosen.chat, made.settings.value.chosen.image) == (SEES, DRAWS)
    assert made.settings.value.chosen.recent == (DRAWS, SEES)


def test_lists_arrive_in_the_picker(
    choosing: Callable[[], Choosing], qtbot: QtBot, paths: Paths, server: FakeOpenAI
) -> None:
    connect(paths, server.base_url)
    made = choosing()
    made.choice.refresh()
    made.window.picker.open()
    rows = made.window.picker.popup.rows
    qtbot.waitUntil(lambda: "gpt-4o" in [rows.index(row, 0).data() for row in range(rows.rowCount())])
    made.window.picker.popup.close()
    made.choice.choose(ModelReference(made.settings.value.providers[0].id, "gpt-4o"), "chat")
    assert "environment" not in [card.notice.kind for card in made.window.notices.cards], "nothing is left to be said"


def test_a_tab_without_a_choice_gets_nothing_as_long_as_there_is_nothing(choosing: Callable[[], Choosing]) -> None:
    made = choosing()
    made.choice.show()
    assert made.tab("chat").models[-1] is None


def test_a_choice_whose_provider_was_removed_is_not_used(choosing: Callable[[], Choosing], paths: Paths) -> None:
    connect(paths, "http://127.0.0.1:1/v1")
    made = choosing()
    made.choice.show()
    assert made.tab("chat").models[-1] == SEES
    made.settings.update(lambda settings: replace(settings, providers=()))
    made.choice.show()
    assert made.tab("chat").models[-1] is None


def test_that_nothing_could_be_asked_is_forgotten_once_a_model_is_there(
    choosing: Callable[[], Choosing], qtbot: QtBot, paths: Paths
) -> None:
    made = choosing()
    made.window.notices.show_error(NoModelChosen())
    _refresh(made, qtbot)
    assert made.told == ["NoModelChosen"]
    own = paths.models / "mine.gguf"
    own.touch()
    entry = {"id": "mine", "kind": "chat", "name": "Mine", "path": str(own)}
    (paths.models / "own.json").write_text(json.dumps({"models": [entry]}))
    _refresh(made, qtbot)
    assert made.told == []


def test_the_key_of_the_environment_is_offered_and_used(
    choosing: Callable[[], Choosing], qtbot: QtBot, server: FakeOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.key = "sk-environment-0123456789"
    monkeypatch.setenv("OPENAI_API_KEY", server.key)
    monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
    made = choosing()
    made.choice.refresh()
    qtbot.waitUntil(lambda: "environment" in made.told)
    card = next(card for card in made.window.notices.cards if card.notice.kind == "environment")
    assert server.base_url in card.notice.title
    card.action_buttons[0].click()
    qtbot.waitUntil(lambda: [asked.key for asked in server.requests if asked.path == "/v1/models"] == [server.key])
    assert [provider.base_url for provider in made.settings.value.providers] == [server.base_url]
    assert made.settings.value.providers[0].id != BUILT_IN_ID
    card = next(card for card in made.window.notices.cards if card.notice.kind == "environment")
    assert card.notice.title == f"{made.settings.value.providers[0].name} is connected"
    card.action_buttons[0].click()
    qtbot.waitUntil(made.window.picker.popup.isVisible)
    made.window.picker.popup.close()


def _refresh(made: Choosing, qtbot: QtBot) -> None:
    with qtbot.waitSignal(made.choice._refreshing.ended):
        made.choice.refresh()

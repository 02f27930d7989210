"""Each tab without a model has a card that fetches what it needs, from a server on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, replace
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from app.assembly import Assembly
from app.model.providers import BUILT_IN_ID, ModelReference
from app.model.settings import WindowState
from app.model_choice import ModelChoice
from app.model_offers import ModelOffers
from app.paths import Paths
from app.services.history.store import History
from app.services.settings import SettingsStore
from app.ui.model_card import ModelCard
from app.ui.window import MainWindow
from tests.fakes.model_sources import FileServer, file_server
from tests.profiles import connect
from tests.ui.dummy_tab import DummyTab, places
from tests.workers.modelling import SIZES, offered

type RunAsync = Callable[[Coroutine[Any, Any, Any]], Any]


@dataclass
class Offering:
    window: MainWindow
    offers: ModelOffers
    choice: ModelChoice
    settings: SettingsStore
    paths: Paths
    qtbot: QtBot

    @property
    def chat(self) -> ModelCard:
        return self.offers.cards["chat"]

    @property
    def audio(self) -> ModelCard:
        return self.offers.cards["audio"]

    def until(self, condition: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(condition()))

    def click(self, button: QPushButton) -> None:
        assert button.isVisible(), button.objectName()
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def tab(self, tab_id: str) -> DummyTab:
        tab = self.window.tabs.tab(tab_id)
        assert isinstance(tab, DummyTab)
        return tab

    def is_offered(self, tab_id: str) -> bool:
        return not self.offers.cards[tab_id].isHidden()


@pytest.fixture
def files() -> Iterator[FileServer]:
    with file_server() as running:
        yield running


@pytest.fixture
def offer(
    qtbot: QtBot, loop: asyncio.AbstractEventLoop, run_async: RunAsync, paths: Paths, files: FileServer
) -> Iterator[Callable[[], Offering]]:
    """Put the window and the offers together on the test's profile; taken apart after the test."""
    made: list[tuple[Offering, Assembly]] = []

    def put_together() -> Offering:
        settings = SettingsStore(paths.settings_file)
        settings.read()
        catalogue = paths.data / "catalogue.json"
        catalogue.write_bytes(msgspec.json.encode(offered(files)))
        assembly = Assembly(paths, settings, run_async(History.open_temporary(paths)), catalogue)
        window = MainWindow(places())
        qtbot.addWidget(window)
        choice = ModelChoice(window, assembly)
        offers = ModelOffers(window, assembly, choice)
        window.restore(WindowState())
        window.show()
        offers.look()
        with qtbot.waitSignal(choice._refreshing.ended):
            choice.refresh()
        made.append((Offering(window, offers, choice, settings, paths, qtbot), assembly))
        return made[-1][0]

    yield put_together
    for each, assembly in made:
        run_async(each.offers.aclose())
        run_async(each.choice.aclose())
        run_async(assembly.aclose())
        each.window.hide()


def test_a_tab_without_a_model_offers_one(offer: Callable[[], Offering]) -> None:
    made = offer()
    made.until(lambda: made.is_offered("chat") and made.is_offered("audio"))
    assert not made.is_offered("images"), "nothing is to be had for it"
    assert made.chat.download_button.text() == "Download (3 MB)"
    assert made.chat.all_button.text() == "Download for all tabs (5 MB)"
    assert made.chat.isVisible()
    with made.qtbot.waitSignal(made.window.settings_requested) as asked:
        made.click(made.chat.connect_button)
    assert asked.args == ["providers"]


def test_what_is_fetched_is_used_at_once(offer: Callable[[], Offering]) -> None:
    made = offer()
    made.until(lambda: made.is_offered("chat"))
    made.click(made.chat.download_button)
    made.until(lambda: not made.is_offered("chat"))
    assert (made.paths.models / "small-chat.gguf").stat().st_size == SIZES["small-chat"]
    made.until(lambda: made.tab("chat").models[-1] == ModelReference(BUILT_IN_ID, "small-chat"))
    assert made.is_offered("audio"), "it has its own"


def test_when_all_is_here_the_keyboard_is_where_the_user_will_type(offer: Callable[[], Offering]) -> None:
    made = offer()
    made.until(lambda: made.is_offered("chat"))
    field = made.tab("chat").field
    field.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # so that it is not just the next in the row
    made.click(made.chat.download_button)
    made.until(lambda: not made.is_offered("chat"))
    assert made.window.focusWidget() is field


def test_everything_is_fetched_one_after_the_other(offer: Callable[[], Offering], files: FileServer) -> None:
    files.flows.clear()
    made = offer()
    made.until(lambda: made.is_offered("chat"))
    made.click(made.chat.all_button)
    made.until(lambda: made.audio.progress_label.text() == "Waiting for its turn")
    made.until(lambda: made.chat.progress_bar.value() > 0)
    files.flows.set()
    made.until(lambda: not made.is_offered("chat") and not made.is_offered("audio"))


def test_pause_keeps_what_is_here_and_cancel_does_not(offer: Callable[[], Offering], files: FileServer) -> None:
    files.flows.clear()
    made = offer()
    made.until(lambda: made.is_offered("chat"))
    made.click(made.chat.download_button)
    made.until(lambda: made.chat.progress_bar.value() > 0)
    made.click(made.chat.pause_button)
    made.until(lambda: made.chat.download_button.text() == "Resume")
    assert "B of 3 MB" in made.chat.progress_label.text()
    partial = made.paths.models / ".partial" / "small-chat"
    assert partial.is_dir()
    made.click(made.chat.download_button)
    made.until(lambda: made.chat.cancel_button.text() == "Cancel" and made.chat.cancel_button.isVisible())
    made.click(made.chat.cancel_button)
    made.until(lambda: not partial.exists())
    made.until(lambda: made.chat.download_button.text() == "Download (3 MB)")


def test_what_was_left_by_another_session_is_gone_on_with(offer: Callable[[], Offering], paths: Paths) -> None:
    partial = paths.models / ".partial" / "small-chat"
    partial.mkdir(parents=True)
    (partial / "small-chat.gguf.partial").write_bytes(b"small-chat" * 100_000)
    made = offer()
    made.until(lambda: made.is_offered("chat"))
    assert made.chat.download_button.text() == "Resume"
    assert made.chat.progress_label.text() == "1 MB of 3 MB"
    made.click(made.chat.cancel_button)
    made.until(lambda: made.chat.download_button.text() == "Download (3 MB)")
    assert not partial.exists()


def test_a_failure_is_told_on_the_card_and_tried_again(offer: Callable[[], Offering], files: FileServer) -> None:
    files.break_after = 1_500_000
    made = offer()
    made.until(lambda: made.is_offered("chat"))
    made.click(made.chat.download_button)
    made.until(lambda: made.chat.download_button.text() == "Try again")
    assert made.chat.title_label.text() == "The download of the model broke off"
    host = files.url.removeprefix("http://")
    said = f"The connection to {host} ended; what arrived is kept. Try again; it goes on from there."
    assert made.chat.text_label.text() == said, "and nothing technical"
    made.click(made.chat.copy_button)
    assert f"{host}: peer closed connection" in QGuiApplication.clipboard().text()
    assert not made.window.notices.cards, "it is said where it happened, once"
    made.click(made.chat.download_button)
    made.until(lambda: not made.is_offered("chat"))
    assert files.requests[-1] == ("/small-chat", "bytes=1500000-")


def test_a_closed_card_stays_away(offer: Callable[[], Offering]) -> None:
    made = offer()
    made.until(lambda: made.is_offered("chat"))
    QTest.mouseClick(made.chat.close_button, Qt.MouseButton.LeftButton)
    assert not made.is_offered("chat")
    made.choice.refresh()
    made.until(lambda: not made.choice._refreshing.running)
    assert not made.is_offered("chat")


def test_whoever_uses_a_provider_is_not_asked(offer: Callable[[], Offering], paths: Paths) -> None:
    connect(paths, "http://127.0.0.1:1/v1")
    made = offer()
    made.until(lambda: not made.offers._errands.busy)
    assert not any(map(made.is_offered, made.offers.cards))
    made.settings.update(lambda settings: replace(settings, providers=()))
    made.choice.show()
    made.until(lambda: made.is_offered("chat"))


def test_models_inside_need_no_card(offer: Callable[[], Offering], paths: Paths, files: FileServer) -> None:
    offered(files)
    for model_id in ("small-chat", "small-ears"):
        (paths.models / f"{model_id}.gguf").write_bytes(files.files[f"/{model_id}"])
    made = offer()
    made.until(lambda: not made.offers._errands.busy)
    assert not any(map(made.is_offered, made.offers.cards))

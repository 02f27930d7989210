"""The card that offers what a tab needs: what it says and which buttons it has, in each stage."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.model.providers import Capability
from app.ui.model_card import ModelCard, ModelOffer, Stage

OFFER = ModelOffer(Stage.OFFERED, ("Small Ears", "Silence"), 0, 148_000_000, all_bytes=650_000_000)


@pytest.fixture
def page(qtbot: QtBot) -> Iterator[QWidget]:
    made = QWidget()
    qtbot.addWidget(made)
    QVBoxLayout(made)
    made.resize(900, 700)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    made.hide()


@pytest.fixture
def card(page: QWidget) -> ModelCard:
    made = ModelCard(Capability.TRANSCRIPTION)
    layout = page.layout()
    assert layout is not None
    layout.addWidget(made)
    made.show_offer(OFFER)
    return made


def _buttons(card: ModelCard) -> list[str]:
    found = card.findChildren(QPushButton)
    shown = [button for button in found if button.isVisible()]
    return [button.text() for button in sorted(shown, key=lambda button: button.mapTo(card, button.pos()).x())]


def test_the_offer_says_what_is_needed_and_how_large_it_is(card: ModelCard) -> None:
    assert card.title_label.text() == "Turn speech into text on this computer"
    assert "Small Ears, Silence" in card.text_label.text()
    assert _buttons(card) == ["Download (148 MB)", "Connect a provider", "Download for all tabs (650 MB)"]
    assert not card.progress_bar.isVisible()
    assert card.accessibleName() == card.title_label.text()


def test_what_no_other_tab_needs_is_not_offered_for_all(card: ModelCard) -> None:
    card.show_offer(replace(OFFER, all_bytes=OFFER.total_bytes))
    assert not card.all_button.isVisible()


@pytest.mark.parametrize(
    ("left_s", "words"),
    [
        (None, ""),
        (20.0, " · less than a minute left"),
        (70.0, " · about 1 minute(s) left"),
        (600.0, " · about 10 minute(s) left"),
        (4 * 3600.0, " · about 4 hour(s) left"),
    ],
)
def test_progress_tells_how_much_and_how_long(card: ModelCard, left_s: float | None, words: str) -> None:
    card.show_offer(replace(OFFER, stage=Stage.LOADING, done_bytes=37_000_000, left_s=left_s))
    assert card.progress_label.text() == f"37 MB of 148 MB{words}"
    assert card.progress_bar.value() == 250
    assert _buttons(card) == ["Pause", "Cancel"]
    assert not card.close_button.isVisible()


@pytest.mark.parametrize(
    ("stage", "words", "buttons"),
    [
        (Stage.WAITING, "Waiting for its turn", ["Cancel"]),
        (Stage.CHECKING, "Checking that all of it is right", ["Cancel"]),
        (Stage.CONVERTING, "Preparing it for the engine", ["Cancel"]),
        (Stage.PAUSED, "37 MB of 148 MB", ["Resume", "Connect a provider", "Discard what is here"]),
    ],
)
def test_other_stages(card: ModelCard, stage: Stage, words: str, buttons: list[str]) -> None:
    card.show_offer(replace(OFFER, stage=stage, done_bytes=37_000_000))
    assert card.progress_label.text() == words
    assert _buttons(card) == buttons


def test_a_failure_says_what_to_do(card: ModelCard) -> None:
    failed = replace(OFFER, stage=Stage.FAILED, title="The disk is full", text="Free some space.")
    card.show_offer(failed)
    assert (card.title_label.text(), card.text_label.text()) == ("The disk is full", "Free some space.")
    assert _buttons(card) == ["Try again", "Connect a provider"]
    card.show_offer(replace(failed, done_bytes=5))
    assert _buttons(card)[-1] == "Discard what is here"


def test_the_details_of_a_failure_are_copied_not_shown(card: ModelCard) -> None:
    card.show_offer(replace(OFFER, stage=Stage.FAILED, title="Oh", text="Try again.", details="[Errno -3] no name"))
    assert "Errno" not in card.text_label.text()
    QTest.mouseClick(card.copy_button, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "[Errno -3] no name"
    card.show_offer(OFFER)
    assert not card.copy_button.isVisible()


def test_the_keyboard_stays_on_the_card(card: ModelCard, qtbot: QtBot) -> None:
    card.download_button.setFocus()
    card.download_requested.connect(lambda: card.show_offer(replace(OFFER, stage=Stage.LOADING)))
    card.pause_requested.connect(lambda: card.show_offer(replace(OFFER, stage=Stage.PAUSED, done_bytes=9)))
    QTest.keyClick(card.download_button, Qt.Key.Key_Space)
    assert card.pause_button.hasFocus()
    QTest.keyClick(card.pause_button, Qt.Key.Key_Space)
    assert card.download_button.hasFocus()
    assert card.download_button.text() == "Resume"
    with qtbot.waitSignal(card.closed):
        QTest.mouseClick(card.close_button, Qt.MouseButton.LeftButton)


def test_in_a_low_window_the_explanation_gives_way(card: ModelCard, page: QWidget, qtbot: QtBot) -> None:
    assert card.text_label.isVisible()
    page.resize(720, 440)
    qtbot.waitUntil(lambda: not card.text_label.isVisible())
    assert "Small Ears" in card.title_label.toolTip()
    card.show_offer(replace(OFFER, stage=Stage.FAILED, title="No network", text="Connect."))
    assert card.text_label.isVisible(), "what helps is never hidden"

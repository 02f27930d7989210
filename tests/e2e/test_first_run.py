"""The very first start, without models, key or network: the window is there, says what is missing, nothing hangs."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QApplication

from app.main import CLOSE_WITHIN_S
from app.ui.audio.tab import AudioTab
from app.ui.chat.tab import ChatTab
from app.ui.images.tab import ImagesTab
from app.ui.model_card import ModelCard
from tests.driving import Driver, run_story

QUESTION = "Can you hear me?"


def test_everything_can_be_looked_at_and_nothing_is_lost(qapp: QApplication, profile: Path) -> None:
    async def story(driver: Driver) -> None:
        cards = driver.window.findChildren(ModelCard)
        await driver.until(
            lambda: len(cards) == 3 and not any(card.isHidden() for card in cards), "each tab has a card"
        )
        assert not driver.notices(), "nothing else asks for attention"
        chat = driver.tab(ChatTab)
        assert chat.view.welcome.isVisible()
        driver.type_into(chat.view.composer.field, QUESTION)
        driver.click(chat.view.composer.send_button)
        await driver.until_notice("No model is chosen yet")
        assert chat.view.composer.text() == QUESTION
        images = driver.tab(ImagesTab)
        await driver.until(images.maker.enlarge_panel.download_button.isVisible, "the panel says what is missing")
        assert not images.maker.form.isVisible()
        audio = driver.tab(AudioTab)
        await driver.until(audio.empty_state.isVisible, "the page says what it is for")

    async def comes_back(driver: Driver) -> None:
        chat = driver.tab(ChatTab)
        await driver.until(lambda: chat.view.composer.text() == QUESTION, "what was typed is there")

    assert run_story(profile, story) < CLOSE_WITHIN_S
    run_story(profile, comes_back)

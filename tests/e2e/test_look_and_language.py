"""Theme and language are changed in the settings: the open window follows at once, and so does the next start."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox

from app.ui.chat.tab import ChatTab
from app.ui.translation import FOLDER
from tests.driving import Driver, run_story

CHINESE = re.compile(r"[\u4e00-\u9fff]")
needs_catalogue = pytest.mark.skipif(
    not (FOLDER / "triptych_zh_CN.qm").exists(), reason="no Chinese catalogue: build resources/translations first"
)


async def _choose(driver: Driver, option: str, key: Qt.Key) -> None:
    """Set an option on the General page of the settings by keyboard."""
    driver.click(driver.window.settings_button)
    await driver.until(lambda: driver.window.findChild(QComboBox, option), "the settings are open")
    driver.press(driver.find(QComboBox, option), key)


def _lightness(driver: Driver) -> int:
    """Of the page behind the conversation, 0 to 255."""
    picture = driver.tab(ChatTab).view.page.grab().toImage()
    return picture.pixelColor(3, picture.height() // 2).lightness()


def test_the_theme_changes_at_once_and_is_remembered(qapp: QApplication, profile: Path) -> None:
    async def switches(driver: Driver) -> None:
        await _choose(driver, "option_appearance_theme", Qt.Key.Key_Home)
        driver.press(driver.find(QComboBox, "option_appearance_theme"), Qt.Key.Key_Down)
        await driver.until(lambda: _lightness(driver) > 230, "it is light")
        await _choose(driver, "option_appearance_theme", Qt.Key.Key_End)
        await driver.until(lambda: _lightness(driver) < 60, "it is dark")

    async def is_still_dark(driver: Driver) -> None:
        await driver.until(lambda: _lightness(driver) < 60, "it is dark")
        await _choose(driver, "option_appearance_theme", Qt.Key.Key_Home)

    run_story(profile, switches)
    run_story(profile, is_still_dark)


@needs_catalogue
def test_the_language_changes_at_once_and_is_remembered(qapp: QApplication, profile: Path) -> None:
    def words(driver: Driver) -> list[str]:
        """From every layer: the row of tabs, a tab, a widget of a tab, the menu, the settings, a text of the model."""
        chat = driver.tab(ChatTab)
        return [
            driver.window.tabs.tabText(0),
            chat.view.composer.field.placeholderText(),
            chat.sidebar.search_field.placeholderText(),
            driver.window.menu.actions()[0].text(),
            driver.find(QComboBox, "option_appearance_theme").itemText(0),
        ]

    async def switches(driver: Driver) -> None:
        await _choose(driver, "option_appearance_language", Qt.Key.Key_Home)
        driver.press(driver.find(QComboBox, "option_appearance_language"), Qt.Key.Key_Down)
        english = words(driver)
        assert not [text for text in english if CHINESE.search(text)]
        driver.press(driver.find(QComboBox, "option_appearance_language"), Qt.Key.Key_End)
        await driver.until(lambda: all(CHINESE.search(text) for text in words(driver)), "everything is Chinese")
        driver.press(driver.find(QComboBox, "option_appearance_language"), Qt.Key.Key_Up)
        await driver.until(lambda: words(driver) == english, "everything is English again")
        driver.press(driver.find(QComboBox, "option_appearance_language"), Qt.Key.Key_End)

    async def is_still_chinese(driver: Driver) -> None:
        await _choose(driver, "option_appearance_language", Qt.Key.Key_End)
        await driver.until(lambda: all(CHINESE.search(text) for text in words(driver)), "everything is Chinese")
        driver.press(driver.find(QComboBox, "option_appearance_language"), Qt.Key.Key_Home)

    run_story(profile, switches)
    run_story(profile, is_still_chinese)

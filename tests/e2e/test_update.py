"""A newer version from the first question to the way back, with the real window and a feed on loopback."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.main import Program
from app.model.updates import utc_now
from app.paths import Paths
from app.single_instance import SingleInstance
from app.ui import ask as asking
from app.ui.chat.tab import ChatTab
from app.ui.settings.dialog import SettingsDialog
from app.ui.settings.updates_page import UpdatesPage
from app.updating import UpdateParts
from tests.driving import Driver, Story, answered, ask, run_story
from tests.e2e.small_disk import with_disk
from tests.fakes.openai_server import FakeOpenAI
from tests.fakes.release_feed import another_key
from tests.workers.updates.updating import NEW, OLD, Computer, computer_with, program_saying

QUESTION = "What is a tide?"


@pytest.fixture
def computer(paths: Paths, tmp_path: Path) -> Iterator[Computer]:
    with computer_with(paths, tmp_path) as made:
        yield made


@pytest.fixture
def run(qapp: QApplication, connected: Path, computer: Computer) -> Callable[[Story], None]:
    """One run of the version that is installed now."""

    def go(story: Story, *, is_safe: bool = False) -> None:
        parts = computer.parts

        class Installed(Program):
            def __init__(self, application: QApplication, paths: Paths, instance: SingleInstance) -> None:
                super().__init__(application, paths, instance, is_safe=is_safe)

            @staticmethod
            def update_parts(_paths: Paths) -> UpdateParts:
                return parts

        run_story(connected, story, program_class=Installed)

    return go


def _page(driver: Driver) -> UpdatesPage:
    driver.window.settings_requested.emit("updates")
    return driver.find(SettingsDialog, "settings_dialog").updates


def _press(driver: Driver, label: str) -> None:
    """The button of a notice, by keyboard."""
    buttons = [button for card in driver.window.notices.cards for button in card.action_buttons]
    button = next(button for button in buttons if button.text() == label)
    button.setFocus()
    driver.press(button, Qt.Key.Key_Space)


def _was_there_before(computer: Computer) -> None:
    computer.folder.write(replace(computer.folder.read(), first_started=utc_now() - timedelta(days=3)))


def test_nothing_is_asked_at_the_first_start_and_of_nobody_without_consent(
    run: Callable[[Story], None], computer: Computer
) -> None:
    async def begins(driver: Driver) -> None:
        await driver.until(computer.paths.updates.exists, "it is known when the first start was")
        assert driver.notices() == []

    async def is_asked(driver: Driver) -> None:
        await driver.until_notice("Shall Triptych look for newer versions?")
        _press(driver, "No")
        await driver.until(lambda: driver.notices() == [], "that is all")

    async def is_not_asked_again(driver: Driver) -> None:
        page = _page(driver)
        await driver.until(page.card.check_button.isVisible, "the page is there")
        assert not page.daily_check.isChecked()
        assert driver.notices() == []

    run(begins)
    _was_there_before(computer)
    run(is_asked)
    run(is_not_asked_again)
    assert computer.server.asked == []


def test_a_version_comes_and_goes_and_nothing_is_lost(
    run: Callable[[Story], None], computer: Computer, server: FakeOpenAI
) -> None:
    async def downloads(driver: Driver) -> None:
        await ask(driver, QUESTION)
        await answered(driver)
        await driver.until_notice("Shall Triptych look for newer versions?")
        _press(driver, "Yes, once a day")
        page = _page(driver)
        assert page.daily_check.isChecked()
        driver.click(page.card.check_button)
        await driver.until(page.card.download_button.isVisible, "it is found")
        assert page.card.title_label.text() == f"Version {NEW} is available"
        assert "Tides." in page.changes.toPlainText()
        driver.click(page.card.download_button)
        await driver.until(page.card.restart_button.isVisible, "it is here")
        assert computer.version == OLD, "until the window closes"

    async def is_new(driver: Driver) -> None:
        await driver.until_notice(f"This is version {NEW} now")
        await ask(driver, "And a wave?")
        await answered(driver)
        page = _page(driver)
        await driver.until(page.back_button.isVisible, "the way back is offered")
        asking.answers.append(True)
        driver.click(page.back_button)
        await driver.until(driver.window.isHidden, "the window closes")

    async def is_old(driver: Driver) -> None:
        await driver.until_notice(f"This is version {OLD} again")
        chat = driver.tab(ChatTab)
        await driver.until(lambda: len(chat.view.messages) == 2, "what was written since is gone from here")
        _press(driver, "Show the backups")
        backups = driver.find(SettingsDialog, "settings_dialog").restore.backups
        await driver.until(lambda: len(backups.rows) == 2, "it is kept there")
        assert [row.kind_label.text() for row in backups.rows] == ["before a restore", "before an update"]

    _was_there_before(computer)
    run(downloads)
    assert computer.version == NEW
    run(is_new)
    assert computer.version == OLD
    run(is_old)


def test_safe_mode_leads_back_from_a_version_that_does_not_work(run: Callable[..., None], computer: Computer) -> None:
    """And asks nobody for another one unasked."""

    async def downloads(driver: Driver) -> None:
        page = _page(driver)
        await driver.until(page.card.check_button.isVisible, "the page is there")
        driver.click(page.card.check_button)
        await driver.until(page.card.download_button.isVisible, "it is found")
        driver.click(page.card.download_button)
        await driver.until(page.card.restart_button.isVisible, "it is here")

    async def goes_back(driver: Driver) -> None:
        page = _page(driver)
        await driver.until(page.back_button.isVisible, "the way back is offered")
        asking.answers.append(True)
        driver.click(page.back_button)
        await driver.until(driver.window.isHidden, "the window closes")

    run(downloads)
    assert computer.version == NEW
    _was_there_before(computer)
    before = len(computer.server.asked)
    run(goes_back, is_safe=True)
    assert computer.version == OLD
    assert len(computer.server.asked) == before


def test_what_cannot_be_believed_is_said_and_changes_nothing(run: Callable[[Story], None], computer: Computer) -> None:
    async def is_refused(driver: Driver) -> None:
        page = _page(driver)
        computer.server.key = another_key()
        computer.server.publish(program_saying(NEW), NEW)
        await driver.until(page.card.check_button.isVisible, "the page is there")
        driver.click(page.card.check_button)
        await driver.until(lambda: page.notices.cards, "it is refused")
        title = page.notices.cards[0].title_label.text()
        assert title == "The update was refused: its signature is wrong"
        assert not page.card.download_button.isVisible()

    run(is_refused)
    assert computer.version == OLD


def test_a_full_disk_keeps_program_and_data(small_disk: Path) -> None:
    done = with_disk(small_disk, f'{sys.executable} -m tests.e2e.update_on_full_disk "$@"', str(small_disk))
    assert done.returncode == 0, done.stdout + done.stderr

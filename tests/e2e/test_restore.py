"""Nothing is lost: a deleted conversation and a whole state come back, and everything moves to another profile."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

from PySide6.QtWidgets import QApplication

from app.model.chat import Conversation
from app.paths import Paths
from app.services.history.store import History
from app.services.settings import SettingsStore
from app.ui import ask as asking
from app.ui.audio.tab import AudioTab
from app.ui.chat.conversation_list import ENTRY_ROLE
from app.ui.chat.tab import ChatTab
from app.ui.images.tab import ImagesTab
from app.ui.settings.dialog import SettingsDialog
from app.ui.settings.restore_page import RestorePage
from app.workers.backups import BackupWorker
from tests.conftest import ROOT
from tests.driving import Driver, answered, ask, run_story
from tests.e2e.conftest import KEY

QUESTION = "Why do lighthouses blink?"
SECOND = "And why do they have stripes? 条纹"


def _listed(driver: Driver) -> list[str]:
    entries = driver.tab(ChatTab).sidebar.list.entries
    found = [entries.index(row).data(ENTRY_ROLE) for row in range(entries.rowCount())]
    return sorted(one.title for one in found if isinstance(one, Conversation))


async def _opened(driver: Driver) -> RestorePage:
    """The page for backups."""
    command = next(one for one in driver.window.commands() if one.id == "window.restore")
    command.run()
    dialog = driver.find(SettingsDialog, "settings_dialog")
    await driver.until(dialog.restore.isVisible, "the page is open")
    return dialog.restore


def _can_be_clicked(page: RestorePage) -> bool:
    return bool(page.backups.rows) and page.backups.rows[0].restore_button.isVisible()


async def _backed_up(driver: Driver) -> RestorePage:
    page = await _opened(driver)
    driver.click(page.backups.make_button)
    await driver.until(lambda: page.backups.rows and page.backups.rows[0].isVisible(), "there is a backup")
    return page


def _shown(driver: Driver) -> list[str]:
    return [message.text for message in driver.tab(ChatTab).view.messages.values()]


def test_a_deleted_conversation_comes_back(qapp: QApplication, connected: Path) -> None:
    said: list[str] = []

    async def loses_and_finds(driver: Driver) -> None:
        chat = driver.tab(ChatTab)
        await ask(driver, QUESTION)
        await answered(driver)
        said.extend(_shown(driver))
        page = await _backed_up(driver)
        page.window().close()
        assert chat.conversation_id is not None
        chat.conversations.delete(chat.conversation_id)
        chat.sidebar.undo_bar.settle()
        await driver.until(lambda: _listed(driver) == [], "it is gone for good")
        page = await _opened(driver)
        await driver.until(lambda: _can_be_clicked(page), "the backups are listed")
        driver.click(page.backups.rows[0].look_button)
        await driver.until(page.contents.isVisible, "one can look inside")
        driver.click(page.contents.restore_button)
        await driver.until(lambda: page.notices.cards, "it is back")
        driver.click(page.notices.cards[0].action_buttons[0])
        await driver.until(lambda: _shown(driver) == said, "it is on show")
        assert not page.isVisible()
        assert _listed(driver) == [QUESTION]

    async def finds_it_after_a_restart(driver: Driver) -> None:
        await driver.until(lambda: _shown(driver) == said, "it is on show again")

    run_story(connected, loses_and_finds)
    run_story(connected, finds_it_after_a_restart)


def test_a_whole_state_comes_back_and_the_window_opens_again(qapp: QApplication, connected: Path) -> None:
    reopens: list[bool] = []

    async def goes_on_and_back(driver: Driver) -> None:
        chat = driver.tab(ChatTab)
        await ask(driver, QUESTION)
        await answered(driver)
        page = await _backed_up(driver)
        page.window().close()
        driver.click(chat.sidebar.new_button)
        await driver.until(lambda: not chat.view.messages, "a new conversation is on show")
        await ask(driver, SECOND)
        await answered(driver)
        page = await _opened(driver)
        asking.answers.append(True)
        await driver.until(lambda: _can_be_clicked(page), "the backups are listed")
        driver.click(page.backups.rows[0].restore_button)
        await driver.until(driver.window.isHidden, "the window closes")
        reopens.append(driver.program.reopens)

    async def finds_the_old_state(driver: Driver) -> None:
        await driver.until(lambda: _listed(driver) == [QUESTION], "the old state is back")
        (card,) = driver.window.notices.cards
        assert card.title_label.text().startswith("The state of ")
        assert card.text_label.text() == ("Conversations in it: 1. What was there before is kept as a backup.")
        page = await _opened(driver)
        await driver.until(lambda: len(page.backups.rows) == 2, "both are listed")
        assert page.backups.rows[0].kind_label.text() == "before a restore"
        page.window().close()
        driver.click(card.action_buttons[0])
        await driver.until(driver.window.isHidden, "the window closes")
        reopens.append(driver.program.reopens)

    async def finds_the_new_state(driver: Driver) -> None:
        await driver.until(lambda: _listed(driver) == sorted([SECOND, QUESTION]), "what was given up is back too")

    run_story(connected, goes_on_and_back)
    run_story(connected, finds_the_old_state)
    assert reopens == [True, True]
    run_story(connected, finds_the_new_state)


def test_everything_moves_to_another_profile(qapp: QApplication, connected: Path, tmp_path: Path) -> None:
    archive = tmp_path / "everything.zip"
    said: list[str] = []

    async def goes_out(driver: Driver) -> None:
        await ask(driver, QUESTION)
        await answered(driver)
        said.extend(_shown(driver))
        asking.answers.append(archive)
        next(one for one in driver.window.commands() if one.id == "window.export").run()
        page = driver.find(SettingsDialog, "settings_dialog").restore
        await driver.until(lambda: page.notices.cards, "it is exported")
        assert KEY.encode() not in archive.read_bytes()

    async def comes_in(driver: Driver) -> None:
        for kind in (ImagesTab, AudioTab, ChatTab):
            driver.tab(kind)
        asking.answers.append([archive])
        next(one for one in driver.window.commands() if one.id == "window.import").run()
        page = driver.find(SettingsDialog, "settings_dialog").restore
        await driver.until(lambda: page.notices.cards, "it is imported")
        await driver.until(lambda: _listed(driver) == [QUESTION], "it is listed")
        driver.tab(ChatTab).open(1)
        await driver.until(lambda: _shown(driver) == said, "it is the same")

    run_story(connected, goes_out)
    run_story(tmp_path / "another profile", comes_in)


def test_a_restore_that_was_asked_for_happens_before_the_window_is_there(qapp: QApplication, connected: Path) -> None:
    """Also when the program was killed after it was asked for."""

    async def asks(driver: Driver) -> None:
        await ask(driver, QUESTION)
        await answered(driver)
        page = await _backed_up(driver)
        page.window().close()
        driver.tab(ChatTab).conversations.delete(driver.tab(ChatTab).conversation_id or 0)
        driver.tab(ChatTab).sidebar.undo_bar.settle()
        await driver.until(lambda: _listed(driver) == [], "it is gone")
        await driver.program._assembly.backups.stage(page.backups.rows[0].backup)

    async def finds_it(driver: Driver) -> None:
        await driver.until(lambda: _listed(driver) == [QUESTION], "it is back")

    run_story(connected, asks)
    assert Paths.under(connected).staged_restore.is_dir()
    run_story(connected, finds_it)
    assert not Paths.under(connected).staged_restore.exists()


def test_the_program_begins_anew_by_itself(profile: Path, paths: Paths) -> None:
    async def furnish() -> None:
        history = await History.open(paths)
        await history.conversations.create(title="Old")
        await BackupWorker(history, SettingsStore(paths.settings_file), paths).make()
        await history.conversations.create(title="New")
        await history.aclose()

    asyncio.run(furnish())
    command = [sys.executable, "-m", "tests.e2e.reopening", str(profile)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout) == (0, "['Old']\n"), ended.stderr

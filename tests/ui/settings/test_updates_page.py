"""The page of updates: says what is, offers what can be done, by mouse and keyboard, in the language of the user."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from app.model.settings import Language
from app.paths import Paths
from app.services.settings import SettingsStore
from app.ui import ask
from app.ui.settings.updates_page import UpdatesPage
from app.ui.translation import Translation
from app.ui.update_flow import UpdateFlow
from app.workers.updates import UpdateWorker
from tests.fakes.release_feed import another_key
from tests.workers.updates.updating import NEW, OLD, Computer, computer_with, program_saying

type RunAsync = Callable[[Coroutine[Any, Any, Any]], Any]


@dataclass
class Shown:
    """The page, what stands behind it, and the hands of a person with a keyboard."""

    page: UpdatesPage
    flow: UpdateFlow
    settings: SettingsStore
    qtbot: QtBot

    def until(self, condition: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(condition()))

    def press(self, button: QPushButton) -> None:
        self.until(lambda: button.isVisible() and button.isEnabled())
        button.setFocus()
        QTest.keyClick(button, Qt.Key.Key_Space)

    @property
    def title(self) -> str:
        return self.page.card.title_label.text()

    def notice(self) -> str:
        """The title of the newest."""
        self.until(lambda: self.page.notices.cards)
        return self.page.notices.cards[0].title_label.text()


@pytest.fixture
def computer(paths: Paths, tmp_path: Path) -> Iterator[Computer]:
    with computer_with(paths, tmp_path) as made:
        yield made


@pytest.fixture
def show(qtbot: QtBot, run_async: RunAsync, paths: Paths) -> Iterator[Callable[[UpdateWorker], Shown]]:
    """Show the page with a worker; everything is closed after the test."""
    made: list[Shown] = []

    def show_it(worker: UpdateWorker) -> Shown:
        settings = SettingsStore(paths.settings_file)
        settings.read()
        run_async(worker.begin())
        flow = UpdateFlow(worker, settings)
        page = UpdatesPage(flow)
        qtbot.addWidget(page)
        page.resize(760, 640)
        page.show()
        page.shown()
        page.activateWindow()
        qtbot.waitUntil(page.isActiveWindow)
        made.append(Shown(page, flow, settings, qtbot))
        return made[-1]

    yield show_it
    for one in made:
        run_async(one.page.aclose())
        run_async(one.flow.aclose())
        one.page.hide()
    assert not ask.answers


def test_a_version_is_found_downloaded_and_planned_by_keyboard(
    show: Callable[[UpdateWorker], Shown], computer: Computer
) -> None:
    shown = show(computer.worker())
    card = shown.page.card
    assert shown.title == f"Version {OLD}"
    shown.press(card.check_button)
    shown.until(lambda: shown.title == f"Version {NEW} is available")
    assert card.check_button.hasFocus(), "the keyboard stays where it was"
    assert "Tides." in shown.page.changes.toPlainText()
    assert shown.page.changes_label.text() == f"New in version {NEW}"
    shown.press(card.download_button)
    shown.until(lambda: shown.title == f"Version {NEW} is ready")
    assert card.restart_button.hasFocus()
    assert not card.check_button.isVisible()
    with shown.qtbot.waitSignal(shown.flow.close_requested):
        shown.press(card.restart_button)
    assert computer.folder.read().starts_again


def test_what_is_not_wanted_goes(show: Callable[[UpdateWorker], Shown], computer: Computer) -> None:
    shown = show(computer.worker())
    for button in (shown.page.card.check_button, shown.page.card.download_button, shown.page.card.discard_button):
        shown.press(button)
    shown.until(lambda: shown.title == f"Version {NEW} is available")
    assert not computer.folder.read().ready


def test_a_download_shows_how_far_it_is_and_stops(show: Callable[[UpdateWorker], Shown], computer: Computer) -> None:
    computer.server.publish(program_saying(NEW) + bytes(3 << 20), NEW)
    shown = show(computer.worker())
    card = shown.page.card
    shown.press(card.check_button)
    shown.until(card.download_button.isVisible)
    computer.server.files.flows.clear()
    shown.press(card.download_button)
    shown.until(lambda: card.progress_bar.isVisible() and card.progress_bar.value() > 0)
    assert shown.title == f"Downloading version {NEW}…"
    shown.press(card.stop_button)
    shown.until(card.download_button.isVisible)
    computer.server.files.flows.set()
    shown.press(card.download_button)
    shown.until(lambda: shown.title == f"Version {NEW} is ready")


def test_the_newest_version_is_said_to_be_the_newest(show: Callable[[UpdateWorker], Shown], computer: Computer) -> None:
    computer.server.publish(program_saying(OLD), OLD)
    shown = show(computer.worker())
    shown.press(shown.page.card.check_button)
    shown.until(lambda: shown.title == f"Version {OLD} is the newest")
    assert not shown.page.changes.isVisible()


def test_a_look_without_an_answer_claims_nothing(show: Callable[[UpdateWorker], Shown], computer: Computer) -> None:
    shown = show(computer.worker())
    computer.server.key = another_key()
    computer.server.publish(program_saying(NEW), NEW)
    shown.press(shown.page.card.check_button)
    assert shown.notice() == "The update was refused: its signature is wrong"
    shown.until(lambda: not shown.flow.is_busy)
    assert shown.title == f"Version {OLD}"
    assert "brought no answer" in shown.page.card.text_label.text()


def test_a_failure_is_closed_by_the_next_try(show: Callable[[UpdateWorker], Shown], computer: Computer) -> None:
    shown = show(computer.worker())
    good, computer.server.feed = computer.server.feed, b"<html>"
    shown.press(shown.page.card.check_button)
    assert shown.notice() == "The answer about updates makes no sense"
    computer.server.feed = good
    shown.until(lambda: not shown.flow.is_busy)
    shown.press(shown.page.card.check_button)
    shown.until(shown.page.card.download_button.isVisible)
    assert not shown.page.notices.cards


def test_a_release_without_a_file_for_this_computer_is_on_the_website(
    show: Callable[[UpdateWorker], Shown], computer: Computer, opened_outside: list[str]
) -> None:
    computer.server.publish(program_saying(NEW), NEW, files=[])
    shown = show(computer.worker())
    shown.press(shown.page.card.check_button)
    shown.until(lambda: shown.title == f"Version {NEW} is out")
    assert not shown.page.card.download_button.isVisible()
    shown.press(shown.page.card.website_button)
    shown.until(lambda: opened_outside)


def test_consent_is_a_check_box(show: Callable[[UpdateWorker], Shown], computer: Computer) -> None:
    shown = show(computer.worker())
    assert not shown.page.daily_check.isChecked()
    shown.page.daily_check.setFocus()
    QTest.keyClick(shown.page.daily_check, Qt.Key.Key_Space)
    assert shown.settings.value.updates.daily
    QTest.keyClick(shown.page.daily_check, Qt.Key.Key_Space)
    assert (shown.settings.value.updates.daily, shown.settings.value.updates.asked) == (False, True)


def test_where_others_bring_updates_only_the_website_is_offered(
    show: Callable[[UpdateWorker], Shown], computer: Computer
) -> None:
    packaged = show(UpdateWorker(computer.folder, None, None))
    buttons = [button for button in packaged.page.findChildren(QPushButton) if button.isVisible()]
    assert buttons == [packaged.page.card.website_button]
    assert not packaged.page.daily_check.isVisible()
    assert "package" in packaged.page.card.text_label.text()


def test_a_copy_without_a_feed_names_the_website(show: Callable[[UpdateWorker], Shown], computer: Computer) -> None:
    shown = show(UpdateWorker(computer.folder, computer.parts.installation, None))
    assert shown.page.card.website_button.isVisible()
    assert not shown.page.card.check_button.isVisible()
    assert not shown.page.daily_check.isVisible()


def test_the_way_back_is_asked_for_once_more(
    show: Callable[[UpdateWorker], Shown], computer: Computer, run_async: RunAsync
) -> None:
    run_async(computer.downloaded())
    computer.close()
    shown = show(computer.worker())
    assert OLD in shown.page.former_text.text()
    ask.answers.append(False)
    shown.press(shown.page.back_button)
    shown.until(lambda: not ask.answers)
    assert not computer.folder.read().is_going_back
    ask.answers.append(True)
    with shown.qtbot.waitSignal(shown.flow.close_requested):
        shown.press(shown.page.back_button)
    assert computer.folder.read().is_going_back


def test_a_way_back_that_is_gone_is_said_so(
    show: Callable[[UpdateWorker], Shown], computer: Computer, run_async: RunAsync
) -> None:
    run_async(computer.downloaded())
    computer.close()
    worker = computer.worker()
    shown = show(worker)
    assert worker.status.former is not None
    computer.folder.former_program(worker.status.former).unlink()
    ask.answers.append(True)
    shown.press(shown.page.back_button)
    assert shown.notice() == "The former version is not there any more"


def test_links_in_the_changes_open_pages_and_nothing_else(
    show: Callable[[UpdateWorker], Shown], computer: Computer, opened_outside: list[str]
) -> None:
    changes = "[page](https://triptych.example/x) [file](file:///bin/sh) ![picture](https://triptych.example/p.png)"
    computer.server.publish(program_saying(NEW), NEW, changes={"en": changes})
    shown = show(computer.worker())
    shown.press(shown.page.card.check_button)
    shown.until(shown.page.changes.isVisible)
    for address in ("file:///bin/sh", "javascript:x", "https://triptych.example/x"):
        shown.page.changes.link_activated.emit(address)
    assert opened_outside == ["https://triptych.example/x"]
    assert len(computer.server.asked) == 1, "no picture was asked for"
    assert shown.page.changes.height() >= shown.page.changes.document().size().height()


def test_the_page_speaks_chinese(show: Callable[[UpdateWorker], Shown], computer: Computer, qtbot: QtBot) -> None:
    shown = show(computer.worker())
    shown.press(shown.page.card.check_button)
    shown.until(shown.page.card.download_button.isVisible)
    translation = Translation(shown.page)
    translation.use(Language.CHINESE)
    shown.until(lambda: shown.title == f"有新版本 {NEW}")
    assert "潮汐" in shown.page.changes.toPlainText()
    assert shown.page.card.download_button.text() == "下载"


def test_everything_has_a_name_for_screen_readers(
    show: Callable[[UpdateWorker], Shown], computer: Computer, run_async: RunAsync
) -> None:
    run_async(computer.downloaded())
    computer.close()
    shown = show(computer.worker())
    page = shown.page
    for widget in (page.card, page.changes, page.card.progress_bar):
        assert widget.accessibleName(), widget.objectName()
    for button in page.findChildren(QPushButton):
        assert button.text() or not button.isVisible(), button.objectName()

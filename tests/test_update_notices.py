"""What the window says of newer versions: little, once, and with the button that helps."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.model.settings import WindowState
from app.paths import Paths
from app.services.settings import SettingsStore
from app.ui.window import MainWindow
from app.update_notices import UpdateNotices
from tests.fakes.release_feed import another_key
from tests.ui.dummy_tab import places
from tests.workers.updates.updating import NEW, OLD, Computer, computer_with, program_saying

type RunAsync = Callable[[Coroutine[Any, Any, Any]], Any]


@dataclass
class Running:
    """A window whose program has begun to look after newer versions."""

    host: MainWindow
    notices: UpdateNotices
    settings: SettingsStore
    qtbot: QtBot

    def until(self, condition: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(condition()))

    def titles(self) -> list[str]:
        return [card.title_label.text() for card in self.host.notices.cards]

    def until_said(self, title: str) -> None:
        self.until(lambda: self.titles() == [title])

    def press(self, label: str) -> None:
        (button,) = [one for one in self.host.notices.cards[0].action_buttons if one.text() == label]
        button.setFocus()
        QTest.keyClick(button, Qt.Key.Key_Space)


@pytest.fixture
def computer(paths: Paths, tmp_path: Path) -> Iterator[Computer]:
    with computer_with(paths, tmp_path) as made:
        yield made


@pytest.fixture
def begin(qtbot: QtBot, run_async: RunAsync, computer: Computer) -> Iterator[Callable[..., Running]]:
    """One run of the program that is installed; `daily` is the user's consent."""
    made: list[Running] = []

    def end() -> None:
        for one in made:
            run_async(one.notices.aclose())
            one.host.hide()
        made.clear()

    def begin_it(*, daily: bool = True) -> Running:
        end()
        settings = SettingsStore(computer.paths.settings_file)
        settings.read()
        host = MainWindow(places())
        qtbot.addWidget(host)
        host.restore(WindowState())
        host.show()
        notices = UpdateNotices(host, computer.worker(), settings, first_look_after_s=0)
        if daily:
            notices.flow.set_looks_daily(True)
        notices.begin()
        made.append(Running(host, notices, settings, qtbot))
        return made[-1]

    yield begin_it
    end()


def test_a_newer_version_is_offered_downloaded_and_ready(begin: Callable[..., Running], computer: Computer) -> None:
    running = begin()
    running.until_said(f"Version {NEW} is available")
    running.press("Download")
    running.until_said(f"Version {NEW} is ready")
    with running.qtbot.waitSignal(running.host.close_requested):
        running.press("Restart now")
    assert computer.folder.read().ready
    assert computer.folder.read().starts_again


def test_it_is_offered_once_in_a_session_and_not_over_the_page(
    begin: Callable[..., Running], computer: Computer
) -> None:
    running = begin()
    running.until_said(f"Version {NEW} is available")
    with running.qtbot.waitSignal(running.host.settings_requested) as asked:
        running.press("What is new")
    assert asked.args == ["updates"]
    running.notices.look.offered.emit()
    assert running.titles() == []


def test_who_looks_at_the_page_is_told_there(begin: Callable[..., Running], computer: Computer) -> None:
    running = begin(daily=False)
    running.until(lambda: computer.folder.read().first_started)
    running.notices.flow.is_watched = True
    running.notices.flow.check()
    running.until(lambda: running.notices.flow.worker.status.file)
    running.until(lambda: not running.notices.flow.is_busy)
    running.notices.flow.download()
    running.until(lambda: running.notices.flow.worker.status.is_ready)
    assert running.titles() == []


def test_a_release_without_a_file_has_no_download(begin: Callable[..., Running], computer: Computer) -> None:
    computer.server.publish(program_saying(NEW), NEW, files=[])
    running = begin()
    running.until_said(f"Version {NEW} is available")
    assert [button.text() for button in running.host.notices.cards[0].action_buttons] == ["What is new"]


def test_a_broken_download_can_be_tried_again(begin: Callable[..., Running], computer: Computer) -> None:
    running = begin()
    running.until_said(f"Version {NEW} is available")
    computer.server.files.break_after = 100_000
    running.press("Download")
    running.until_said("The download of the update broke off")
    running.until(lambda: not running.notices.flow.is_busy)
    running.press("Try again")
    running.until(lambda: f"Version {NEW} is ready" in running.titles())


def test_a_wrong_signature_is_told_and_a_missing_answer_is_not(
    begin: Callable[..., Running], computer: Computer
) -> None:
    computer.server.feed = b"<html>"
    running = begin()
    running.until(lambda: computer.folder.read().checked_at)
    running.until(lambda: computer.server.asked)
    assert running.titles() == []
    computer.now += timedelta(days=1)
    computer.server.key = another_key()
    computer.server.publish(program_saying(NEW), NEW)
    begin().until_said("The update was refused: its signature is wrong")


def test_without_consent_there_is_only_the_question(begin: Callable[..., Running], computer: Computer) -> None:
    running = begin(daily=False)
    running.until(lambda: computer.folder.read().first_started)
    assert running.titles() == []
    computer.now += timedelta(days=1)
    running = begin(daily=False)
    running.until_said("Shall Triptych look for newer versions?")
    running.press("No")
    assert running.titles() == []
    assert running.settings.value.updates.asked
    assert not running.settings.value.updates.daily
    assert computer.server.asked == []


def test_the_new_version_says_so_and_shows_the_way_back(
    begin: Callable[..., Running], computer: Computer, run_async: RunAsync
) -> None:
    run_async(computer.downloaded())
    computer.close()
    computer.now += timedelta(days=3)
    running = begin(daily=False)
    running.until_said(f"This is version {NEW} now")
    assert OLD in running.host.notices.cards[0].text_label.text()
    with running.qtbot.waitSignal(running.host.settings_requested) as asked:
        running.press("Open the page of updates")
    assert asked.args == ["updates"]


def test_what_went_wrong_at_the_end_is_told_at_the_start(
    begin: Callable[..., Running], computer: Computer, run_async: RunAsync
) -> None:
    run_async(computer.downloaded())
    (downloaded,) = computer.folder.downloads.iterdir()
    downloaded.write_bytes(b"something else")
    computer.close()
    begin(daily=False).until_said("The update was refused: it is not what was released")


def test_help_offers_to_check_where_the_program_updates_itself(begin: Callable[..., Running]) -> None:
    assert begin().host.updates_itself

"""What the program stands on is not as it should be: damaged, from the future, read-only, used twice, a wrong clock."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from app.model.chat import Draft, MessageState
from app.model.providers import ModelReference
from app.paths import Paths
from app.services.history.migrations import MIGRATIONS
from app.services.history.signs import search_signs
from app.services.history.store import History
from app.ui import ask as asking
from app.ui.chat.tab import ChatTab
from app.ui.leaving_questions import QUIT, QUIT_ANYWAY
from tests.driving import Driver, answered, ask, run_story
from tests.e2e.small_disk import with_disk
from tests.profiles import CHAT_MODEL, PROVIDER, ROOT

MODEL = ModelReference(PROVIDER, CHAT_MODEL)
TURNS = 40
ANSWER = "The tide comes and goes. " * 100
REPAIRED, INCOMPLETE, TOO_NEW, NOT_KEPT = (
    "The history was damaged and has been repaired",
    "The history was damaged; most likely something is missing",
    "The data was written by a newer Triptych",
    "Nothing of this session will be kept",
)


@pytest.fixture
def filled(connected: Path, paths: Paths) -> Path:
    """A profile with a conversation of many pages."""
    asyncio.run(_fill(paths))
    return connected


async def _fill(paths: Paths) -> None:
    history = await History.open(paths)
    conversation = await history.conversations.create(title="Tides")
    for number in range(TURNS):
        _, answer = await history.messages.add_turn(conversation.id, Draft(f"Question {number}"), MODEL)
        await history.messages.finish(replace(answer, text=ANSWER, state=MessageState.COMPLETE))
    await history.aclose()


def _middle(database: bytearray) -> None:
    middle = len(database) // 2 // 4096 * 4096
    database[middle : middle + 3 * 4096] = os.urandom(3 * 4096)


def _header(database: bytearray) -> None:
    database[:100] = os.urandom(100)


def _index(database: bytearray) -> None:
    """The first page of the list's order."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(bytes(database).replace(b"\2\2", b"\1\1", 1))  # WAL, which memory cannot have
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'conversations_by_place'"
        (page,) = connection.execute(query).fetchone()
    database[(page - 1) * 4096 : page * 4096] = os.urandom(4096)


@pytest.mark.parametrize(
    ("damage", "title", "least"),
    [(_middle, INCOMPLETE, TURNS), (_header, REPAIRED, 2 * TURNS), (_index, REPAIRED, 2 * TURNS)],
)
def test_a_damaged_database_is_read_and_kept_and_the_program_works(
    qapp: QApplication, filled: Path, paths: Paths, damage: Callable[[bytearray], None], title: str, least: int
) -> None:
    database = bytearray(paths.database_file.read_bytes())
    damage(database)
    paths.database_file.write_bytes(database)

    async def works(driver: Driver) -> None:
        assert title in driver.notices()
        chat = driver.tab(ChatTab)
        await driver.until(chat.sidebar.list.entries.rowCount, "the conversation is listed")
        assert chat.sidebar.list.entries.index(0).data() == "Tides"
        chat.open(1)
        await driver.until(lambda: len(chat.view.messages) >= least, "what could be read is there")
        copies = list(paths.database_file.parent.glob("*.damaged-*"))
        assert [copy.read_bytes() for copy in copies] == [bytes(database)], "not a byte of it is gone"
        assert copies[0].name in driver.window.notices.cards[0].text_label.text()
        await ask(driver, "Is anybody there?")
        assert (await answered(driver)).state is MessageState.COMPLETE

    run_story(filled, works)


def test_a_damaged_log_costs_its_last_changes_and_nothing_else(qapp: QApplication, filled: Path, paths: Paths) -> None:
    wal = paths.database_file.with_name(paths.database_file.name + "-wal")
    with closing(sqlite3.connect(paths.database_file, isolation_level=None)) as connection:
        connection.create_function("search_words", 1, str, deterministic=True)
        connection.create_function("search_signs", 1, search_signs, deterministic=True)
        for title in ("Tides and waves", "Tides and wind"):
            connection.execute("UPDATE conversations SET title = ?", [title])
        kept = paths.database_file.read_bytes(), bytearray(wal.read_bytes())
    kept[1][-2000:] = os.urandom(2000)
    paths.database_file.write_bytes(kept[0])
    wal.write_bytes(kept[1])

    async def finds_it(driver: Driver) -> None:
        chat = driver.tab(ChatTab)
        await driver.until(chat.sidebar.list.entries.rowCount, "the conversation is listed")
        assert chat.sidebar.list.entries.index(0).data() == "Tides and waves"
        assert not driver.notices()
        chat.open(1)
        await driver.until(lambda: len(chat.view.messages) == 2 * TURNS, "all of it is there")

    run_story(filled, finds_it)


def test_a_database_from_the_future_is_left_alone(qapp: QApplication, filled: Path, paths: Paths) -> None:
    with closing(sqlite3.connect(paths.database_file)) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    before = paths.database_file.read_bytes()

    async def works_in_memory(driver: Driver) -> None:
        assert {TOO_NEW, NOT_KEPT} <= set(driver.notices())
        await ask(driver, "Is anybody there?")
        assert (await answered(driver)).state is MessageState.COMPLETE
        asking.answers.append(QUIT_ANYWAY)
        driver.window.close()
        await driver.until(lambda: not asking.answers, "nobody quits unasked")

    run_story(filled, works_in_memory)
    assert paths.database_file.read_bytes() == before


@pytest.mark.skipif(os.name == "nt", reason="Windows lets nobody remove an open file: try it on another system")
def test_a_data_folder_that_is_removed_meanwhile_is_told(qapp: QApplication, filled: Path, paths: Paths) -> None:
    async def finds_it_gone(driver: Driver) -> None:
        chat = driver.tab(ChatTab)
        await driver.until(chat.sidebar.list.entries.rowCount, "the conversation is listed")
        chat.open(1)
        await driver.until(lambda: len(chat.view.messages) == 2 * TURNS, "all of it is there")
        shutil.rmtree(paths.data)
        await ask(driver, "Is anybody there?")
        await driver.until(lambda: "The data folder is gone" in driver.notices(), "it is told")
        assert chat.view.composer.text() == "Is anybody there?"
        asking.answers.append(None)
        driver.window.close()
        await driver.until(lambda: not asking.answers, "nobody quits unasked")
        asking.answers.append(QUIT)
        driver.window.close()

    run_story(filled, finds_it_gone)
    assert not asking.answers, "nobody quits unasked"


def test_settings_from_the_future_are_left_alone(qapp: QApplication, connected: Path, paths: Paths) -> None:
    content = json.dumps({"schema": 99, "appearance": {"theme": "sepia"}})
    paths.settings_file.write_text(content)

    async def works(driver: Driver) -> None:
        assert TOO_NEW in driver.notices()
        driver.window.zoom_requested.emit(120)

    run_story(connected, works)
    assert paths.settings_file.read_text() == content


def test_after_the_clock_was_set_back_the_order_is_that_of_the_work(
    qapp: QApplication, filled: Path, paths: Paths
) -> None:
    with closing(sqlite3.connect(paths.database_file, isolation_level=None)) as connection:
        connection.create_function("search_words", 1, str, deterministic=True)
        connection.create_function("search_signs", 1, search_signs, deterministic=True)
        ahead = 3 * 24 * 3600 * 1_000_000
        connection.execute("UPDATE conversations SET updated_at = updated_at + ?", [ahead])
        connection.execute("UPDATE messages SET created_at = created_at + ?", [ahead])

    async def asks(driver: Driver) -> None:
        chat = driver.tab(ChatTab)
        await ask(driver, "What is a wave?")
        await answered(driver)
        titles = chat.sidebar.list.entries
        await driver.until(lambda: titles.index(0).data() == "What is a wave?", "it is the first of the list")
        chat.open(1)
        await driver.until(lambda: len(chat.view.messages) == 2 * TURNS, "the old one is on show")
        await ask(driver, "And a tide?")
        await driver.until(lambda: len(chat.view.messages) == 2 * TURNS + 2, "it is asked")
        assert list(chat.view.messages.values())[-2].text == "And a tide?"
        await answered(driver)
        await driver.until(lambda: titles.index(0).data() == "Tides", "now that is first")

    run_story(filled, asks)


def test_two_programs_started_at_once_are_one_window(profile: Path, paths: Paths) -> None:
    command = [sys.executable, "-m", "app", "--data-dir", str(profile)]
    programs = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    try:
        gone = _first_to_end(programs)
        assert gone.returncode == 0, gone.communicate()[1]
        (left,) = [program for program in programs if program is not gone]
        assert left.poll() is None
        left.send_signal(signal.SIGTERM)
        assert left.wait(20) == 0
    finally:
        for program in programs:
            program.kill()
            program.communicate()
    with closing(sqlite3.connect(paths.database_file)) as connection:
        assert connection.execute("PRAGMA quick_check").fetchone() == ("ok",)


def _first_to_end(programs: list[subprocess.Popen[str]]) -> subprocess.Popen[str]:
    for _ in range(200):
        for program in programs:
            try:
                program.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
            return program
    raise AssertionError("both windows stay")


def test_a_read_only_disk_is_said_and_nothing_on_it_changes(small_disk: Path) -> None:
    done = with_disk(small_disk, f'{sys.executable} -m tests.e2e.read_only "$@"', str(small_disk))
    assert done.returncode == 0, done.stdout + done.stderr

"""Files of attachments outlive the damage or the loss of the database that names them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from app.model.chat import Draft
from app.paths import Paths
from app.services.history import opening
from app.services.history.spared import spared
from app.services.history.store import History
from app.services.settings import SettingsStore
from app.workers.backups import BackupWorker
from tests.services.history.conftest import Within
from tests.services.history.examples import MODEL, PNG


async def _attach(history: History) -> None:
    conversation = await history.conversations.create(title="Holiday")
    attachment = await history.attachments.add(conversation.id, PNG)
    await history.messages.add_turn(conversation.id, Draft("Where is this?", (attachment,)), MODEL)


def _files(paths: Paths) -> list[bytes]:
    return [path.read_bytes() for path in paths.attachments.iterdir()]


def _make_later(file: Path) -> None:
    """The times of files are less exact than our clock."""
    os.utime(file, (time.time() + 60, time.time() + 60))


def _all_of_it(file: Path) -> None:
    file.write_bytes(os.urandom(file.stat().st_size))


def _gone(file: Path) -> None:
    file.unlink()


def _emptied(file: Path) -> None:
    """As a power cut leaves a file."""
    file.write_bytes(b"")


@pytest.mark.parametrize("lose", [_all_of_it, _gone, _emptied])
def test_files_stay_when_the_database_is_lost(paths: Paths, within: Within, lose: Callable[[Path], None]) -> None:
    within(_attach)
    lose(paths.database_file)
    for _ in range(2):
        within(lambda history: history.tidy())
    assert _files(paths) == [PNG.data]


def test_what_is_deleted_afterwards_goes(paths: Paths, within: Within) -> None:
    within(_attach)
    _gone(paths.database_file)

    async def attach_and_delete(history: History) -> None:
        conversation = await history.conversations.create()
        since = await history.attachments.add(conversation.id, replace(PNG, data=b"since"))
        _make_later(since.path)
        await history.conversations.delete(conversation.id)
        await history.tidy()

    within(attach_and_delete)
    assert _files(paths) == [PNG.data]


def test_files_go_with_the_damaged_database_that_was_kept(paths: Paths, within: Within) -> None:
    within(_attach)
    _all_of_it(paths.database_file)

    async def removes(history: History) -> None:
        await history.tidy()
        backups = BackupWorker(history, SettingsStore(paths.settings_file), paths)
        (kept,) = await backups.all()
        await backups.remove(kept)
        await history.tidy()

    within(removes)
    assert _files(paths) == []


def test_files_that_a_copy_before_an_upgrade_names_stay(paths: Paths, within: Within) -> None:
    within(_attach)
    opening._copy(paths.database_file, 3)

    async def delete(history: History) -> None:
        for conversation in await history.conversations.all():
            await history.conversations.delete(conversation.id)
        second = await history.conversations.create()
        await history.attachments.add(second.id, replace(PNG, data=b"since"))
        await history.conversations.delete(second.id)
        await history.tidy()

    within(delete)
    assert _files(paths) == [PNG.data]
    for copy in paths.data.glob("*.v3-*"):
        copy.write_bytes(b"cannot be read")
    within(lambda history: history.tidy())
    assert _files(paths) == [PNG.data]


def test_a_first_start_notes_nothing(paths: Paths, within: Within) -> None:
    within(lambda history: history.tidy())
    assert [path.name for path in paths.data.iterdir() if path.is_file()] == ["history.sqlite3"]
    assert not spared(paths.database_file).names

"""A history on a disk that takes nothing: all of it is there for the session, and not a byte of it changes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from app.model.chat import AttachmentKind, Draft, NewAttachment
from app.model.data_errors import DataPartlySalvaged, SessionReadOnly
from app.model.errors import DataTooNew, StorageFailed
from app.paths import Paths
from app.services.history.migrations import MIGRATIONS
from app.services.history.store import History
from tests.services.history.conftest import Within
from tests.services.history.examples import MODEL, ask

type Story = Callable[[History], Awaitable[None]]


async def _fill(history: History) -> None:
    conversation = await history.conversations.create()
    note = await history.attachments.add(
        conversation.id, NewAttachment(AttachmentKind.TEXT, "note.txt", "text/plain", b"words")
    )
    await history.messages.add_turn(conversation.id, Draft("tides", (note,)), MODEL)
    await ask(history, "and moons?", "They pull.", conversation)


def _read(paths: Paths, story: Story) -> None:
    """Tell the story on a copy; nothing of the profile is changed by it."""

    async def tell() -> None:
        history = await History.open_copy(paths)
        try:
            await story(history)
        finally:
            await history.aclose()

    before = _bytes(paths.data)
    asyncio.run(tell())
    assert _bytes(paths.data) == before


def _bytes(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_only_what_came_in_is_lost_when_it_is_closed(within: Within, paths: Paths) -> None:
    async def story(history: History) -> None:
        (conversation,) = await history.conversations.all()
        await history.messages.path(conversation.id)
        lost = [history.is_lost_when_closed]
        await ask(history, "and the sun?", "It pulls, too.", conversation)
        lost.append(history.is_lost_when_closed)
        history.note_export()
        lost.append(history.is_lost_when_closed)
        await history.conversations.create()
        lost.append(history.is_lost_when_closed)
        assert lost == [False, True, False, True], "what is on the disk, or exported, is not"

    async def usual(history: History) -> None:
        await history.conversations.create()
        assert not history.is_lost_when_closed

    within(_fill)
    _read(paths, story)
    within(usual)


def test_everything_is_there_and_can_be_gone_on_with(within: Within, paths: Paths) -> None:
    async def story(history: History) -> None:
        assert history.is_temporary
        assert [type(problem) for problem in history.problems] == [SessionReadOnly]
        (conversation,) = await history.conversations.all()
        path = await history.messages.path(conversation.id)
        assert [message.text for message in path] == ["tides", "", "and moons?", "They pull."]
        assert path[0].attachments[0].path.read_bytes() == b"words"
        assert len(await history.search.find("moons")) == 1
        await ask(history, "something new", "answered", conversation)
        assert len(await history.search.find("something new")) == 1
        new = NewAttachment(AttachmentKind.TEXT, "new.txt", "text/plain", b"other words")
        assert (await history.attachments.add(conversation.id, new)).path.read_bytes() == b"other words"
        await history.tidy()

    within(_fill)
    _read(paths, story)

    async def as_before(history: History) -> None:
        (conversation,) = await history.conversations.all()
        assert len(await history.messages.path(conversation.id)) == 4

    within(as_before)


def test_what_is_committed_in_the_log_is_read(within: Within, paths: Paths) -> None:
    within(_fill)
    with contextlib.closing(sqlite3.connect(paths.database_file)) as connection:
        connection.execute("UPDATE conversations SET draft = 'in the log'")
        connection.commit()
        kept = {path: path.read_bytes() for path in paths.data.glob("history.sqlite3*")}
    for path, content in kept.items():  # as a killed program leaves them
        path.write_bytes(content)
    paths.database_file.with_name("history.sqlite3-shm").unlink(missing_ok=True)
    assert paths.database_file.with_name("history.sqlite3-wal").stat().st_size

    async def story(history: History) -> None:
        (conversation,) = await history.conversations.all()
        assert conversation.draft == "in the log"

    _read(paths, story)


def test_of_a_damaged_one_what_can_be_read(within: Within, paths: Paths) -> None:
    async def fill(history: History) -> None:
        for number in range(60):
            await ask(history, f"question {number}", "answer " * 50)

    within(fill)
    with contextlib.closing(sqlite3.connect(paths.database_file)) as connection:
        query = "SELECT pageno FROM dbstat WHERE name = 'messages' AND pagetype = 'leaf' LIMIT 1 OFFSET 2"
        (page,) = connection.execute(query).fetchone()
    with paths.database_file.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(os.urandom(4096))

    async def story(history: History) -> None:
        assert [type(problem) for problem in history.problems] == [DataPartlySalvaged, SessionReadOnly]
        assert len(await history.conversations.all()) == 60

    _read(paths, story)


def test_a_newer_one_is_not_read(within: Within, paths: Paths) -> None:
    within(_fill)
    with contextlib.closing(sqlite3.connect(paths.database_file)) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    with pytest.raises(DataTooNew):
        asyncio.run(History.open_copy(paths))


def test_without_a_file_there_is_nothing_to_read(paths: Paths) -> None:
    with pytest.raises(StorageFailed):
        asyncio.run(History.open_copy(paths))

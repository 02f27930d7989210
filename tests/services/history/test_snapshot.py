"""Copies of the database: made while others write, of any version, damaged, hostile, and put back in one step."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.model.backups import Contents
from app.model.data_errors import BackupFailed, BackupUnreadable
from app.model.errors import DataTooNew, StorageFailed
from app.paths import Paths
from app.services.history import snapshot
from app.services.history.ownership import OwnFiles, own_files
from app.services.history.signs import search_signs
from app.services.history.store import History
from tests.services.history.conftest import Within
from tests.services.history.examples import PNG, ask

DATA = Path(__file__).parents[2] / "data" / "history"
NOBODY = threading.Event()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return tmp_path / "copies of 历史" / "history.sqlite3"


@pytest.fixture
def copied(paths: Paths, within: Within, copy: Path) -> Path:
    """A copy of a history with one conversation called "Tides"."""
    copy.parent.mkdir()

    async def story(history: History) -> None:
        conversation = await history.conversations.create(title="Tides")
        await ask(history, "Why?", "The moon.", conversation)

    within(story)
    snapshot.copy_database(paths.database_file, copy, NOBODY)
    return copy


def _change(database: Path, *statements: str) -> None:
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.create_function("search_words", 1, lambda text: text, deterministic=True)
        connection.create_function("search_signs", 1, search_signs, deterministic=True)
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def _own(data: Path) -> OwnFiles:
    """What is ours in a data folder."""
    return own_files(data / "history.sqlite3", (data / "pictures",), data / "recordings")


def test_a_copy_is_whole_alone_and_private(copied: Path) -> None:
    assert [path.name for path in copied.parent.iterdir()] == ["history.sqlite3"]
    assert copied.stat().st_mode & 0o077 == 0
    assert snapshot.contents(copied) == Contents(conversations=1, messages=2, newest=("Tides",))
    (stored,) = snapshot.conversations(copied)
    assert (stored.title, stored.messages) == ("Tides", 2)
    found = snapshot.conversation(copied, stored.id)
    assert [message.text for message in found.messages] == ["Why?", "The moon."]
    assert [path.name for path in copied.parent.iterdir()] == ["history.sqlite3"]


def test_copying_does_not_hold_up_writers_and_shows_one_moment(paths: Paths, copy: Path) -> None:
    copy.parent.mkdir()

    async def story() -> int:
        history = await History.open(paths)
        conversation = await history.conversations.create(title="busy")
        await history.conversations.configure(conversation)
        for number in range(300):
            await ask(history, f"question {number} " * 200, "answer " * 200, conversation)
        running = asyncio.create_task(asyncio.to_thread(snapshot.copy_database, paths.database_file, copy, NOBODY))
        written = 0
        while not running.done():
            await history.conversations.set_draft(conversation.id, "more " * written)
            written += 1
        await running
        await history.aclose()
        return written

    assert asyncio.run(story()) > 1
    assert snapshot.contents(copy) == Contents(conversations=1, messages=600, newest=("busy",))


def test_copying_can_be_stopped(copied: Path, tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(snapshot.Cancelled):
        snapshot.copy_database(copied, tmp_path / "other", stop)


def test_a_damaged_database_makes_no_backup(copied: Path, tmp_path: Path) -> None:
    with copied.open("r+b") as file:
        file.seek(4096 * 5)
        file.write(b"\xff" * 4096 * 20)
    with pytest.raises(BackupFailed):
        snapshot.copy_database(copied, tmp_path / "other", NOBODY)


@pytest.mark.parametrize("name", sorted(path.name for path in DATA.glob("v*.sqlite3")))
def test_copies_of_every_version_can_be_read_and_staged(name: str, tmp_path: Path) -> None:
    old = tmp_path / name
    shutil.copyfile(DATA / name, old)
    before = old.read_bytes()
    counted = snapshot.contents(old)
    assert counted is not None
    listed = snapshot.conversations(old)
    assert len(listed) == counted.conversations > 0
    for one in listed:
        assert len(snapshot.conversation(old, one.id).messages) == one.messages
    snapshot.stage(old, tmp_path / "staged.sqlite3", _own(tmp_path))
    assert snapshot.contents(tmp_path / "staged.sqlite3") == counted
    assert old.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, "staged.sqlite3"])


def test_looking_into_an_old_copy_takes_no_room_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's folder for temporary files is often in memory."""
    elsewhere = tmp_path / "no folder"
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    old = tmp_path / "old" / "history.sqlite3"
    old.parent.mkdir()
    shutil.copyfile(DATA / "v1.sqlite3", old)
    assert snapshot.conversations(old)
    assert [path.name for path in old.parent.iterdir()] == ["history.sqlite3"]
    assert not elsewhere.exists()


def test_a_newer_copy_is_left_alone(copied: Path, tmp_path: Path) -> None:
    _change(copied, "PRAGMA user_version = 999")
    for use in (snapshot.conversations, lambda path: snapshot.stage(path, tmp_path / "staged", _own(tmp_path))):
        with pytest.raises(DataTooNew):
            use(copied)
    assert not (tmp_path / "staged").exists()


def test_what_can_be_read_of_a_damaged_one_is_restored(paths: Paths, within: Within, copied: Path) -> None:
    damaged = copied.with_name("history.sqlite3.damaged-20261122-101010-000000")
    _change(copied, "CREATE TABLE filler (text TEXT)", "INSERT INTO filler VALUES (zeroblob(100000))")
    data = copied.read_bytes()
    damaged.write_bytes(data[:-60_000] + b"\xff" * 60_000)
    (stored,) = snapshot.conversations(damaged)
    assert len(snapshot.conversation(damaged, stored.id).messages) == 2
    with pytest.raises(BackupUnreadable):
        snapshot.stage(damaged, copied.with_name("staged"), _own(paths.data))


def test_a_database_with_its_log_is_read_with_it(paths: Paths, copy: Path) -> None:
    copy.parent.mkdir()

    async def story() -> None:
        history = await History.open(paths)
        await ask(history, "in the log", "only")
        for ending in ("", "-wal"):  # as when a damaged one is set aside
            source = paths.database_file.with_name(paths.database_file.name + ending)
            shutil.copyfile(source, copy.with_name(copy.name + ending))
        await history.aclose()

    asyncio.run(story())
    (stored,) = snapshot.conversations(copy)
    assert stored.title == "in the log"


def test_putting_in_place_replaces_all_and_keeps_what_is_open_usable(
    paths: Paths, within: Within, copied: Path
) -> None:
    async def changes(history: History) -> None:
        (conversation,) = await history.conversations.all()
        await history.conversations.rename(conversation.id, "Other")
        await ask(history, "new", "too")

    within(changes)
    staged = copied.with_name("staged.sqlite3")
    snapshot.stage(copied, staged, _own(paths.data))

    async def while_open(history: History) -> list[str]:
        await asyncio.to_thread(snapshot.put_in_place, staged, paths.database_file)
        return [conversation.title for conversation in await history.conversations.all()]

    assert within(while_open) == ["Tides"]

    async def finds(history: History) -> tuple[list[object], int]:
        return list(history.problems), len(await history.search.find("moon"))

    assert within(finds) == ([], 1)


def test_deletions_that_waited_are_not_carried_out_after_a_restore(paths: Paths, within: Within, copied: Path) -> None:
    precious = paths.data / "precious.png"
    precious.write_bytes(b"mine")
    _change(
        copied,
        "INSERT INTO pictures (path, origin, provider_id, model_id, created_at, deleted_at, width_px, height_px,"
        f" size_bytes) VALUES ('{precious}', 'generated', 'p', 'm', 0, 1, 1, 1, 1)",
        "UPDATE conversations SET deleted_at = 1",
    )
    staged = copied.with_name("staged.sqlite3")
    snapshot.stage(copied, staged, _own(paths.data))
    snapshot.put_in_place(staged, paths.database_file)
    within(lambda history: history.tidy())
    assert precious.exists()


HOSTILE: dict[str, tuple[str, ...]] = {
    "another table": ("CREATE TABLE evil (x)",),
    "a trigger": ("CREATE TRIGGER evil AFTER INSERT ON messages BEGIN DELETE FROM conversations; END",),
    "a view instead of a table": ("DROP TABLE requests", "CREATE VIEW requests AS SELECT 1 AS id"),
    "a file elsewhere": (
        "INSERT INTO attachments (conversation_id, kind, name, media_type, file, size_bytes)"
        " VALUES (1, 'text', 'x', 'text/plain', '/etc/passwd', 1)",
    ),
    "a file above": (
        "INSERT INTO attachments (conversation_id, kind, name, media_type, file, size_bytes)"
        " VALUES (1, 'text', 'x', 'text/plain', '..', 1)",
    ),
    "a file of another drive": (
        "INSERT INTO attachments (conversation_id, kind, name, media_type, file, size_bytes)"
        " VALUES (1, 'text', 'x', 'text/plain', 'C:x', 1)",
    ),
    "an unknown role": ("UPDATE messages SET role = 'wizard'",),
    "a circle": ("UPDATE messages SET parent_id = id",),
    "nobody's message": ("PRAGMA foreign_keys = OFF", "UPDATE messages SET conversation_id = 99"),
}


@pytest.mark.parametrize("statements", HOSTILE.values(), ids=HOSTILE)
def test_what_triptych_never_wrote_does_not_take_its_place(copied: Path, statements: tuple[str, ...]) -> None:
    _change(copied, *statements)
    with pytest.raises(BackupUnreadable):
        snapshot.stage(copied, copied.with_name("staged.sqlite3"), _own(copied.parent))
    assert [path.name for path in copied.parent.iterdir()] == ["history.sqlite3"]


def _text(path: Path) -> None:
    path.write_text("not a database at all\n" * 500)


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _other(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE letters (text TEXT)")


@pytest.mark.parametrize("make", [_text, _empty, _other])
def test_other_files_are_refused(tmp_path: Path, make: Callable[[Path], None]) -> None:
    path = tmp_path / "history.sqlite3"
    make(path)
    assert snapshot.contents(path) is None
    for use in (
        lambda: snapshot.conversations(path),
        lambda: snapshot.conversation(path, 1),
        lambda: snapshot.stage(path, tmp_path / "staged", _own(tmp_path)),
    ):
        with pytest.raises(StorageFailed):
            use()


def test_wrong_types_in_a_conversation_are_a_clear_failure(copied: Path) -> None:
    _change(copied, "UPDATE messages SET created_at = 9223372036854775807")
    (stored,) = snapshot.conversations(copied)
    with pytest.raises(BackupUnreadable):
        snapshot.conversation(copied, stored.id)


def test_a_conversation_comes_back_as_it_was(paths: Paths, within: Within, copy: Path) -> None:
    copy.parent.mkdir()

    async def story(history: History) -> None:
        conversation = await history.conversations.create(title="Versions", system_prompt="Be brief.")
        attachment = await history.attachments.add(conversation.id, PNG)
        answer = await ask(history, "one", "first", conversation)
        again = await history.messages.add_answer(answer.parent_id or 0, answer.model)  # type: ignore[arg-type]
        await history.messages.finish(again)
        await history.messages.show(answer.id)
        await history.conversations.set_draft(conversation.id, "half a")
        assert attachment.path.exists()

    within(story)
    snapshot.copy_database(paths.database_file, copy, NOBODY)
    (stored,) = snapshot.conversations(copy)
    kept = snapshot.conversation(copy, stored.id)

    async def restores(history: History) -> None:
        arrival = await history.transfers.arrive()
        await arrival.add(kept, {kept.draft_attachments[0].file: PNG}, even_if_known=True)
        (new_id,) = await arrival.complete()
        back = await history.transfers.conversation(new_id)
        assert back is not None
        assert (back.title, back.system_prompt, back.draft) == ("Versions", "Be brief.", "half a")
        assert [m.text for m in back.messages] == [m.text for m in kept.messages]
        path = await history.messages.path(new_id)
        assert [m.text for m in path] == ["one", "first"]
        assert path[-1].version == (1, 2)
        (draft,) = (await history.conversations.draft(new_id)).attachments
        assert draft.path.read_bytes() == PNG.data
        assert back.created_at == kept.created_at.astimezone(UTC) < datetime.now(UTC)

    within(restores)

"""Pages of real databases are overwritten; what is there after the next start, and what is said about it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sqlite3
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.model.backups import BackupKind
from app.model.chat import AttachmentKind, Draft, NewAttachment
from app.model.data_errors import DataPartlySalvaged, DataSalvaged
from app.model.errors import DataDamaged
from app.model.images import Picture, PictureOrigin
from app.paths import Paths
from app.services.history.salvage import LOST_QUESTION
from app.services.history.store import History
from app.workers.backups import make
from tests.services.history.conftest import Within
from tests.services.history.examples import MODEL, ask

DATA = Path(__file__).parents[2] / "data" / "history"
CONVERSATIONS, TURNS = 30, 4

type Seen = dict[str, list[tuple[str, str]]]


async def _fill(history: History) -> None:
    """Thirty conversations of eight messages, some of several pages."""
    for number in range(CONVERSATIONS):
        conversation = await history.conversations.create()
        await history.conversations.rename(conversation.id, f"Talk {number}")
        for turn in range(TURNS):
            words = f"answer {number} {turn} " * (900 if turn == 3 and number % 5 == 0 else 12)
            await ask(history, f"question {number} {turn}", words, conversation)


async def _see(history: History) -> Seen:
    return {
        conversation.title: [(str(m.role), m.text) for m in await history.messages.path(conversation.id)]
        for conversation in await history.conversations.all()
    }


@pytest.fixture
def before(within: Within) -> Seen:
    within(_fill)
    seen: Seen = within(_see)
    assert len(seen) == CONVERSATIONS
    return seen


def _pages(file: Path, table: str) -> list[tuple[int, str]]:
    """Numbers and kinds (leaf, internal, overflow) of a table's pages."""
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint (TRUNCATE)")
        query = "SELECT pageno, pagetype FROM dbstat WHERE name = ? ORDER BY path"
        return [(int(number), str(kind)) for number, kind in connection.execute(query, (table,))]


def _overwrite(file: Path, *numbers: int, with_bytes: Callable[[int], bytes] = os.urandom) -> None:
    with file.open("r+b") as content:
        for number in numbers:
            content.seek((number - 1) * 4096)
            content.write(with_bytes(4096))


def _problem(within: Within) -> DataDamaged:
    async def story(history: History) -> DataDamaged:
        (problem,) = history.problems
        assert isinstance(problem, DataDamaged)
        return problem

    found: DataDamaged = within(story)
    return found


def _saved(messages: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Without what was filled in for questions that were lost."""
    return [message for message in messages if message != ("user", LOST_QUESTION)]


def _suspect(paths: Paths) -> None:
    paths.database_file.with_name("history.sqlite3.suspect").touch()


def _is_sound(file: Path) -> bool:
    with contextlib.closing(sqlite3.connect(file)) as connection:
        return (
            connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            and connection.execute("PRAGMA foreign_key_check").fetchall() == []
        )


def _leaf(file: Path, table: str) -> int:
    leaves = [number for number, kind in _pages(file, table) if kind == "leaf"]
    return leaves[len(leaves) // 2]


@pytest.mark.parametrize("with_bytes", [os.urandom, bytes], ids=["noise", "zeros"])
def test_one_leaf_of_messages(within: Within, paths: Paths, before: Seen, with_bytes: Callable[[int], bytes]) -> None:
    _overwrite(paths.database_file, _leaf(paths.database_file, "messages"), with_bytes=with_bytes)
    problem = _problem(within)
    assert isinstance(problem, DataPartlySalvaged)
    assert problem.arguments["saved"] == str(CONVERSATIONS)
    assert problem.arguments["conversations"] == "0"
    after: Seen = within(_see)
    lost = sum(len(messages) for messages in before.values()) - sum(map(len, map(_saved, after.values())))
    assert 0 < lost == int(problem.arguments["messages"])
    whole = [title for title in before if after[title] == before[title]]
    assert len(whole) >= CONVERSATIONS - lost
    assert all(set(_saved(after[title])) <= set(before[title]) for title in before)
    assert all(messages[0][0] == "user" for messages in after.values() if messages), "no answer hangs in the air"
    assert _is_sound(paths.database_file)
    copy = paths.database_file.with_name(problem.arguments["copy"])
    assert copy.exists()


def test_a_backup_supplies_what_cannot_be_read(within: Within, paths: Paths, before: Seen) -> None:
    make(paths, BackupKind.DAILY, datetime.now(UTC), threading.Event())

    async def go_on(history: History) -> None:
        await ask(history, "after the backup", "and answered")

    within(go_on)
    _overwrite(paths.database_file, _leaf(paths.database_file, "messages"))
    problem = _problem(within)
    assert isinstance(problem, DataSalvaged)
    assert problem.arguments["saved"] == str(CONVERSATIONS + 1)
    after: Seen = within(_see)
    assert {title: after[title] for title in before} == before
    assert after["after the backup"] == [("user", "after the backup"), ("assistant", "and answered")]


def test_what_was_deleted_since_the_backup_does_not_come_back(within: Within, paths: Paths, before: Seen) -> None:
    make(paths, BackupKind.DAILY, datetime.now(UTC), threading.Event())

    async def delete(history: History) -> None:
        (first,) = [one for one in await history.conversations.all() if one.title == "Talk 0"]
        await history.conversations.delete(first.id)
        await history.conversations.purge()

    within(delete)
    _overwrite(paths.database_file, _leaf(paths.database_file, "messages"))
    _problem(within)
    assert "Talk 0" not in within(_see)


def test_a_backup_that_supplies_rows_owns_no_file_of_the_users(within: Within, paths: Paths) -> None:
    precious = paths.data.parent / "precious.doc"
    precious.write_text("mine")

    async def paint(history: History) -> None:
        for number in range(60):
            path = paths.pictures / f"{number}.png"
            path.write_bytes(b"ours")
            then = datetime.now(UTC)
            await history.pictures.add(Picture(0, path, PictureOrigin.GENERATED, "fox " * 200, MODEL, then, 8, 8, 4))

    within(paint)
    kept = make(paths, BackupKind.DAILY, datetime.now(UTC), threading.Event())
    with contextlib.closing(sqlite3.connect(kept.database)) as connection:
        connection.execute("UPDATE pictures SET path = ?, deleted_at = 1 WHERE deleted_at IS NULL", (str(precious),))
        connection.commit()
    _overwrite(paths.database_file, _leaf(paths.database_file, "pictures"))
    assert isinstance(_problem(within), DataDamaged)
    within(lambda history: history.tidy())
    assert precious.read_text() == "mine"
    with contextlib.closing(sqlite3.connect(paths.database_file)) as connection:
        assert connection.execute("SELECT count(*) FROM pictures").fetchone()[0] > 0


@pytest.mark.parametrize("index", ["messages_by_conversation", "messages_by_parent", "conversations_by_place"])
def test_the_page_of_an_index_costs_nothing(within: Within, paths: Paths, before: Seen, index: str) -> None:
    _overwrite(paths.database_file, _pages(paths.database_file, index)[0][0])
    problem = _problem(within)
    assert isinstance(problem, DataSalvaged)
    assert within(_see) == before
    assert _is_sound(paths.database_file)


def test_the_pages_of_the_search_cost_nothing(within: Within, paths: Paths, before: Seen) -> None:
    _overwrite(paths.database_file, *(number for number, _ in _pages(paths.database_file, "messages_index_data")))
    _suspect(paths)
    assert isinstance(_problem(within), DataSalvaged)
    assert within(_see) == before

    async def find(history: History) -> int:
        return len(await history.search.find("question 7 2"))

    assert within(find) == 1


@pytest.mark.parametrize("with_bytes", [os.urandom, bytes], ids=["noise", "zeros"])
def test_the_first_page(within: Within, paths: Paths, before: Seen, with_bytes: Callable[[int], bytes]) -> None:
    _pages(paths.database_file, "messages")
    _overwrite(paths.database_file, 1, with_bytes=with_bytes)
    problem = _problem(within)
    assert problem.arguments["saved"] == str(CONVERSATIONS)
    assert within(_see) == before
    assert _is_sound(paths.database_file)


def test_the_pages_of_the_schema(within: Within, paths: Paths, before: Seen) -> None:
    _overwrite(paths.database_file, *(n for n, _ in _pages(paths.database_file, "sqlite_schema") if n != 1))
    _problem(within)
    assert within(_see) == before
    assert _is_sound(paths.database_file)


@pytest.mark.parametrize("table", ["messages", "conversations"])
def test_the_page_that_leads_to_the_others(within: Within, paths: Paths, before: Seen, table: str) -> None:
    root = next(number for number, _ in _pages(paths.database_file, table))
    _overwrite(paths.database_file, root)
    _problem(within)
    after: Seen = within(_see)
    if table == "messages":
        assert after == before  # its leaves are all there
    else:
        assert len(after) == CONVERSATIONS  # their names were on this very page: they are called after what was asked
        assert sorted(after.values()) == sorted(before.values())
        assert "question 3 0" in after
    assert _is_sound(paths.database_file)


def test_a_long_answer_that_lost_a_page_is_missing_and_the_others_follow_each_other(
    within: Within, paths: Paths, before: Seen
) -> None:
    overflow = [number for number, kind in _pages(paths.database_file, "messages") if kind == "overflow"]
    _overwrite(paths.database_file, overflow[0])
    problem = _problem(within)
    assert problem.arguments["messages"] != "0"
    after: Seen = within(_see)
    assert sum(len(before[title]) - len(after[title]) for title in before) == 1
    assert _is_sound(paths.database_file)


def test_every_page_in_turn_leaves_something_sound(within: Within, paths: Paths, before: Seen, tmp_path: Path) -> None:
    """Whatever page it is, the program starts, and has at least all but what stood on that page."""
    _pages(paths.database_file, "messages")
    kept = tmp_path / "kept.sqlite3"
    shutil.copyfile(paths.database_file, kept)
    everything = {pair for messages in before.values() for pair in messages}
    for number in range(1, kept.stat().st_size // 4096 + 1, 5):
        shutil.copyfile(kept, paths.database_file)
        _overwrite(paths.database_file, number)
        _suspect(paths)
        after = {pair for messages in within(_see).values() for pair in _saved(messages)}
        assert after <= everything
        assert len(everything - after) <= 60
        assert _is_sound(paths.database_file)


def test_what_stands_only_in_the_log_is_read(within: Within, paths: Paths) -> None:
    async def story(history: History) -> None:
        await ask(history, "checkpointed", "yes")

    within(story)
    with contextlib.closing(sqlite3.connect(paths.database_file)) as connection:
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute("UPDATE conversations SET draft = 'in the log'")
        connection.commit()
        log = paths.database_file.with_name("history.sqlite3-wal").read_bytes()
        content = bytearray(paths.database_file.read_bytes())
    root = _pages(paths.database_file, "messages_by_conversation")[0][0]
    content[(root - 1) * 4096 : root * 4096] = os.urandom(4096)
    paths.database_file.write_bytes(content)
    paths.database_file.with_name("history.sqlite3-wal").write_bytes(log)
    assert isinstance(_problem(within), DataSalvaged)

    async def drafts(history: History) -> list[str]:
        return [conversation.draft for conversation in await history.conversations.all()]

    assert within(drafts) == ["in the log"]


@pytest.mark.parametrize("old", sorted(DATA.iterdir()), ids=lambda path: path.name)
def test_every_released_form_can_be_salvaged(within: Within, paths: Paths, old: Path) -> None:
    async def story(history: History) -> None:
        titles = [conversation.title for conversation in await history.conversations.all()]
        assert "你好 world" in titles
        (picture,) = await history.pictures.all()
        (recording,) = await history.recordings.all()
        (transcript,) = await history.transcripts.of(recording.id)
        assert (picture.prompt, recording.name, transcript.text) == ("a red balloon", "Memo", "Hello there.")

    shutil.copyfile(old, paths.database_file)
    _overwrite(paths.database_file, _pages(paths.database_file, "messages_by_conversation")[0][0])
    _suspect(paths)
    _problem(within)
    within(story)


def test_attachments_stay_with_their_messages(within: Within, paths: Paths) -> None:
    async def fill(history: History) -> None:
        conversation = await history.conversations.create()
        note = await history.attachments.add(
            conversation.id, NewAttachment(AttachmentKind.TEXT, "note.txt", "text/plain", b"words")
        )
        await history.messages.add_turn(conversation.id, Draft("look", (note,)), MODEL)

    async def names(history: History) -> list[str]:
        (conversation,) = await history.conversations.all()
        return [a.name for m in await history.messages.path(conversation.id) for a in m.attachments]

    within(fill)
    _overwrite(paths.database_file, _pages(paths.database_file, "messages_by_conversation")[0][0])
    assert isinstance(_problem(within), DataSalvaged)
    assert within(names) == ["note.txt"]


def test_progress_is_told(within: Within, paths: Paths, before: Seen) -> None:
    shares: list[float] = []

    async def repair() -> None:
        history = await History.open(paths, repairing=shares.append)
        await history.aclose()

    _overwrite(paths.database_file, _leaf(paths.database_file, "messages"))
    asyncio.run(repair())
    assert shares
    assert all(0.0 <= share <= 1.0 for share in shares)


def test_progress_is_told_too_when_the_beginnings_of_all_tables_are_lost(
    within: Within, paths: Paths, before: Seen
) -> None:
    roots = [_pages(paths.database_file, table)[0][0] for table in ("conversations", "messages")]
    _overwrite(paths.database_file, *roots)
    shares: list[float] = []

    async def story() -> None:
        history = await History.open(paths, repairing=shares.append)
        assert len(await history.conversations.all()) >= CONVERSATIONS - 1
        await history.aclose()

    asyncio.run(story())
    assert len(shares) > 2
    assert shares == sorted(shares)
    assert shares[-1] > 0.9


def test_a_program_killed_between_the_last_two_steps_goes_on(within: Within, paths: Paths, before: Seen) -> None:
    file = paths.database_file
    _pages(file, "messages")
    file.rename(file.with_name("history.sqlite3.salvaged"))
    assert within(_see) == before


def test_a_program_killed_before_the_damaged_file_was_moved_begins_again(
    within: Within, paths: Paths, before: Seen
) -> None:
    file = paths.database_file
    file.with_name("history.sqlite3.salvaged").write_bytes(b"of a killed program")
    file.with_name(".new-history.sqlite3").write_bytes(b"of a killed program")
    assert within(_see) == before
    assert not file.with_name("history.sqlite3.salvaged").exists()

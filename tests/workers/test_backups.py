"""Backups as a person meets them: made by themselves, looked into, and put back, whole or one conversation."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.model.audio import RecordingOrigin
from app.model.backups import BackupKind, Restored
from app.model.chat import Draft
from app.model.data_errors import BackupUnreadable
from app.model.errors import StorageFailed
from app.model.providers import Provider
from app.model.settings import AppearanceSettings, BackupSettings, ThemeChoice
from app.paths import Paths
from app.services.backups import RESTORES_KEPT, UPDATES_KEPT
from app.services.history.opening import open_database
from app.services.history.store import History
from app.services.settings import SettingsStore
from app.workers.backups import IDLE_S, BackupWorker, before_update, bring_back, finish_restore, make
from tests.services.history.examples import MODEL, PNG, ask

NOW = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
KEY = "sk-proj-0123456789abcdef"
PROVIDER = Provider(
    "work", "Work", "custom", "https://me:pass-word@host/v1", extra_headers={"X-Key": KEY}, proxy_url="http://a:b@p:1"
)


@dataclass
class World:
    """A profile while the program runs."""

    paths: Paths
    history: History
    settings: SettingsStore
    now: datetime = NOW

    @property
    def backups(self) -> BackupWorker:
        return BackupWorker(self.history, self.settings, self.paths, lambda: self.now)

    async def titles(self) -> list[str]:
        return sorted(conversation.title for conversation in await self.history.conversations.all())


type Told = Callable[[Callable[[World], Awaitable[None]]], None]


@pytest.fixture
def told(paths: Paths) -> Told:
    """Tell a story in the test's profile; the next one finds what the last one left, as after a restart."""

    async def tell(story: Callable[[World], Awaitable[None]]) -> None:
        settings = SettingsStore(paths.settings_file)
        settings.read()
        history = await History.open(paths)
        try:
            await history.tidy()
            await story(World(paths, history, settings))
        finally:
            await history.aclose()

    return lambda story: asyncio.run(tell(story))


def _rest(paths: Paths) -> None:
    """As if nobody had written for a while."""
    then = datetime.now().timestamp() - 2 * IDLE_S
    for file in (paths.database_file, paths.database_file.with_name("history.sqlite3-wal")):
        if file.exists():
            os.utime(file, (then, then))


def test_one_is_made_a_day_when_nobody_writes(told: Told) -> None:
    async def story(world: World) -> None:
        await ask(world.history, "Tides?", "The moon.")
        assert not await world.backups.make_if_due(), "something was written a moment ago"
        _rest(world.paths)
        assert await world.backups.make_if_due()
        assert not await world.backups.make_if_due()
        world.now += timedelta(days=1)
        assert await world.backups.make_if_due()
        world.settings.update(lambda settings: replace(settings, backups=BackupSettings(daily=False)))
        world.now += timedelta(days=1)
        assert not await world.backups.make_if_due()
        newest, oldest = await world.backups.all()
        assert newest.made_at - oldest.made_at == timedelta(days=1)
        assert newest.contents is not None
        assert (newest.contents.conversations, newest.contents.newest) == (1, ("Tides?",))

    told(story)


async def _soon(is_so: Callable[[], bool | list[Path]]) -> None:
    async with asyncio.timeout(10):
        while not await asyncio.to_thread(is_so):  # noqa: ASYNC110 - the worker tells nobody
            await asyncio.sleep(0)


def test_it_is_thought_of_again_and_again_until_the_program_ends(told: Told) -> None:
    async def story(world: World) -> None:
        await ask(world.history, "Tides?", "The moon.")
        _rest(world.paths)
        problems: list[StorageFailed] = []
        keeping = asyncio.ensure_future(world.backups.keep_daily(problems.append))
        await _soon(lambda: list(world.paths.backups.glob("daily-*")))
        keeping.cancel()
        with pytest.raises(asyncio.CancelledError):
            await keeping
        assert problems == []

    told(story)


def test_what_hinders_it_is_told_once_and_tried_again(told: Told) -> None:
    async def story(world: World) -> None:
        await ask(world.history, "Tides?", "The moon.")
        world.paths.backups.write_text("a file in its place")
        _rest(world.paths)
        tries = 0
        problems: list[StorageFailed] = []

        def now() -> datetime:
            nonlocal tries
            tries += 1
            return NOW

        worker = BackupWorker(world.history, world.settings, world.paths, now)
        keeping = asyncio.ensure_future(worker.keep_daily(problems.append, look_every_s=0.0))
        await _soon(lambda: tries >= 6)
        assert len(problems) == 1
        world.paths.backups.unlink()
        await _soon(lambda: list(world.paths.backups.glob("daily-*")))
        keeping.cancel()
        with pytest.raises(asyncio.CancelledError):
            await keeping
        assert len(problems) == 1

    told(story)


def test_no_secret_is_in_a_backup(told: Told) -> None:
    async def story(world: World) -> None:
        world.settings.write(replace(world.settings.value, providers=(PROVIDER,)))
        backup = await world.backups.make()
        written = b"".join(file.read_bytes() for file in backup.database.parent.iterdir())
        assert b"Work" in written
        for secret in (KEY, "pass-word", "a:b@"):
            assert secret.encode() not in written

    told(story)


def test_a_session_without_its_data_makes_none(paths: Paths) -> None:
    async def story() -> None:
        history = await History.open_temporary(paths)
        assert not await World(paths, history, SettingsStore(paths.settings_file)).backups.make_if_due()
        await history.aclose()

    asyncio.run(story())


def test_a_deleted_conversation_comes_back_with_its_files(told: Told) -> None:
    async def deletes(world: World) -> None:
        conversation = await world.history.conversations.create(title="Holiday")
        attachment = await world.history.attachments.add(conversation.id, PNG)
        await world.history.messages.add_turn(conversation.id, Draft("Where is this?", (attachment,)), MODEL)
        await ask(world.history, "Another", "one")
        await world.backups.make()
        await world.history.conversations.delete(conversation.id)
        await world.history.conversations.purge()
        assert not attachment.path.exists()

    async def restores(world: World) -> None:
        (backup,) = await world.backups.all()
        listed = await world.backups.conversations(backup)
        assert [stored.title for stored in listed] == ["Another", "Holiday"]
        back = await world.backups.restore_conversation(backup, listed[1].id)
        assert back.missing == 0
        assert await world.titles() == ["Another", "Holiday"]
        prompt = (await world.history.messages.path(back.conversation_id))[0]
        assert prompt.attachments[0].path.read_bytes() == PNG.data
        assert prompt.attachments[0].name == PNG.name
        await world.backups.restore_conversation(backup, listed[0].id)
        assert await world.titles() == ["Another", "Another", "Holiday"], "what is there stays"

    told(deletes)
    told(restores)


def test_restoring_all_brings_back_everything_and_keeps_today_as_a_backup(told: Told, paths: Paths) -> None:
    async def first(world: World) -> None:
        world.settings.write(
            replace(world.settings.value, providers=(PROVIDER,), appearance=AppearanceSettings(theme=ThemeChoice.DARK))
        )
        conversation = await world.history.conversations.create(title="Old")
        attachment = await world.history.attachments.add(conversation.id, PNG)
        await world.history.messages.add_turn(conversation.id, Draft("What?", (attachment,)), MODEL)
        await world.backups.make()
        await world.history.conversations.delete(conversation.id)
        await world.history.conversations.purge()
        world.settings.write(replace(world.settings.value, appearance=AppearanceSettings(theme=ThemeChoice.LIGHT)))
        await ask(world.history, "New", "since")
        (backup,) = await world.backups.all()
        await world.backups.stage(backup)
        assert await world.titles() == ["New"], "nothing happens before the restart"

    async def second(world: World) -> None:
        assert await world.titles() == ["Old"]
        (conversation,) = await world.history.conversations.all()
        (prompt, _) = await world.history.messages.path(conversation.id)
        assert prompt.attachments[0].path.read_bytes() == PNG.data
        assert world.settings.value.appearance.theme is ThemeChoice.DARK
        assert world.settings.value.providers == (PROVIDER,), "with the secrets of today"
        before, _ = await world.backups.all()
        assert before.kind is BackupKind.BEFORE_RESTORE
        await world.backups.stage(before)

    async def third(world: World) -> None:
        assert await world.titles() == ["New"]
        assert world.settings.value.appearance.theme is ThemeChoice.LIGHT

    told(first)
    restored = finish_restore(paths, NOW + timedelta(hours=1))
    assert isinstance(restored, Restored)
    assert (restored.made_at, restored.conversations) == (NOW, 1)
    assert restored.before is not None
    assert restored.before.kind is BackupKind.BEFORE_RESTORE
    assert not paths.staged_restore.exists()
    told(second)
    assert isinstance(finish_restore(paths, NOW + timedelta(hours=2)), Restored)
    told(third)
    assert finish_restore(paths) is None


def test_a_changed_backup_does_not_lead_a_key_elsewhere(told: Told, paths: Paths) -> None:
    async def first(world: World) -> None:
        world.settings.write(replace(world.settings.value, providers=(PROVIDER,)))
        settings_file = (await world.backups.make()).database.parent / "settings.json"
        settings_file.write_bytes(settings_file.read_bytes().replace(b"https://host/v1", b"https://evil.example/v1"))
        (backup,) = await world.backups.all()
        await world.backups.stage(backup)

    async def second(world: World) -> None:
        (provider,) = world.settings.value.providers
        assert (provider.base_url, provider.enabled) == ("https://evil.example/v1", False)
        assert provider.extra_headers == {}

    told(first)
    restored = finish_restore(paths, NOW)
    assert isinstance(restored, Restored)
    assert restored.switched_off == ("Work",)
    told(second)


def test_restoring_works_although_the_present_data_is_damaged(told: Told, paths: Paths) -> None:
    async def first(world: World) -> None:
        await ask(world.history, "Kept", "words")
        backup = await world.backups.make()
        for number in range(40):
            await ask(world.history, f"{number} " * 2000, "since")
        await world.backups.stage(backup)

    told(first)
    with paths.database_file.open("r+b") as file:
        file.seek(4096 * 6)
        file.write(b"\xff" * 4096 * 10)
    restored = finish_restore(paths, NOW)
    assert isinstance(restored, Restored)
    assert restored.before is None

    async def second(world: World) -> None:
        assert world.history.problems == []
        assert await world.titles() == ["Kept"]
        assert BackupKind.SET_ASIDE in [backup.kind for backup in await world.backups.all()]

    told(second)


def test_a_restore_that_fails_changes_nothing_and_is_told(told: Told, paths: Paths) -> None:
    async def first(world: World) -> None:
        await ask(world.history, "Here", "and now")
        await world.backups.stage(await world.backups.make())

    told(first)
    (paths.staged_restore / "history.sqlite3").write_bytes(b"no database " * 1000)
    problem = finish_restore(paths, NOW)
    assert isinstance(problem, StorageFailed)
    assert not paths.staged_restore.exists()

    async def second(world: World) -> None:
        assert await world.titles() == ["Here"]

    told(second)


def _in_the_way(place: Path) -> Callable[[], None]:
    """Let the disk refuse `place`; the result takes that back."""
    aside = place.rename(place.with_name(f"{place.name} aside"))
    place.mkdir() if aside.is_file() else place.write_text("a file in its place")

    def take_back() -> None:
        place.rmdir() if place.is_dir() else place.unlink()
        aside.rename(place)

    return take_back


def _with_large_pages(database: Path) -> Callable[[], None]:
    """SQLite reads such a database and copies no other into it while it has a log."""
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript("PRAGMA journal_mode = DELETE; PRAGMA page_size = 8192; VACUUM;")
    return lambda: None


@pytest.mark.parametrize("refused", ["attachments", "settings", "database"])
def test_a_restore_is_whole_or_does_not_happen(told: Told, paths: Paths, refused: str) -> None:
    refusals: dict[str, Callable[[], Callable[[], None]]] = {
        "attachments": lambda: _in_the_way(paths.attachments),
        "settings": lambda: _in_the_way(paths.settings_file),
        "database": lambda: _with_large_pages(paths.database_file),
    }

    async def first(world: World) -> None:
        world.settings.write(replace(world.settings.value, appearance=AppearanceSettings(theme=ThemeChoice.DARK)))
        conversation = await world.history.conversations.create(title="Old")
        attachment = await world.history.attachments.add(conversation.id, PNG)
        await world.history.messages.add_turn(conversation.id, Draft("What?", (attachment,)), MODEL)
        backup = await world.backups.make()
        await world.history.conversations.delete(conversation.id)
        await world.history.conversations.purge()
        world.settings.write(replace(world.settings.value, appearance=AppearanceSettings(theme=ThemeChoice.LIGHT)))
        await ask(world.history, "New", "since")
        await world.backups.stage(backup)

    async def second(world: World) -> None:
        assert await world.titles() == ["New"]
        assert world.settings.value.appearance.theme is ThemeChoice.LIGHT
        assert list(world.paths.attachments.iterdir()) == []

    told(first)
    allow = refusals[refused]()
    problem = finish_restore(paths, NOW)
    allow()
    assert isinstance(problem, StorageFailed)
    told(second)


def test_a_damaged_database_stays_in_its_place_if_nothing_takes_it(told: Told, paths: Paths) -> None:
    async def first(world: World) -> None:
        for number in range(40):
            await ask(world.history, f"{number} " * 2000, "since")
        world.settings.write(world.settings.value)
        await world.backups.stage(await world.backups.make())

    told(first)
    with paths.database_file.open("r+b") as file:
        file.seek(4096 * 6)
        file.write(b"\xff" * 4096 * 10)
    before = paths.database_file.read_bytes()
    allow = _in_the_way(paths.settings_file)
    assert isinstance(finish_restore(paths, NOW), StorageFailed)
    allow()
    assert paths.database_file.read_bytes() == before


def test_a_broken_backup_is_refused_before_anything_happens(told: Told) -> None:
    async def story(world: World) -> None:
        await ask(world.history, "Here", "and now")
        backup = await world.backups.make()
        data = backup.database.read_bytes()
        backup.database.write_bytes(data[:4096] + b"\xff" * 40_000 + data[44_096:])
        with pytest.raises(BackupUnreadable):
            await world.backups.stage(backup)
        assert not world.paths.staged_restore.exists()
        (found,) = await world.backups.all()
        await world.backups.remove(found)
        assert await world.backups.all() == []
        assert await world.titles() == ["Here"]

    told(story)


def test_a_backup_cannot_bring_in_files_from_elsewhere(told: Told, tmp_path: Path) -> None:
    import sqlite3

    secret = tmp_path / "secret.txt"
    secret.write_text("private")

    async def story(world: World) -> None:
        conversation = await world.history.conversations.create(title="Bait")
        await world.history.attachments.add(conversation.id, PNG)
        backup = await world.backups.make()
        connection = sqlite3.connect(backup.database)
        connection.execute("UPDATE attachments SET file = ?", (str(secret),))
        connection.commit()
        connection.close()
        (stored,) = await world.backups.conversations(backup)
        back = await world.backups.restore_conversation(backup, stored.id)
        assert (await world.history.conversations.draft(back.conversation_id)).attachments == ()
        assert back.missing == 1, "and that is told"
        with pytest.raises(BackupUnreadable):
            await world.backups.stage(backup)

    told(story)


def test_a_backup_whose_files_cannot_be_kept_is_not_made(told: Told) -> None:
    async def story(world: World) -> None:
        conversation = await world.history.conversations.create(title="Holiday")
        await world.history.attachments.add(conversation.id, PNG)
        world.paths.backups.mkdir()
        in_the_way = world.paths.backups / "attachments"
        in_the_way.write_text("a file in its place")
        _rest(world.paths)
        with pytest.raises(StorageFailed):
            await world.backups.make_if_due()
        assert await world.backups.all() == []
        in_the_way.unlink()
        assert await world.backups.make_if_due(), "it is still due"
        assert [path.read_bytes() for path in in_the_way.iterdir()] == [PNG.data]

    told(story)


def test_stopping_a_backup_leaves_the_older_ones(told: Told) -> None:
    async def story(world: World) -> None:
        await ask(world.history, "x " * 100_000, "y")
        await world.backups.make()
        world.now += timedelta(days=1)
        making = asyncio.ensure_future(world.backups.make())
        await asyncio.sleep(0)
        making.cancel()
        with pytest.raises(asyncio.CancelledError):
            await making
        assert len(await world.backups.all()) in (1, 2)
        assert not list(world.paths.backups.glob(".new-*"))

    told(story)


def test_the_data_of_an_older_version_comes_back_as_it_was(told: Told, paths: Paths) -> None:
    async def writes(world: World) -> None:
        await ask(world.history, "Old?", "Yes.")
        gone = (await ask(world.history, "Deleted?", "Yes.")).conversation_id
        await world.history.conversations.delete(gone)

    kept: list[Path | None] = []
    told(writes)
    kept.append(before_update(paths, NOW))

    async def goes_on(world: World) -> None:
        await ask(world.history, "New?", "Yes.")

    async def finds_the_old(world: World) -> None:
        assert await world.titles() == ["Old?"]
        kinds = [backup.kind for backup in await world.backups.all()]
        assert kinds == [BackupKind.BEFORE_RESTORE, BackupKind.BEFORE_UPDATE]

    async def finds_all(world: World) -> None:
        assert await world.titles() == ["New?", "Old?"]

    told(goes_on)
    assert kept[0] is not None
    undo = bring_back(paths, kept[0], NOW + timedelta(hours=1))
    told(finds_the_old)
    undo()
    told(finds_all)


def test_the_data_of_an_older_version_deletes_nothing_that_is_not_ours(told: Told, paths: Paths) -> None:
    precious = paths.data.parent / "precious.doc"
    precious.write_bytes(b"mine")

    async def writes(world: World) -> None:
        await ask(world.history, "Old?", "Yes.")

    told(writes)
    kept = before_update(paths, NOW)
    assert kept is not None
    with closing(open_database(kept, [])) as connection:
        connection.execute(
            "INSERT INTO pictures (path, origin, provider_id, model_id, created_at, width_px, height_px, size_bytes)"
            " VALUES (?, 'generated', 'p', 'm', 1, 1, 1, 1)",
            (str(precious),),
        )
        connection.execute(
            "INSERT INTO recordings (name, path, origin, state, created_at)"
            " VALUES ('x', ?, 'microphone', 'recording', 1)",
            (str(precious),),
        )

    async def deletes(world: World) -> None:
        (picture,) = await world.history.pictures.all()
        (recording,) = await world.history.recordings.all()
        assert recording.origin is RecordingOrigin.FILE
        await world.history.pictures.delete(picture.id)
        await world.history.recordings.delete(recording.id)
        await world.history.tidy()
        assert precious.read_bytes() == b"mine"

    bring_back(paths, kept, NOW + timedelta(hours=1))
    told(deletes)


def test_data_of_an_older_version_that_cannot_come_back_whole_does_not(told: Told, paths: Paths) -> None:
    kept: list[Path | None] = []

    async def attaches(world: World) -> None:
        await ask(world.history, "Old?", "Yes.")
        conversation = await world.history.conversations.create()
        await world.history.attachments.add(conversation.id, PNG)

    async def finds_the_new(world: World) -> None:
        assert await world.titles() == ["New?"]

    async def replaces(world: World) -> None:
        for conversation in await world.history.conversations.all():
            await world.history.conversations.delete(conversation.id)
        await world.history.tidy()
        await ask(world.history, "New?", "Yes.")

    told(attaches)
    kept.append(before_update(paths, NOW))
    told(replaces)
    assert kept[0] is not None
    assert not list(paths.attachments.iterdir())
    paths.attachments.rmdir()
    paths.attachments.write_bytes(b"no folder")
    with pytest.raises(StorageFailed):
        bring_back(paths, kept[0], NOW + timedelta(hours=1))
    paths.attachments.unlink()
    paths.attachments.mkdir()
    told(finds_the_new)


def test_no_backup_goes_that_was_made_just_now_or_is_needed_although_the_clock_was_set_back(
    told: Told, paths: Paths
) -> None:
    async def writes(world: World) -> None:
        await ask(world.history, "Old?", "Yes.")

    async def goes_on(world: World) -> None:
        await ask(world.history, "New?", "Yes.")

    async def finds_all(world: World) -> None:
        assert await world.titles() == ["New?", "Old?"]

    told(writes)
    for number in range(max(UPDATES_KEPT, RESTORES_KEPT)):
        make(paths, BackupKind.BEFORE_UPDATE, NOW + timedelta(days=number), threading.Event())
        make(paths, BackupKind.BEFORE_RESTORE, NOW + timedelta(days=number), threading.Event())
    kept = before_update(paths, NOW - timedelta(days=9))
    assert kept is not None
    told(goes_on)
    undo = bring_back(paths, kept, NOW - timedelta(days=8))
    undo()
    told(finds_all)


def test_data_of_a_newer_version_is_kept_as_it_is(told: Told, paths: Paths) -> None:
    async def writes(world: World) -> None:
        await ask(world.history, "Future?", "Yes.")

    told(writes)
    with closing(sqlite3.connect(paths.database_file)) as connection:
        connection.execute("PRAGMA user_version = 9999")
    kept = before_update(paths, NOW)
    assert kept is not None
    with closing(sqlite3.connect(kept)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (9999,)


def test_without_data_there_is_nothing_to_keep(paths: Paths) -> None:
    assert before_update(paths) is None


def test_only_the_newest_copies_before_updates_are_kept(told: Told, paths: Paths) -> None:
    async def writes(world: World) -> None:
        await ask(world.history, "Tides?", "The moon.")

    told(writes)
    for number in range(UPDATES_KEPT + 2):
        before_update(paths, NOW + timedelta(days=number))

    async def counts(world: World) -> None:
        assert len(await world.backups.all()) == UPDATES_KEPT

    told(counts)

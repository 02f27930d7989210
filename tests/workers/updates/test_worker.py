"""UpdateWorker: looks when it may, believes what it should, downloads what was released, and plans what was wanted."""

from __future__ import annotations

import asyncio
import threading
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.model.errors import DiskFull
from app.model.update_errors import (
    DownloadBrokenOff,
    FeedExpired,
    FeedNotGenuine,
    FeedReplayed,
    FeedUnreachable,
    NoWayBack,
)
from app.model.updates import ASK_AFTER, Availability, Former, News, Problem, SignedText, UpdateState
from app.services.updates.feed import ReleaseFeed
from app.services.updates.folder import UpdateFolder
from app.workers.updates import UpdateWorker
from tests.fakes.release_feed import NOW, another_key
from tests.workers.updates.updating import NEW, OLD, Computer, download, program_saying


def test_without_consent_nothing_is_asked(computer: Computer) -> None:
    async def story() -> None:
        worker, _, _ = await computer.started()
        async with aclosing(worker.look_daily(lambda: False, first_after_s=0)) as looks:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3):
                    await anext(looks)

    asyncio.run(story())
    assert computer.server.asked == []


def test_it_looks_once_a_day(computer: Computer) -> None:
    async def looks_at_start() -> bool:
        worker, _, _ = await computer.started()
        before = len(computer.server.asked)
        async with aclosing(worker.look_daily(lambda: True, first_after_s=0)) as looks:
            try:
                async with asyncio.timeout(20 if before == 0 else 0.3):
                    await anext(looks)
            except TimeoutError:
                pass
        return len(computer.server.asked) > before

    assert asyncio.run(looks_at_start())
    computer.now += timedelta(hours=12)
    assert not asyncio.run(looks_at_start())
    computer.now -= timedelta(days=30)
    computer.server.files.requests.clear()
    assert asyncio.run(looks_at_start()), "the clock was wrong then"


def test_a_newer_version_is_found_and_remembered(computer: Computer) -> None:
    async def story() -> None:
        worker, _, _ = await computer.started()
        release = await worker.check()
        assert release is not None
        assert (release.version, worker.status.version) == (NEW, OLD)
        assert worker.is_offered()
        again, _, _ = await computer.started()
        assert again.status.release == release
        assert again.status.checked_at == NOW

    asyncio.run(story())
    assert computer.server.asked == ["/feed.json"]


@pytest.mark.parametrize("version", [OLD, "0.0.9"])
def test_what_is_not_newer_is_no_update(computer: Computer, version: str) -> None:
    async def story() -> None:
        computer.server.publish(program_saying(version), version)
        worker, _, _ = await computer.started()
        assert await worker.check() is None
        assert worker.status.release is None
        assert not worker.is_offered()

    asyncio.run(story())


def test_an_old_list_that_is_shown_again_is_refused(computer: Computer) -> None:
    async def story() -> None:
        worker, _, _ = await computer.started()
        old = computer.server.feed
        computer.server.publish(program_saying("9.1.0"), "9.1.0")
        await worker.check()
        computer.server.feed = old
        with pytest.raises(FeedReplayed):
            await worker.check()
        again, _, _ = await computer.started()
        with pytest.raises(FeedReplayed):
            await again.check()
        assert again.status.release is not None
        assert again.status.release.version == "9.1.0"

    asyncio.run(story())


def test_a_release_that_was_taken_back_is_not_installed(computer: Computer) -> None:
    async def story() -> None:
        worker = await computer.downloaded()
        assert worker.status.is_ready
        computer.server.publish(program_saying(OLD), OLD)
        await worker.check()
        assert not worker.status.is_ready

    asyncio.run(story())
    computer.close()
    assert computer.version == OLD


def test_only_what_hides_something_is_told_unasked(computer: Computer) -> None:
    async def looked() -> object:
        worker, _, _ = await computer.started()
        computer.now += timedelta(days=2)
        async with aclosing(worker.look_daily(lambda: True, first_after_s=0)) as looks:
            return await anext(looks)

    good = computer.server.feed
    computer.server.feed = b"<html>"
    assert asyncio.run(looked()) is None
    computer.server.feed = good
    assert asyncio.run(looked()) is None
    computer.server.key = another_key()
    computer.server.publish(program_saying(NEW), NEW)
    assert isinstance(asyncio.run(looked()), FeedNotGenuine)


def test_an_expired_list_is_told(computer: Computer) -> None:
    async def story() -> None:
        worker, _, _ = await computer.started()
        computer.now += timedelta(days=10_000)
        with pytest.raises(FeedExpired):
            await worker.check()

    asyncio.run(story())


def test_a_look_that_failed_counts_as_one(computer: Computer) -> None:
    async def story() -> None:
        worker, _, _ = await computer.started()
        del computer.server.files.files["/feed.json"]
        with pytest.raises(FeedUnreachable):
            await worker.check()
        assert worker.status.checked_at == NOW

    asyncio.run(story())


def test_a_download_goes_on_in_the_next_run(computer: Computer) -> None:
    async def breaks_off() -> None:
        worker, _, _ = await computer.started()
        await worker.check()
        computer.server.files.break_after = 150_000
        with pytest.raises(DownloadBrokenOff):
            await download(worker)
        assert not worker.status.is_ready

    async def goes_on() -> None:
        worker, _, _ = await computer.started()
        done = await download(worker)
        assert done[-1] == len(program_saying(NEW))
        assert worker.status.is_ready
        assert not worker.is_offered()

    asyncio.run(breaks_off())
    asyncio.run(goes_on())
    path, wanted = computer.server.files.requests[-1]
    assert path.endswith(".AppImage")
    assert wanted.startswith("bytes=")
    assert wanted != "bytes=0-"


def test_a_download_is_stopped_and_goes_on(computer: Computer) -> None:
    async def story() -> None:
        worker, _, _ = await computer.started()
        computer.server.publish(program_saying(NEW) + bytes(3 << 20), NEW)
        await worker.check()
        computer.server.files.flows.clear()
        async with aclosing(worker.download()) as steps:
            assert (await anext(steps))[0] > 0
        computer.server.files.flows.set()
        await download(worker)
        assert worker.status.is_ready

    asyncio.run(story())


def test_a_release_that_is_found_during_a_download_is_offered_then(computer: Computer) -> None:
    """And what was on its way is not installed under its name."""

    async def story() -> None:
        worker, _, _ = await computer.started()
        computer.server.publish(program_saying(NEW) + bytes(3 << 20), NEW)
        await worker.check()
        computer.server.files.flows.clear()
        async with aclosing(worker.download()) as steps:
            await anext(steps)
            computer.server.publish(program_saying("9.1.0"), "9.1.0")
            await worker.check()
            computer.server.files.flows.set()
            async for _ in steps:
                pass
        assert not worker.status.is_ready
        assert worker.is_offered()
        await download(worker)
        assert worker.status.is_ready

    asyncio.run(story())
    computer.close()
    assert computer.version == "9.1.0"


def test_what_was_kept_is_read_before_anything_is_changed(computer: Computer) -> None:
    """Also where nobody has asked what became of the last run's plans."""

    async def story() -> None:
        former = Former("0.0.9", NOW, "program", "0" * 64)
        computer.plan(sequence=41, former=former, skipped="8.0.0")
        with pytest.raises(FeedReplayed):
            await computer.worker().check()
        kept = computer.folder.read()
        assert (kept.sequence, kept.former, kept.skipped) == (41, former, "8.0.0")

    asyncio.run(story())


def test_what_is_discarded_during_a_look_stays_discarded(computer: Computer) -> None:
    async def story() -> None:
        usual = await computer.downloaded()
        folder, feed = SlowFolder(computer), SlowFeed(await _feed_of(usual))
        worker = UpdateWorker(folder, computer.parts.installation, feed.made, version=OLD, now=lambda: NOW)
        await worker.begin()
        async with asyncio.TaskGroup() as group:
            group.create_task(worker.check())
            await feed.answered.wait()
            folder.may_write.clear()
            group.create_task(worker.discard())
            await asyncio.to_thread(folder.writes.wait)
            feed.may_tell.set()
            for _ in range(5):
                await asyncio.sleep(0)  # the look goes on until it has to wait, too
            folder.may_write.set()
        assert not worker.status.is_ready
        assert not folder.read().ready

    asyncio.run(story())


async def _feed_of(worker: UpdateWorker) -> ReleaseFeed:
    assert worker._feed is not None
    return await worker._feed()


class SlowFolder(UpdateFolder):
    """Writes when the test says so."""

    def __init__(self, computer: Computer) -> None:
        super().__init__(computer.paths.updates, computer.paths.backups)
        self.may_write, self.writes = threading.Event(), threading.Event()
        self.may_write.set()

    def write(self, state: UpdateState) -> None:
        if not self.may_write.is_set():
            self.writes.set()
        self.may_write.wait()
        super().write(state)


class SlowFeed:
    """Tells what a feed has answered when the test says so."""

    def __init__(self, feed: ReleaseFeed) -> None:
        self._feed = feed
        self.host = feed.host
        self.release = feed.release
        self.answered, self.may_tell = asyncio.Event(), asyncio.Event()

    async def made(self) -> Any:
        return self

    async def newest(self, now: datetime) -> SignedText:
        signed = await self._feed.newest(now)
        self.answered.set()
        await self.may_tell.wait()
        return signed


def test_what_is_kept_at_the_same_time_is_all_kept(computer: Computer) -> None:
    async def story() -> None:
        worker = await computer.downloaded()
        await asyncio.gather(worker.start_again(), worker.check(), worker.start_again())
        again = computer.folder.read()
        assert (again.starts_again, again.ready, again.answered) == (True, True, True)

    asyncio.run(story())


def test_a_full_disk_is_said_before(computer: Computer) -> None:
    async def story() -> None:
        folder = UpdateFolder(computer.paths.updates, computer.paths.backups, lambda _: 1000)
        parts = computer.parts
        usual = computer.worker()
        worker = UpdateWorker(folder, parts.installation, usual._feed, version=OLD, now=lambda: NOW)
        await worker.begin()
        await worker.check()
        with pytest.raises(DiskFull):
            await download(worker)

    asyncio.run(story())


def test_what_is_not_wanted_is_not_installed(computer: Computer) -> None:
    async def story() -> None:
        worker = await computer.downloaded()
        await worker.discard()
        assert not worker.status.is_ready

    asyncio.run(story())
    computer.close()
    assert computer.version == OLD
    assert not computer.folder.downloads.exists()


def test_a_found_version_is_not_believed_when_it_was_changed_on_the_disk(computer: Computer) -> None:
    async def story() -> None:
        await computer.downloaded()
        found = computer.folder.read().found
        assert found is not None
        computer.plan(found=replace(found, manifest=found.manifest.replace(NEW, "9.9.9")))
        worker, _, _ = await computer.started()
        assert worker.status.release is None
        assert not worker.status.is_ready

    asyncio.run(story())


def test_the_question_comes_once_there_was_a_first_day(computer: Computer) -> None:
    async def is_due() -> bool:
        worker, _, _ = await computer.started()
        return worker.is_question_due()

    assert not asyncio.run(is_due())
    computer.now += ASK_AFTER
    assert asyncio.run(is_due())


def test_where_others_bring_updates_nothing_is_kept_or_asked(computer: Computer) -> None:
    async def story() -> None:
        worker = UpdateWorker(computer.folder, None, None, now=lambda: computer.now + timedelta(days=2))
        assert await worker.begin() == (News.NONE, None)
        assert worker.availability is Availability.PACKAGED
        assert not worker.is_question_due()
        without_feed = UpdateWorker(computer.folder, computer.parts.installation, None)
        assert without_feed.availability is Availability.NO_FEED
        with pytest.raises(ValueError, match="no feed"):
            await without_feed.check()
        with pytest.raises(ValueError, match="nothing to download"):
            await download(without_feed)

    asyncio.run(story())
    assert not computer.paths.updates.exists()


def test_a_problem_of_the_last_end_is_told_once(computer: Computer) -> None:
    computer.plan(problem=Problem("DiskFull", "No space left", {"path": "/somewhere"}))
    told = asyncio.run(computer.worker().begin())[1]
    assert isinstance(told, DiskFull)
    assert told.arguments == {"path": "/somewhere"}
    assert asyncio.run(computer.worker().begin())[1] is None
    for unknown in ("os", "storage_failure", "Of the future"):
        computer.plan(problem=Problem(unknown))
        assert asyncio.run(computer.started())[2] == "UpdateFailed"


def test_without_a_former_version_there_is_no_way_back(computer: Computer) -> None:
    async def story() -> None:
        worker, _, _ = await computer.started()
        with pytest.raises(NoWayBack):
            await worker.go_back()
        computer.folder.write(UpdateState(former=Former("0.0.9", NOW, "gone", "0" * 64)))
        worker, _, _ = await computer.started()
        with pytest.raises(NoWayBack):
            await worker.go_back()

    asyncio.run(story())

"""What happens when the window has closed: another version in the place of this one, and back; nothing is lost."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest

from app.model.backups import BackupKind
from app.model.settings import ThemeChoice
from app.model.updates import News, SignedText
from app.services.backups import BackupFolder
from app.services.settings import SettingsStore
from app.services.updates.folder import SETTINGS
from app.updating import finish
from tests.workers.updates.updating import NEW, OLD, Computer, program_saying


def _kinds(computer: Computer) -> list[BackupKind]:
    return [backup.kind for backup in BackupFolder(computer.paths.backups, computer.paths.database_file).all()]


def _choose(computer: Computer, theme: ThemeChoice) -> None:
    store = SettingsStore(computer.paths.settings_file)
    settings = store.read()
    store.write(replace(settings, appearance=replace(settings.appearance, theme=theme)))


def _update(computer: Computer) -> None:
    asyncio.run(computer.write("Old"))
    _choose(computer, ThemeChoice.DARK)
    asyncio.run(computer.downloaded())
    computer.close()
    assert computer.version == NEW


def _go_back(computer: Computer) -> None:
    async def plan() -> None:
        worker, _, _ = await computer.started()
        await worker.go_back()
        computer.plan(starts_again=False)  # nobody waits here for a program that is started apart

    asyncio.run(plan())
    computer.close()


def test_the_new_version_is_installed_and_the_way_back_kept(computer: Computer) -> None:
    _update(computer)
    assert _kinds(computer) == [BackupKind.BEFORE_UPDATE]
    worker, news, problem = asyncio.run(computer.started())
    assert (news, problem) == (News.UPDATED, "")
    assert worker.status.former is not None
    assert worker.status.former.version == OLD
    assert not computer.folder.downloads.exists()
    assert asyncio.run(computer.started())[1] is News.NONE, "it is told once"


def test_a_first_run_that_ends_at_once_leaves_the_way_back(computer: Computer) -> None:
    """Before it was found out what became of the plan, there is nothing to be done at the end."""
    _update(computer)
    computer.close()
    worker, news, problem = asyncio.run(computer.started())
    assert (news, problem) == (News.UPDATED, "")
    assert worker.status.former is not None


def test_program_and_data_come_back_and_what_was_written_since_is_kept(computer: Computer) -> None:
    _update(computer)
    asyncio.run(computer.write("New"))
    _choose(computer, ThemeChoice.LIGHT)
    _go_back(computer)
    assert computer.version == OLD
    assert asyncio.run(computer.titles()) == ["Old"]
    assert SettingsStore(computer.paths.settings_file).read().appearance.theme is ThemeChoice.DARK
    kept = BackupFolder(computer.paths.backups, computer.paths.database_file).all()[0]
    assert kept.kind is BackupKind.BEFORE_RESTORE
    assert kept.contents is not None
    assert kept.contents.newest == ("New", "Old")
    worker, news, problem = asyncio.run(computer.started())
    assert (news, problem) == (News.WENT_BACK, "")
    assert worker.status.former is None


def test_what_was_left_is_not_offered_again_unasked(computer: Computer) -> None:
    _update(computer)
    _go_back(computer)

    async def looks() -> tuple[bool, bool]:
        worker, _, _ = await computer.started()
        found = await worker.check() is not None
        return found, worker.is_offered()

    assert asyncio.run(looks()) == (True, False)
    computer.server.publish(program_saying("9.0.1"), "9.0.1")
    assert asyncio.run(looks()) == (True, True)


def test_settings_come_back_as_the_former_version_wrote_them(computer: Computer) -> None:
    """Also if the newer one has written what the former cannot read."""
    _update(computer)
    written = json.loads(computer.paths.settings_file.read_text("utf-8"))
    computer.paths.settings_file.write_text(json.dumps(written | {"schema": 99}), "utf-8")
    _go_back(computer)
    store = SettingsStore(computer.paths.settings_file)
    assert store.read().appearance.theme is ThemeChoice.DARK
    assert store.problems == []


def test_nothing_happens_unless_it_was_planned(computer: Computer) -> None:
    computer.close()
    asyncio.run(computer.write("Old"))
    asyncio.run(computer.started())
    computer.close()
    assert computer.version == OLD
    assert _kinds(computer) == []


def test_a_program_that_changed_on_the_disk_is_refused(computer: Computer) -> None:
    asyncio.run(computer.write("Old"))
    asyncio.run(computer.downloaded())
    (downloaded,) = computer.folder.downloads.iterdir()
    downloaded.write_bytes(program_saying("6.6.6"))
    computer.close()
    assert computer.version == OLD
    worker, news, problem = asyncio.run(computer.started())
    assert (news, problem) == (News.NONE, "DownloadWrong")
    assert not worker.status.is_ready
    assert _kinds(computer) == [], "nothing was begun"


def test_a_planned_version_whose_manifest_was_changed_is_refused(computer: Computer) -> None:
    asyncio.run(computer.downloaded())
    found = computer.folder.read().found
    assert found is not None
    computer.plan(found=replace(found, manifest=found.manifest.replace(NEW, "9.9.9")))
    computer.close()
    assert computer.version == OLD
    assert asyncio.run(computer.started())[2] == "FeedNotGenuine"


def test_an_older_version_is_not_installed_even_if_it_was_planned(computer: Computer) -> None:
    computer.server.publish(program_saying("0.0.9"), "0.0.9")

    async def plan() -> None:
        worker, _, _ = await computer.started()
        await worker.check()
        old = computer.server.feed
        computer.server.publish(program_saying(NEW), NEW)
        await computer.downloaded()
        computer.plan(found=SignedText(**json.loads(old)))

    asyncio.run(plan())
    computer.close()
    assert computer.version == OLD
    assert asyncio.run(computer.started())[2] == "DownloadWrong"


def test_without_a_backup_the_present_version_stays(computer: Computer) -> None:
    asyncio.run(computer.write("Old"))
    asyncio.run(computer.downloaded())
    computer.paths.backups.write_text("a file where the folder of backups ought to be", "utf-8")
    computer.close()
    assert computer.version == OLD
    assert asyncio.run(computer.started())[2] == "StorageFailed"


def test_a_profile_without_data_needs_no_backup(computer: Computer) -> None:
    asyncio.run(computer.downloaded())
    computer.close()
    assert computer.version == NEW
    _go_back(computer)
    assert computer.version == OLD


def test_a_former_program_that_was_changed_does_not_come_back(computer: Computer) -> None:
    _update(computer)

    async def plan() -> Path:
        worker, _, _ = await computer.started()
        await worker.go_back()
        computer.plan(starts_again=False)
        assert worker.status.former is not None
        return computer.folder.former_program(worker.status.former)

    kept = asyncio.run(plan())
    kept.write_bytes(program_saying("6.6.6"))
    asyncio.run(computer.write("New"))
    computer.close()
    assert computer.version == NEW
    assert asyncio.run(computer.titles()) == ["New", "Old"]
    assert asyncio.run(computer.started())[2] == "NoWayBack"


def test_a_program_that_cannot_be_replaced_leaves_the_data_as_it_is(computer: Computer) -> None:
    _update(computer)

    async def plan() -> None:
        worker, _, _ = await computer.started()
        await worker.go_back()
        computer.plan(starts_again=False)

    asyncio.run(plan())
    asyncio.run(computer.write("New"))
    parts = computer.parts
    assert parts.installation is not None
    refusing = replace(parts, installation=Refusing(parts.installation.target))
    finish(computer.paths, refusing)
    assert computer.version == NEW
    assert asyncio.run(computer.titles()) == ["New", "Old"]
    assert asyncio.run(computer.started())[2] == "StorageFailed"


def test_settings_that_cannot_come_back_leave_the_data_as_it_is(computer: Computer) -> None:
    _update(computer)
    asyncio.run(computer.write("New"))
    former = asyncio.run(computer.started())[0].status.former
    assert former is not None
    kept = computer.folder.former_program(former).with_name(SETTINGS)
    kept.unlink()
    kept.mkdir()
    _go_back(computer)
    assert computer.version == NEW
    assert asyncio.run(computer.titles()) == ["New", "Old"]


def test_a_run_that_was_killed_before_the_new_version_was_in_place_is_told(computer: Computer) -> None:
    _update(computer)
    former = asyncio.run(computer.started())[0].status.former
    computer.program.write_bytes(program_saying(OLD))
    computer.plan(installing=former, former=None, ready=True)
    _, news, problem = asyncio.run(computer.started())
    assert (news, problem) == (News.NONE, "NotInstalled")


def test_a_run_that_was_killed_on_the_way_back_is_told(computer: Computer) -> None:
    _update(computer)
    asyncio.run(computer.started())
    computer.plan(is_going_back=True)
    worker, news, problem = asyncio.run(computer.started())
    assert (news, problem) == (News.NONE, "NoWayBack")
    assert worker.status.former is not None, "it can be tried again"


class Refusing:
    """A place that may be written to until it is."""

    command = ()

    def __init__(self, target: str) -> None:
        self.target = target

    def check(self) -> None:
        pass

    def keep(self, folder: Path) -> Path | None:
        return None

    def install(self, new: Path, version: str) -> None:
        raise PermissionError(13, "Permission denied", "/the/program")

    def tidy(self) -> None:
        pass


@pytest.mark.parametrize("times", [1, 2])
def test_one_update_after_the_other_keeps_only_the_last_former_version(computer: Computer, times: int) -> None:
    _update(computer)
    asyncio.run(computer.started())
    for number in range(times):
        version = f"9.{number + 1}.0"
        computer.server.publish(program_saying(version), version)
        before = computer.version
        asyncio.run(computer.downloaded())
        computer.close()
        worker, _, _ = asyncio.run(computer.started())
        assert worker.status.former is not None
        assert worker.status.former.version == before
        kept = computer.folder.former_program(worker.status.former).parent.parent
        assert [path.name for path in kept.iterdir()] == [before]

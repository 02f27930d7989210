"""The folder of backups: a backup is there whole or not at all, and none goes before a newer one is there."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.model.backups import DAILY_KEPT, Backup, BackupKind, Contents
from app.model.errors import DiskFull, StorageFailed
from app.services.backups import RESERVE_BYTES, RESTORES_KEPT, BackupFolder, Copied

NOW = datetime(2026, 11, 22, 18, 0, 0, 123456, tzinfo=UTC)
HELD = Contents(conversations=3, messages=9, newest=("Tides",))


@pytest.fixture
def database(tmp_path: Path) -> Path:
    file = tmp_path / "data" / "history.sqlite3"
    file.parent.mkdir()
    file.write_bytes(b"the database")
    return file


@pytest.fixture
def folder(database: Path) -> BackupFolder:
    return BackupFolder(database.parent / "backups", database)


def _add(
    folder: BackupFolder, now: datetime = NOW, kind: BackupKind = BackupKind.DAILY, files: tuple[str, ...] = ()
) -> Backup:
    def copy(target: Path) -> Copied:
        target.write_bytes(b"a copy")
        return Copied(2, HELD, frozenset(files))

    return folder.add(kind, now, b"{}", copy, folder.attachments.parents[1] / "attachments")


def test_a_backup_is_found_again(folder: BackupFolder) -> None:
    made = _add(folder)
    assert folder.all() == [made]
    assert made.database.read_bytes() == b"a copy"
    assert made == Backup(made.database, BackupKind.DAILY, NOW, 6, HELD, has_settings=True)
    assert folder.settings_of(made) == b"{}"
    assert folder.daily() == [NOW]
    assert os.name == "nt" or made.database.parent.stat().st_mode & 0o077 == 0


def test_a_copy_that_fails_leaves_nothing(folder: BackupFolder, database: Path) -> None:
    def fails(target: Path) -> Copied:
        target.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    with pytest.raises(DiskFull):
        folder.add(BackupKind.DAILY, NOW, b"{}", fails, database.parent / "attachments")
    assert list((database.parent / "backups").iterdir()) == []


def test_what_a_killed_program_left_is_no_backup_and_goes(folder: BackupFolder, database: Path) -> None:
    left = database.parent / "backups" / ".new-abc"
    left.mkdir(parents=True)
    (left / "history.sqlite3").write_bytes(b"half")
    assert folder.all() == []
    _add(folder)
    assert not left.exists()


def test_what_was_left_while_looking_goes_when_nobody_can_be_looking(folder: BackupFolder, database: Path) -> None:
    made = _add(folder)
    places = [parent / name for parent in (made.database.parent, database.parent) for name in (".look-a", ".look-b")]
    for place in places:
        place.mkdir()
        if place.name == ".look-a":
            os.utime(place, (0, 0))
    _add(folder, NOW + timedelta(days=1))
    assert [place.exists() for place in places] == [False, True] * 2


def test_a_disk_that_is_nearly_full_is_not_filled(database: Path) -> None:
    folder = BackupFolder(database.parent / "backups", database, lambda _: RESERVE_BYTES)
    with pytest.raises(DiskFull):
        _add(folder)
    assert folder.all() == []


def test_old_ones_go_by_their_own_rules(folder: BackupFolder) -> None:
    for number in range(DAILY_KEPT + 3):
        _add(folder, NOW - timedelta(hours=number))  # all in one week
        _add(folder, NOW - timedelta(hours=number, minutes=30), BackupKind.BEFORE_RESTORE)
    folder.prune(NOW, ())
    kinds = [backup.kind for backup in folder.all()]
    assert kinds.count(BackupKind.DAILY) == DAILY_KEPT + 1
    assert kinds.count(BackupKind.BEFORE_RESTORE) == RESTORES_KEPT
    assert folder.all()[0].made_at == NOW


def test_copies_beside_the_database_are_listed(folder: BackupFolder, database: Path) -> None:
    upgraded = database.with_name("history.sqlite3.v1-20261120-101112-000000")
    damaged = database.with_name("history.sqlite3.damaged-20261121-101112-000000")
    for path in (upgraded, damaged, damaged.with_name(damaged.name + "-wal")):
        path.write_bytes(b"bytes")
    first, second = folder.all()
    assert (first.database, first.kind) == (damaged, BackupKind.SET_ASIDE)
    assert (second.database, second.kind) == (upgraded, BackupKind.BEFORE_UPGRADE)
    assert second.made_at == datetime(2026, 11, 20, 10, 11, 12, tzinfo=UTC)
    for backup in (first, second):
        folder.remove(backup)
    assert [path.name for path in database.parent.iterdir() if path.is_file()] == ["history.sqlite3"]


@pytest.mark.parametrize(
    "manifest",
    [
        b"",
        b"[]",
        b'{"made_at": 5}',
        b'{"format": "x"}',
        b"[" * 100_000,
        b'"' + b"x" * (2 << 20),
        b'{"made_at": "0001-01-01T00:00:00+14:00", "program": "1", "schema": 1}',
    ],
    ids=["empty", "list", "wrong type", "missing", "deep", "large", "before the first year"],
)
def test_a_manifest_that_makes_no_sense_is_no_failure(folder: BackupFolder, manifest: bytes) -> None:
    made = _add(folder)
    (made.database.parent / "manifest.json").write_bytes(manifest)
    (found,) = folder.all()
    assert (found.contents, found.made_at, found.has_settings) == (None, NOW, False)


def test_strange_things_in_the_folder_are_not_backups(folder: BackupFolder, database: Path) -> None:
    made = _add(folder)
    place = database.parent / "backups"
    (place / "daily-notes.txt").write_text("mine")
    (place / "daily-empty").mkdir()
    (place / "holidays").mkdir()
    (place / "daily-link").symlink_to(made.database.parent, target_is_directory=True)
    assert folder.all() == [made]
    assert folder.daily() == [NOW]


def test_removing_never_reaches_beyond(folder: BackupFolder, database: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere" / "history.sqlite3"
    other.parent.mkdir()
    other.write_bytes(b"precious")
    for path in (other, database):
        folder.remove(Backup(path, BackupKind.DAILY, NOW, 8))
    assert other.exists()
    assert database.exists()


def test_files_of_attachments_are_kept_under_another_name(folder: BackupFolder, database: Path) -> None:
    source = database.parent / "attachments"
    source.mkdir()
    (source / "abc.png").write_bytes(b"picture")
    _add(folder, files=("abc.png", "gone.png", "../history.sqlite3", ".."))
    assert [path.name for path in folder.attachments.iterdir()] == ["abc.png"]
    (source / "abc.png").unlink()
    assert (folder.attachments / "abc.png").read_bytes() == b"picture"
    folder.drop_files({"abc.png"})
    assert (folder.attachments / "abc.png").exists()
    folder.drop_files(set())
    assert list(folder.attachments.iterdir()) == []


def test_a_folder_that_may_not_be_written_is_a_clear_failure(database: Path) -> None:
    (database.parent / "backups").write_text("a file in its place")
    with pytest.raises(StorageFailed):
        _add(BackupFolder(database.parent / "backups", database))


def test_a_backup_whose_files_cannot_be_kept_is_none(folder: BackupFolder, database: Path) -> None:
    source = database.parent / "attachments"
    source.mkdir()
    (source / "abc.png").write_bytes(b"picture")
    folder.attachments.parent.mkdir()
    folder.attachments.write_text("a file in its place")
    with pytest.raises(StorageFailed):
        _add(folder, files=("abc.png",))
    assert folder.all() == []
    assert folder.daily() == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights for folders; run this on Linux or macOS")
def test_whatever_the_disk_refuses_is_a_clear_failure(folder: BackupFolder, database: Path) -> None:
    made = _add(folder)
    (folder.attachments / "abc.png").mkdir()  # nothing of ours, and nothing that `unlink` removes
    with pytest.raises(StorageFailed):
        folder.drop_files(set())
    (made.database.parent / "settings.json").unlink()
    with pytest.raises(StorageFailed):
        folder.settings_of(made)

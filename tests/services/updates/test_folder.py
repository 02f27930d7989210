"""UpdateFolder: what is kept survives, what is damaged is forgotten, and there is room or a word about it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.model.errors import DiskFull, StorageFailed
from app.model.update_errors import NoWayBack
from app.model.updates import Former, News, Problem, ReleaseFile, SignedText, UpdateState
from app.services.updates.folder import RESERVE_BYTES, UpdateFolder, sum_of
from tests.fakes.release_feed import NOW

FORMER = Former("0.1.0", NOW, "Triptych", "0" * 64, "before-update-1")
FILE = ReleaseFile("triptych-9.0.0-x86_64.AppImage", "linux-x86_64-portable", 1000, "a" * 64)

SIGNED = SignedText("…", "…")


@pytest.fixture
def folder(tmp_path: Path) -> UpdateFolder:
    return UpdateFolder(tmp_path / "updates", tmp_path / "backups")


def test_what_is_kept_is_read_again(folder: UpdateFolder, tmp_path: Path) -> None:
    assert folder.read() == UpdateState()
    assert not (tmp_path / "updates").exists()
    state = UpdateState(
        NOW,
        NOW,
        True,
        7,
        SignedText("…", "…"),
        True,
        FORMER,
        FORMER,
        True,
        True,
        "1.0.0",
        News.UPDATED,
        Problem("X", "y"),
    )
    folder.write(state)
    assert folder.read() == state


@pytest.mark.parametrize("damaged", [b"", b"{", b"[]", b"\xff", b'{"sequence": "x"}', b"[" * 100_000, bytes(5 << 20)])
def test_what_is_damaged_is_forgotten(folder: UpdateFolder, tmp_path: Path, damaged: bytes) -> None:
    folder.write(UpdateState(sequence=3))
    (tmp_path / "updates" / "state.json").write_bytes(damaged)
    assert folder.read() == UpdateState()


def test_what_a_newer_version_wrote_besides_is_no_harm(folder: UpdateFolder, tmp_path: Path) -> None:
    folder.write(UpdateState(sequence=3))
    file = tmp_path / "updates" / "state.json"
    file.write_bytes(file.read_bytes().replace(b"{", b'{"of the future": {},', 1))
    assert folder.read().sequence == 3


def test_other_downloads_make_room(folder: UpdateFolder) -> None:
    folder.make_room(FILE)
    for path in (folder.downloaded(FILE), folder.downloaded(FILE).with_name(folder.downloaded(FILE).name + ".partial")):
        path.touch()
    another = replace(FILE, sha256="b" * 64)
    folder.downloaded(another).touch()
    folder.make_room(FILE)
    assert len(list(folder.downloads.iterdir())) == 2
    folder.forget_downloads()
    assert not folder.downloads.exists()


def test_a_disk_without_room_is_said_so_before(tmp_path: Path) -> None:
    free = RESERVE_BYTES + 900
    folder = UpdateFolder(tmp_path / "updates", tmp_path / "backups", lambda _: free)
    with pytest.raises(DiskFull):
        folder.make_room(FILE)
    folder.downloaded(FILE).with_name(f"{folder.downloaded(FILE).name}.partial").write_bytes(bytes(100))
    folder.make_room(FILE)


def test_the_way_back_needs_program_and_data(folder: UpdateFolder, tmp_path: Path) -> None:
    with pytest.raises(NoWayBack):
        folder.former_program(FORMER)
    program = folder.place_for_former(FORMER.version) / FORMER.program
    program.touch()
    with pytest.raises(NoWayBack) as refusal:
        folder.former_program(FORMER)
    assert refusal.value.arguments["name"] == FORMER.backup
    database = tmp_path / "backups" / FORMER.backup / "history.sqlite3"
    database.parent.mkdir(parents=True)
    database.touch()
    assert folder.former_program(FORMER) == program
    assert folder.former_database(FORMER) == database
    assert folder.former_database(replace(FORMER, backup="")) is None
    with pytest.raises(NoWayBack):
        folder.former_program(replace(FORMER, program=""))


def test_only_one_former_version_is_kept(folder: UpdateFolder) -> None:
    for version in ("0.0.9", "0.1.0"):
        (folder.place_for_former(version) / "Triptych").touch()
    folder.keep_only(FORMER)
    kept = folder.place_for_former("0.2.0").parent
    assert sorted(path.name for path in kept.iterdir()) == ["0.1.0", "0.2.0"]
    folder.keep_only(None)
    assert list(kept.iterdir()) == []


def test_a_sum_is_of_every_byte(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"a")
    assert sum_of(tmp_path / "file") == "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"


def test_a_state_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "updates").write_text("a file", "utf-8")
    folder = UpdateFolder(tmp_path / "updates", tmp_path / "backups")
    with pytest.raises(StorageFailed):
        folder.write(UpdateState(sequence=1))
    with pytest.raises(StorageFailed):
        folder.make_room(FILE)

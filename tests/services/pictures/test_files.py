"""Picture files get readable unique names and are written whole or not at all."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from app.model.errors import DiskFull, StorageFailed
from app.services.pictures import media_type_of, picture_file_name, picture_files, save_picture, write_copy
from tests.services.pictures.conftest import encoded

NOON = datetime(2026, 8, 22, 12, 0, 0, tzinfo=UTC)


@contextmanager
def room_for(size_bytes: int) -> Iterator[None]:
    """No file may grow beyond `size_bytes`: the kernel then fails a write as it does on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize(
    ("file_format", "expected"),
    [
        ("PNG", "image/png"),
        ("JPEG", "image/jpeg"),
        ("WEBP", "image/webp"),
        ("GIF", "image/gif"),
        ("BMP", "image/bmp"),
        ("TIFF", "image/tiff"),
        ("AVIF", "image/avif"),
    ],
)
def test_kind_is_told_by_the_first_bytes(file_format: str, expected: str) -> None:
    assert media_type_of(encoded(Image.new("RGB", (4, 4)), file_format)) == expected
    assert media_type_of(b"text") == ""


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("A red fox, in the snow!", "2026-08-22 12.00.00 A red fox in the snow"),
        ("", "2026-08-22 12.00.00"),
        ("../../etc/passwd", "2026-08-22 12.00.00 etc passwd"),
        ("一只狐狸在雪地里", "2026-08-22 12.00.00 一只狐狸在雪地里"),
        ("one two three four five six seven eight nine", "2026-08-22 12.00.00 one two three four five six seven eight"),
    ],
)
def test_names_tell_when_and_what(prompt: str, expected: str) -> None:
    assert picture_file_name(prompt, NOON) == expected


@given(prompt=st.text())
def test_every_prompt_gives_a_name_that_file_systems_take(prompt: str) -> None:
    name = picture_file_name(prompt, NOON)
    assert len(name.encode("utf-8")) <= 180
    assert not set(name) & set('/\\:*?"<>|\0\n')
    assert name == name.strip()


def test_an_existing_file_is_never_replaced(tmp_path: Path) -> None:
    paths = [save_picture(tmp_path / "new", "fox", ".png", bytes([number])) for number in range(3)]
    assert [path.name for path in paths] == ["fox.png", "fox (2).png", "fox (3).png"]
    assert [path.read_bytes() for path in paths] == [b"\0", b"\1", b"\2"]
    assert len(list((tmp_path / "new").iterdir())) == 3


def test_many_at_once_get_names_of_their_own(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        jobs = [threads.submit(save_picture, tmp_path, "fox", ".png", str(number).encode()) for number in range(40)]
        paths = {job.result(): number for number, job in enumerate(jobs)}
    assert len(paths) == 40
    assert all(path.read_bytes() == str(number).encode() for path, number in paths.items())


def test_a_full_disk_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    with room_for(1000), pytest.raises(DiskFull):
        save_picture(tmp_path, "fox", ".png", bytes(5000))
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_keeps_what_a_copy_would_replace(tmp_path: Path) -> None:
    source, target = tmp_path / "source.png", tmp_path / "target.png"
    source.write_bytes(bytes(5000))
    target.write_bytes(b"old")
    with room_for(1000), pytest.raises(DiskFull):
        write_copy(source, target)
    assert target.read_bytes() == b"old"
    write_copy(source, target)
    assert target.read_bytes() == bytes(5000)
    assert sorted(os.listdir(tmp_path)) == ["source.png", "target.png"]


def test_a_folder_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageFailed) as caught:
        save_picture(tmp_path / "file", "fox", ".png", b"x")
    assert "fox.png" in caught.value.arguments["path"]


def test_only_finished_pictures_are_listed(tmp_path: Path) -> None:
    for name in ("b.png", "a.JPG", ".c.png.part", ".hidden.png", "notes.txt"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "folder.png").mkdir()
    assert [path.name for path in picture_files(tmp_path)] == ["a.JPG", "b.png"]
    assert list(picture_files(tmp_path / "gone")) == []


def test_what_a_killed_program_left_goes_with_the_next_picture(tmp_path: Path) -> None:
    old = tmp_path / ".2026-08-21 12.00.00 a fox.png.part"
    fresh = tmp_path / ".2026-08-22 11.59.59 a hen.png.part"
    strange = tmp_path / ".somebody else's.png.part"
    for path in (old, fresh, strange):
        path.write_bytes(b"half")
    for path in (old, strange):
        os.utime(path, (0, 0))
    save_picture(tmp_path, picture_file_name("a cat", NOON), ".png", b"whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        [fresh.name, strange.name, "2026-08-22 12.00.00 a cat.png"]
    )

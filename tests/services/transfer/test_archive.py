"""Zips from elsewhere: nothing in them reaches beyond its place or fills memory or disk, and a cut one is refused."""

from __future__ import annotations

import io
import struct
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from app.model.data_errors import BROKEN, SUSPICIOUS_NAMES, TOO_LARGE, ImportRefused
from app.model.errors import StorageFailed
from app.services.transfer.archive import MOST_DIRECTORY_BYTES, Archive, ArchiveWriter, is_zip

NEVER = threading.Event()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "导出 all.zip"


def _zip(path: Path, *names: str, data: bytes = b"text", method: int = zipfile.ZIP_DEFLATED) -> None:
    with zipfile.ZipFile(path, "w", method) as made:
        for name in names:
            made.writestr(name, data)


def test_what_is_written_is_read(path: Path, tmp_path: Path) -> None:
    sound = tmp_path / "sound.wav"
    sound.write_bytes(bytes(range(256)) * 20_000)
    writer = ArchiveWriter(path)
    writer.add("a/one.json", b"{}")
    assert not path.exists()
    assert writer.add_file(writer.free_name("b", "sound.wav"), sound, NEVER)
    assert writer.free_name("b", "sound.wav") == "b/sound (2).wav"
    assert not writer.add_file("b/gone.wav", tmp_path / "gone.wav", NEVER)
    writer.finish()
    writer.abandon()
    assert path.stat().st_mode & 0o077 == 0
    archive = Archive(path)
    assert archive.names == ["a/one.json", "b/sound.wav"]
    assert archive.read("a/one.json") == b"{}"
    assert archive.head("b/sound.wav", 3) == b"\x00\x01\x02"
    archive.copy_out("b/sound.wav", tmp_path / "copy.wav", NEVER)
    archive.close()
    assert (tmp_path / "copy.wav").read_bytes() == sound.read_bytes()


def test_an_archive_that_is_given_up_leaves_what_was_there(path: Path) -> None:
    path.write_bytes(b"before")
    writer = ArchiveWriter(path)
    writer.add("one", b"1")
    writer.abandon()
    assert path.read_bytes() == b"before"
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_folder_that_is_not_there_is_a_clear_failure(tmp_path: Path) -> None:
    with pytest.raises(StorageFailed):
        ArchiveWriter(tmp_path / "gone" / "all.zip")
    with pytest.raises(StorageFailed):
        is_zip(tmp_path / "gone.zip")


@pytest.mark.parametrize(
    "name",
    ["../evil", "a/../../evil", "/etc/passwd", "C:/evil", "a\\..\\evil", "a//b", "./a", "..", "a/.."],
)
def test_names_that_lead_elsewhere_are_refused(path: Path, name: str) -> None:
    _zip(path, name)
    with pytest.raises(ImportRefused) as refused:
        Archive(path)
    assert refused.value.arguments["reason"] == SUSPICIOUS_NAMES


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_comes_twice_is_refused(path: Path) -> None:
    _zip(path, "a", "a")
    with pytest.raises(ImportRefused):
        Archive(path)


def test_links_are_refused(path: Path) -> None:
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "w") as made:
        made.writestr(link, "/etc/passwd")
    with pytest.raises(ImportRefused) as refused:
        Archive(path)
    assert refused.value.arguments["reason"] == SUSPICIOUS_NAMES


def test_bombs_are_refused(path: Path) -> None:
    _zip(path, "zeros", data=bytes(64 << 20))
    assert path.stat().st_size < 1 << 20
    with pytest.raises(ImportRefused) as refused:
        Archive(path)
    assert refused.value.arguments["reason"] == TOO_LARGE


def test_a_small_file_may_shrink_to_nearly_nothing(path: Path) -> None:
    _zip(path, "white", data=bytes(10 << 20))
    archive = Archive(path)
    with pytest.raises(ImportRefused):
        archive.read("white", most_bytes=1 << 20)
    assert len(archive.read("white")) == 10 << 20
    archive.close()


def test_a_directory_that_is_said_to_be_huge_is_not_read(path: Path) -> None:
    _zip(path, "a")
    data = bytearray(path.read_bytes())
    end = data.rfind(b"PK\x05\x06")
    struct.pack_into("<L", data, end + 12, MOST_DIRECTORY_BYTES + 1)
    path.write_bytes(data)
    with pytest.raises(ImportRefused) as refused:
        Archive(path)
    assert refused.value.arguments["reason"] == TOO_LARGE


@pytest.mark.parametrize("ordinary", [100, 0xFFFFFFFF], ids=["two sizes", "one size"])
@pytest.mark.parametrize("named_place", [None, 0, 2**64 - 1], ids=["named", "named elsewhere", "named nowhere"])
def test_a_huge_directory_is_not_read_whichever_end_says_so(path: Path, ordinary: int, named_place: int | None) -> None:
    """The end of a long archive stands before the ordinary one; readers prefer it, and need no right name of it."""
    _lengthen(path, MOST_DIRECTORY_BYTES + 1, ordinary, named_place)
    with pytest.raises(ImportRefused) as refused:
        Archive(path)
    assert refused.value.arguments["reason"] == TOO_LARGE


def test_a_long_archive_without_its_end_is_refused(path: Path) -> None:
    _lengthen(path)
    path.write_bytes(path.read_bytes().replace(b"PK\x06\x06", b"PK\x06\x08"))
    with pytest.raises(ImportRefused):
        Archive(path)


def test_a_long_archive_opens(path: Path) -> None:
    _lengthen(path)
    archive = Archive(path)
    assert archive.read("a") == b"text"
    archive.close()


def _lengthen(
    path: Path, directory_bytes: int | None = None, ordinary: int = 0xFFFFFFFF, named_place: int | None = None
) -> None:
    """A zip with the end of a long archive before the ordinary one; what is not said is as it should be."""
    _zip(path, "a")
    data = path.read_bytes()
    start, end = data.find(b"PK\x01\x02"), data.rfind(b"PK\x05\x06")
    stated = end - start if directory_bytes is None else directory_bytes
    long_end = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, stated, start)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, end if named_place is None else named_place, 1)
    short_end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, ordinary, 0xFFFFFFFF, 0)
    path.write_bytes(data[:end] + long_end + locator + short_end)


def _encrypted(data: bytearray) -> None:
    data[data.find(b"PK\x01\x02") + 8] |= 1


def _lying_size(data: bytearray) -> None:
    struct.pack_into("<L", data, data.find(b"PK\x01\x02") + 24, 1_000_000)


def _other_method(data: bytearray) -> None:
    struct.pack_into("<H", data, data.find(b"PK\x01\x02") + 10, 12)


def _broken_content(data: bytearray) -> None:
    data[40:60] = b"\xff" * 20


@pytest.mark.parametrize("break_it", [_encrypted, _lying_size, _other_method, _broken_content])
def test_what_is_wrong_inside_is_a_clear_failure(path: Path, break_it: Callable[[bytearray], None]) -> None:
    _zip(path, "member", data=b"some text that is long enough to be compressed " * 50)
    data = bytearray(path.read_bytes())
    break_it(data)
    path.write_bytes(data)
    with pytest.raises(ImportRefused) as refused:
        _read_all(path)
    assert refused.value.arguments["reason"] == BROKEN


def test_every_cut_is_noticed(path: Path) -> None:
    _zip(path, "one", "two", data=b"words and words " * 100)
    whole = path.read_bytes()
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        with pytest.raises(ImportRefused):
            _read_all(path)


def test_a_copy_that_fails_leaves_nothing(path: Path, tmp_path: Path) -> None:
    _zip(path, "sound.wav", data=b"some sound that is long enough to be compressed " * 50)
    data = bytearray(path.read_bytes())
    _broken_content(data)
    path.write_bytes(data)
    archive = Archive(path)
    with pytest.raises(ImportRefused):
        archive.copy_out("sound.wav", tmp_path / "out.wav", NEVER)
    assert not (tmp_path / "out.wav").exists()
    (tmp_path / "there.wav").write_bytes(b"mine")
    with pytest.raises(StorageFailed):
        archive.copy_out("sound.wav", tmp_path / "there.wav", NEVER)
    assert (tmp_path / "there.wav").read_bytes() == b"mine"
    with pytest.raises(ImportRefused):
        archive.read("not there")
    archive.close()


def test_zips_are_known_by_their_first_bytes(path: Path) -> None:
    _zip(path, "a")
    assert is_zip(path)
    path.write_bytes(b"[]")
    assert not is_zip(path)


def _read_all(path: Path) -> None:
    archive = Archive(path)
    try:
        for name in archive.names:
            archive.read(name)
            with archive.stream(name) as stream:
                io.BytesIO(stream.read())
    finally:
        archive.close()

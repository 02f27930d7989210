"""Files written whole."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from app.files import PUBLIC, copy_whole, write_whole


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_is_made_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "文件"
    write_whole(path, b"one")
    write_whole(path, b"two")
    assert path.read_bytes() == b"two"
    assert [found.name for found in tmp_path.iterdir()] == ["文件"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes; run this on Linux or macOS")
def test_it_is_private_unless_said_otherwise(tmp_path: Path) -> None:
    write_whole(tmp_path / "private", b"")
    write_whole(tmp_path / "public", b"", PUBLIC)
    assert (_mode(tmp_path / "private"), _mode(tmp_path / "public")) == (0o600, 0o644)


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    blocked = tmp_path / "folder"
    blocked.mkdir()
    (blocked / "inside").write_text("x")
    with pytest.raises(OSError, match="folder"):
        write_whole(blocked, b"data")
    with pytest.raises(OSError, match="missing"):
        write_whole(tmp_path / "missing" / "file", b"data")
    assert [found.name for found in tmp_path.iterdir()] == ["folder"]


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows; run this on Linux or macOS")
def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_whole(tmp_path / "link", b"data")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"data"


def test_a_large_file_is_copied_whole(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(bytes(3 << 20))
    target.write_bytes(b"old")
    copy_whole(source, target, 0o755)
    assert target.read_bytes() == bytes(3 << 20)
    assert os.name == "nt" or _mode(target) == 0o755
    with pytest.raises(OSError, match="missing"):
        copy_whole(tmp_path / "missing", target)
    assert target.stat().st_size == 3 << 20
    assert sorted(path.name for path in tmp_path.iterdir()) == ["source", "target"]

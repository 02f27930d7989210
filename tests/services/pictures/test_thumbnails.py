"""Previews are small, upright, and made once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PIL import Image

from app.model.errors import UnreadableFile
from app.services.pictures import prune_thumbnails, thumbnail
from tests.services.pictures.conftest import decoded, encoded


def test_small_upright_and_made_once(photo: Image.Image, tmp_path: Path) -> None:
    path, cache = tmp_path / "photo.jpg", tmp_path / "cache"
    exif = Image.Exif()
    exif[0x0112] = 6
    path.write_bytes(encoded(photo.resize((960, 640)), "JPEG", exif=exif))
    data = thumbnail(path, 256, cache)
    assert decoded(data).size == (171, 256)
    facts = path.stat()
    path.write_bytes(bytes(facts.st_size))  # the picture itself is not read again
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    assert thumbnail(path, 256, cache) == data


def test_a_changed_file_gets_a_new_preview(photo: Image.Image, tmp_path: Path) -> None:
    path, cache = tmp_path / "photo.png", tmp_path / "cache"
    path.write_bytes(encoded(photo, "PNG"))
    assert decoded(thumbnail(path, 48, cache)).size == (48, 32)
    path.write_bytes(encoded(photo.resize((200, 200)), "PNG"))
    assert decoded(thumbnail(path, 48, cache)).size == (48, 48)
    assert len(list(cache.iterdir())) == 2


def test_transparency_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "hole.png"
    path.write_bytes(encoded(Image.new("RGBA", (90, 90), (255, 0, 0, 60)), "PNG"))
    assert decoded(thumbnail(path, 32, tmp_path / "cache")).mode == "RGBA"


def test_without_a_cache_there_is_a_preview_all_the_same(photo: Image.Image, tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(encoded(photo, "PNG"))
    (tmp_path / "cache").write_bytes(b"a file where the folder should be")
    assert decoded(thumbnail(path, 48, tmp_path / "cache")).size == (48, 32)


def test_a_file_that_is_gone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        thumbnail(tmp_path / "gone.png", 64, tmp_path)


def test_the_oldest_previews_make_room(tmp_path: Path) -> None:
    for number in range(5):
        file = tmp_path / f"{number}"
        file.write_bytes(bytes(100))
        os.utime(file, (number, number))
    prune_thumbnails(tmp_path, 250)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["3", "4"]
    prune_thumbnails(tmp_path / "gone", 250)

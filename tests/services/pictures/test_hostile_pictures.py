"""Pictures that are damaged, or made to do damage: told in words, within a bounded memory, never waited for."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from app.model.errors import PictureTooLarge, UnreadableFile
from app.model.file_errors import NotAFile, PictureDamaged
from app.services import pictures
from app.services.pictures.reading import MAX_DRAWN_PIXELS
from tests.profiles import ROOT

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP")
MOST_MEMORY_MB = 800


def _photo(file_format: str) -> bytes:
    output = BytesIO()
    Image.effect_noise((300, 200), 50).convert("RGB").save(output, file_format)
    return output.getvalue()


def _empty_png(width: int, height: int) -> bytes:
    """Black pixels of three bytes, which hardly take any room in the file."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    packer = zlib.compressobj(9)
    row = bytes(1 + 3 * width)
    pixels = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize("kept", [0.5, 0.02])
def test_a_picture_that_was_cut_off_is_damaged(tmp_path: Path, file_format: str, kept: float) -> None:
    whole = _photo(file_format)
    path = tmp_path / "photo"
    path.write_bytes(whole[: max(20, int(kept * len(whole)))])
    with pytest.raises(PictureDamaged) as refused:
        pictures.prepare_for_sending(path, original=False)
    assert refused.value.arguments["name"] == "photo"


@pytest.mark.parametrize("size", [(30_000, 30_000), (100_000, 100_000), (MAX_DRAWN_PIXELS // 5_000 + 1, 5_000)])
def test_a_bomb_is_refused_by_its_header(size: tuple[int, int]) -> None:
    header = b"IHDR" + struct.pack(">II", *size) + bytes((8, 2, 0, 0, 0))
    small = _empty_png(8, 8)
    bomb = small[:12] + header + struct.pack(">I", zlib.crc32(header)) + small[33:]
    with pytest.raises(PictureTooLarge) as refused:
        pictures.prepare_for_sending(bomb, original=False, name="bomb.png")
    assert refused.value.arguments["width"] == str(size[0])


def test_the_largest_drawing_that_is_opened_takes_a_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "black.png"
    path.write_bytes(_empty_png(10_000, 9_999))
    assert path.stat().st_size < 1_000_000
    code = (
        "import re, sys; from pathlib import Path; from app.services import pictures;"
        "made = pictures.prepare_for_sending(Path(sys.argv[1]), original=False);"
        # Not ru_maxrss, which begins with the memory of the process that started this one.
        "told = Path('/proc/self/status').read_text();"
        "print(made.width, int(re.search(r'VmHWM:\\s+(\\d+)', told)[1]) // 1024)"
    )
    told = subprocess.run([sys.executable, "-c", code, path], cwd=ROOT, capture_output=True, check=True, timeout=60)
    width, memory_mb = (int(word) for word in told.stdout.split())
    assert width == 2048
    assert memory_mb < MOST_MEMORY_MB


@pytest.mark.parametrize("file_format", ["GIF", "PNG", "WEBP"])
def test_of_an_animation_the_first_picture_is_taken(file_format: str) -> None:
    frames = [Image.new("RGB", (40, 30), (200 if number == 0 else 0, 0, 0)) for number in range(50)]
    output = BytesIO()
    frames[0].save(output, file_format, save_all=True, append_images=frames[1:])
    made = pictures.prepare_for_sending(output.getvalue(), original=False)
    with Image.open(BytesIO(made.data)) as picture:
        assert picture.convert("RGB").getpixel((20, 15)) == pytest.approx((200, 0, 0), abs=6)


def test_what_is_no_file_is_never_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.png"
    os.mkfifo(pipe)
    for path in (pipe, tmp_path, Path("/dev/zero"), tmp_path / "gone.png"):
        with pytest.raises(NotAFile):
            pictures.prepare_for_sending(path, original=False)
        with pytest.raises(NotAFile):
            pictures.picture_size(path)
        assert pictures.read_embedded(path) is None


def test_a_film_is_no_damaged_picture(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"\0\0\0\x18ftypmp42" + bytes(100))
    with pytest.raises(UnreadableFile) as refused:
        pictures.prepare_for_sending(path, original=False)
    assert type(refused.value) is UnreadableFile

"""Sound files that lie, and what only calls itself sound: told in words, never waited for, never followed elsewhere."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.model.errors import NoSound, SoundUnreadable, UnreadableFile
from app.model.file_errors import NotAFile, SoundTooLong
from app.services.media import outline, probe_duration
from tests.fakes.media import write_silent_film

TONE = (9_000 * np.sin(np.arange(32_000) / 10)).astype("<i2").tobytes()
"""Two seconds at 16 kHz."""
MOST = 0xFFFFFFFF


def _wav(path: Path, *, claims: int | None = None, rate_hz: int = 16_000, channels: int = 1, bits: int = 16) -> Path:
    """`claims` is how many bytes of sound the header speaks of."""
    size = len(TONE) if claims is None else claims
    frame = channels * bits // 8
    form = struct.pack("<HHIIHH", 1, channels, rate_hz, rate_hz * frame & MOST, frame & 0xFFFF, bits)
    head = b"RIFF" + struct.pack("<I", min(MOST, size + 36)) + b"WAVEfmt " + struct.pack("<I", 16) + form
    path.write_bytes(head + b"data" + struct.pack("<I", size) + TONE)
    return path


@pytest.mark.parametrize("claims", [0, MOST, 50 * len(TONE), len(TONE)])
def test_a_header_that_knows_no_length_is_not_believed(tmp_path: Path, claims: int) -> None:
    path = _wav(tmp_path / "recorder.wav", claims=claims)
    assert outline(path).duration_s == pytest.approx(2.0, abs=0.01)
    assert 0 <= probe_duration(path) < 200


@pytest.mark.parametrize(
    ("rate_hz", "channels", "bits"),
    [(0, 1, 16), (MOST, 1, 16), (0x7FFFFFFF, 1, 16), (16_000, 0xFFFF, 16), (16_000, 0, 16), (16_000, 1, 0)],
)
def test_a_header_that_makes_no_sense_is_told(tmp_path: Path, rate_hz: int, channels: int, bits: int) -> None:
    path = _wav(tmp_path / "odd.wav", rate_hz=rate_hz, channels=channels, bits=bits)
    with pytest.raises(UnreadableFile) as refused:
        outline(path)
    assert refused.value.arguments["name"] == "odd.wav"


def test_years_in_a_few_kilobytes_are_refused(tmp_path: Path) -> None:
    path = _wav(tmp_path / "years.wav", rate_hz=1, bits=8)
    path.write_bytes(path.read_bytes()[:40] + struct.pack("<I", 10 * len(TONE)) + 10 * TONE)
    with pytest.raises(SoundTooLong) as refused:
        probe_duration(path)
    assert refused.value.arguments == {"name": "years.wav", "hours": "48"}


def test_a_file_that_goes_on_beyond_all_bounds_is_given_up(tmp_path: Path) -> None:
    with pytest.raises(SoundTooLong):
        outline(_wav(tmp_path / "endless.wav"), longest_s=1.0)


def test_a_file_without_a_sample_is_told(tmp_path: Path) -> None:
    path = _wav(tmp_path / "silence.wav")
    path.write_bytes(path.read_bytes()[:40] + bytes(4))
    with pytest.raises(NoSound):
        outline(path)


def test_a_film_without_sound_and_a_picture_are_told(tmp_path: Path) -> None:
    picture = tmp_path / "picture.mp3"
    Image.new("RGB", (50, 50)).save(picture, "PNG")
    for path in (write_silent_film(tmp_path / "film.mp4"), picture):
        with pytest.raises(NoSound):
            probe_duration(path)


@pytest.mark.parametrize(
    "text",
    [
        "Hello, this is text. " * 5000,
        "你好，世界。\n" * 500,
        "#EXTM3U\n#EXTINF:2,\n{other}\n",
        "ffconcat version 1.0\nfile {other}\n",
    ],
    ids=["english", "chinese", "playlist", "list"],
)
def test_text_is_no_sound_and_leads_to_no_other_file(tmp_path: Path, text: str) -> None:
    other = _wav(tmp_path / "other.wav")
    path = tmp_path / "letter.mp3"
    path.write_text(text.format(other=other.name), "utf-8")
    with pytest.raises(SoundUnreadable):
        probe_duration(path)


def test_what_is_no_file_is_never_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.wav"
    os.mkfifo(pipe)
    for path in (pipe, tmp_path, Path("/dev/zero")):
        with pytest.raises(NotAFile):
            probe_duration(path)


@pytest.mark.parametrize(
    "name", [b"two\nlines.wav", b"\xff\xfe.wav", "😀:a%d.wav".encode(), b"n" * 251 + b".wav", b"-i.wav"]
)
def test_the_name_of_a_file_does_not_matter(tmp_path: Path, name: bytes) -> None:
    assert outline(_wav(tmp_path / os.fsdecode(name))).duration_s == pytest.approx(2.0)

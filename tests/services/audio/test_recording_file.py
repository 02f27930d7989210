"""RecordingFile: valid while it grows, whole after a crash, honest about a full disk."""

import resource
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.model.audio import SoundFormat
from app.model.errors import DiskFull, SoundUnreadable, StorageFailed
from app.services.audio.recording_file import HEADER, RecordingFile, repair
from tests.fakes.audio import tone


def _seconds(path: Path) -> float:
    with wave.open(str(path)) as sound:
        return float(sound.getnframes() / sound.getframerate())


@contextmanager
def _room_for(size: int) -> Iterator[None]:
    """No file may grow beyond `size` bytes meanwhile: the nearest thing to a full disk without being root."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("layout", [SoundFormat(), SoundFormat(44_100, 2)])
def test_the_file_is_an_ordinary_wav(tmp_path: Path, layout: SoundFormat) -> None:
    sound = tone(1.5, sound_format=layout)
    with RecordingFile(tmp_path / "new folder" / "a.wav", layout) as file:
        file.write(sound)
        assert file.duration_s == pytest.approx(1.5)
    with wave.open(str(tmp_path / "new folder" / "a.wav")) as read:
        assert (read.getframerate(), read.getnchannels(), read.getsampwidth()) == (layout.rate_hz, layout.channels, 2)
        assert read.readframes(-1) == sound


def test_the_header_follows_while_it_grows(tmp_path: Path) -> None:
    file = RecordingFile(tmp_path / "a.wav", SoundFormat())
    for _ in range(100):
        file.write(tone(0.03))
    assert _seconds(tmp_path / "a.wav") > 2
    file.sync()
    file.close()
    file.close()
    file.sync()
    assert _seconds(tmp_path / "a.wav") == pytest.approx(3)


@pytest.mark.parametrize("torn", [0, 1, 641])
def test_what_a_crash_left_is_repaired(tmp_path: Path, torn: int) -> None:
    path = tmp_path / "a.wav"
    with RecordingFile(path, SoundFormat()) as file:
        file.write(tone(1))
    with path.open("r+b") as left:  # as if the header had never been corrected and the last block torn
        left.seek(4)
        left.write(b"\0\0\0\0")
        left.seek(40)
        left.write(b"\0\0\0\0")
        left.seek(0, 2)
        left.write(b"x" * torn)
    assert repair(path) == pytest.approx(1 + torn // 2 * 2 / 32_000)
    assert _seconds(path) == pytest.approx(1 + torn // 2 * 2 / 32_000)


def test_a_crash_before_the_first_sound_leaves_an_empty_recording(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    RecordingFile(path, SoundFormat()).close()
    assert repair(path) == 0


@pytest.mark.parametrize("content", [b"", b"RIFF", b"ID3" + bytes(100)])
def test_a_stranger_is_not_repaired(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    with pytest.raises(SoundUnreadable):
        repair(path)
    assert path.read_bytes() == content


def test_a_missing_file_cannot_be_repaired(tmp_path: Path) -> None:
    with pytest.raises(SoundUnreadable):
        repair(tmp_path / "gone.wav")


def test_a_recording_never_overwrites_another(tmp_path: Path) -> None:
    RecordingFile(tmp_path / "a.wav", SoundFormat()).close()
    with pytest.raises(StorageFailed):
        RecordingFile(tmp_path / "a.wav", SoundFormat())


def test_a_disk_that_fills_up_keeps_what_was_recorded(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    sound = tone(1)
    file = RecordingFile(path, SoundFormat())
    with _room_for(HEADER.size + 3 * len(sound) + 100):
        for _ in range(3):
            file.write(sound)
        with pytest.raises(DiskFull) as failed:
            file.write(sound)
        file.close()
    assert failed.value.arguments["path"] == str(path)
    assert _seconds(path) == pytest.approx(3, abs=0.01)


def test_a_disk_that_is_full_from_the_start_says_so(tmp_path: Path) -> None:
    with _room_for(10), pytest.raises(DiskFull):
        RecordingFile(tmp_path / "a.wav", SoundFormat())

"""outline and OutlineCache: the shape of a sound, and that it is read only once."""

import threading
from pathlib import Path

import pytest

from app.model.errors import SoundUnreadable
from app.services.media import Cancelled, OutlineCache, outline
from tests.fakes.media import chirps, write_sound


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    return write_sound(tmp_path / "a.wav", chirps(10.03))


def test_the_outline_shows_sound_and_silence_where_they_are(sound: Path) -> None:
    told: list[float] = []
    made = outline(sound, told=told.append)
    assert made.duration_s == pytest.approx(10.03, abs=0.001)
    assert len(made.peaks) == len(made.levels) == 502
    assert made.peaks[10] == pytest.approx(128, abs=3)
    assert made.peaks[40] == 0
    assert made.levels[10] == pytest.approx(255 * (1 - 9.03 / 72), abs=4)
    assert made.levels[40] == 0
    assert told == sorted(told)
    assert told[0] == pytest.approx(4, abs=0.2)


def test_it_is_given_up_when_no_longer_wanted(sound: Path) -> None:
    cancelled = threading.Event()
    cancelled.set()
    with pytest.raises(Cancelled):
        outline(sound, cancelled=cancelled)


def test_the_second_time_nothing_is_read(sound: Path, tmp_path: Path) -> None:
    cache = OutlineCache(tmp_path / "cache")
    first = cache.get(sound)
    told: list[float] = []
    assert cache.get(sound, told=told.append) == first
    assert told == []


def test_a_changed_file_is_read_again(sound: Path, tmp_path: Path) -> None:
    cache = OutlineCache(tmp_path / "cache")
    cache.get(sound)
    write_sound(sound, chirps(5))
    assert cache.get(sound).duration_s == pytest.approx(5)


@pytest.mark.parametrize("content", [b"", b"outline1", b"nonsense" * 100])
def test_a_broken_entry_is_made_again(sound: Path, tmp_path: Path, content: bytes) -> None:
    cache = OutlineCache(tmp_path / "cache")
    first = cache.get(sound)
    for entry in (tmp_path / "cache").iterdir():
        entry.write_bytes(content)
    assert cache.get(sound) == first


def test_without_room_for_the_cache_it_works_all_the_same(sound: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    assert OutlineCache(tmp_path / "cache").get(sound).duration_s == pytest.approx(10.03, abs=0.001)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(SoundUnreadable):
        OutlineCache(tmp_path / "cache").get(tmp_path / "gone.mp3")

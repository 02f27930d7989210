"""decode and probe_duration: every container people drop, from any position, and files that lie, break or are empty."""

import random
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import numpy as np
import pytest

from app.model.audio import SoundFormat
from app.model.errors import NoSound, SoundUnreadable
from app.services.media import Cancelled, decode, probe_duration
from tests.fakes.media import CODECS, Samples, chirps, write_silent_film, write_sound

SECONDS = 9
FORMAT = SoundFormat()
type Numbers = np.ndarray[tuple[int], np.dtype[np.float64]]


def _decoded(path: Path, start_s: float = 0.0) -> Numbers:
    return np.frombuffer(b"".join(decode(path, FORMAT, start_s=start_s)), "<i2").astype(np.float64)


def _likeness(one: Numbers, other: Numbers) -> float:
    """Correlation: 1.0 only if the same sound is at the same place, give or take the 2 ms that WebM rounds away."""
    length = min(len(one), len(other)) - 32
    middle = one[32:length]
    return max(
        float((middle * shifted).sum() / np.sqrt((middle**2).sum() * (shifted**2).sum()))
        for shifted in (other[32 + shift : length + shift] for shift in range(-32, 33))
    )


@pytest.fixture(scope="module")
def played() -> Samples:
    return chirps(SECONDS)


@pytest.fixture(scope="module")
def expected(played: Samples) -> Numbers:
    return played[::3].astype(np.float64)


@pytest.mark.parametrize("suffix", CODECS)
def test_every_container_gives_the_same_sound_at_the_same_time(
    tmp_path: Path, played: Samples, expected: Numbers, suffix: str
) -> None:
    path = write_sound(tmp_path / f"名前 a:b #1{suffix}", played)
    whole = _decoded(path)
    assert len(whole) == pytest.approx(len(expected), abs=800)
    assert _likeness(whole, expected) > 0.98
    assert _likeness(_decoded(path, 4.3), expected[round(4.3 * 16_000) :]) > 0.98
    assert probe_duration(path) == pytest.approx(SECONDS, abs=0.1)


def test_a_position_behind_the_end_gives_nothing(tmp_path: Path, played: Samples) -> None:
    assert not len(_decoded(write_sound(tmp_path / "a.mp3", played), SECONDS + 5))


def test_the_sound_of_a_film_that_begins_late_keeps_its_time(
    tmp_path: Path, played: Samples, expected: Numbers
) -> None:
    path = write_sound(tmp_path / "late.mkv", played, starts_at_s=1.5)
    whole = _decoded(path)
    assert not whole[: round(1.4 * 16_000)].any()
    assert _likeness(whole[24_000:], expected) > 0.98
    assert _likeness(_decoded(path, 5), expected[round(3.5 * 16_000) :]) > 0.98
    assert not _decoded(path, 0.7)[:8_000].any()


def test_stereo_at_another_rate_for_the_loudspeaker(tmp_path: Path, played: Samples) -> None:
    path = write_sound(tmp_path / "a.flac", played)
    assert len(b"".join(decode(path, SoundFormat(44_100, 2)))) == pytest.approx(SECONDS * 44_100 * 4, abs=4_000)


@pytest.mark.parametrize("claimed", [0, 0xFFFFFFFF, 0x7FFFFFFF])
def test_a_header_that_lies_about_the_length_changes_nothing(
    tmp_path: Path, played: Samples, expected: Numbers, claimed: int
) -> None:
    path = write_sound(tmp_path / "a.wav", played)
    data = bytearray(path.read_bytes())
    data[4:8] = claimed.to_bytes(4, "little")
    place = data.index(b"data") + 4
    data[place : place + 4] = claimed.to_bytes(4, "little")
    path.write_bytes(data)
    assert _likeness(_decoded(path), expected) > 0.99
    assert len(_decoded(path)) == len(expected)


@pytest.mark.parametrize("suffix", [".mp3", ".ogg", ".flac", ".wav"])
def test_damage_in_the_middle_costs_only_the_damaged_place(
    tmp_path: Path, played: Samples, expected: Numbers, suffix: str
) -> None:
    path = write_sound(tmp_path / f"a{suffix}", played)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 3_000] = random.Random(1).randbytes(3_000)
    path.write_bytes(data)
    whole = _decoded(path)
    assert len(whole) > 0.6 * len(expected)
    assert _likeness(whole[: 3 * 16_000], expected[: 3 * 16_000]) > 0.98


def test_a_download_that_broke_off_gives_what_it_has(tmp_path: Path, played: Samples, expected: Numbers) -> None:
    path = write_sound(tmp_path / "a.mp3", played)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert _likeness(_decoded(path)[: 4 * 16_000], expected[: 4 * 16_000]) > 0.98


def _empty(folder: Path) -> Path:
    path = folder / "empty.mp3"
    path.write_bytes(b"")
    return path


def _text(folder: Path) -> Path:
    path = folder / "letter.mp3"
    path.write_text("Dear Sir or Madam, " * 100)
    return path


def _noise(folder: Path) -> Path:
    path = folder / "noise.m4a"
    path.write_bytes(random.Random(7).randbytes(20_000))
    return path


@pytest.mark.parametrize("make", [_empty, _text, _noise, lambda folder: folder / "gone.wav"])
def test_what_is_no_sound_is_refused_with_its_name(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    path = make(tmp_path)
    with pytest.raises(SoundUnreadable) as failed:
        _decoded(path)
    assert failed.value.arguments["name"] == path.name
    with pytest.raises(SoundUnreadable):
        probe_duration(path)


def test_a_film_without_sound_says_so(tmp_path: Path) -> None:
    path = write_silent_film(tmp_path / "silent.mp4")
    with pytest.raises(NoSound):
        probe_duration(path)
    with pytest.raises(NoSound):
        _decoded(path)


def test_a_sound_track_without_a_sample_says_so(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "a.wav", chirps(0.1))
    path.write_bytes(path.read_bytes()[: path.read_bytes().index(b"data") + 8])
    with pytest.raises(NoSound):
        _decoded(path)


def test_work_that_is_no_longer_wanted_ends(tmp_path: Path, played: Samples) -> None:
    cancelled = threading.Event()
    blocks = decode(write_sound(tmp_path / "a.wav", played), FORMAT, cancelled=cancelled)
    next(blocks)
    cancelled.set()
    with pytest.raises(Cancelled):
        next(blocks)


def test_a_dropped_playlist_fetches_nothing(tmp_path: Path) -> None:
    asked: list[str] = []

    class Trap(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Trap) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            path = tmp_path / "list.m3u8"
            address = f"http://127.0.0.1:{server.server_port}/a.ts"
            path.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{address}\n#EXT-X-ENDLIST\n")
            with pytest.raises((SoundUnreadable, NoSound)):
                _decoded(path)
        finally:
            server.shutdown()
            thread.join()
    assert asked == []

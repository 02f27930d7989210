"""LevelMeter: loudness, clipping, and for how long nothing came."""

import pytest

from app.model.audio import SoundFormat
from app.services.audio.level import LevelMeter
from tests.fakes.audio import tone


def test_a_tone_has_its_peak_and_its_root_mean_square() -> None:
    level = LevelMeter(SoundFormat()).measure(tone(1, volume=0.5))
    assert level.peak == pytest.approx(0.5, abs=0.001)
    assert level.rms == pytest.approx(0.5 / 2**0.5, abs=0.001)
    assert not level.clipping
    assert level.elapsed_s == pytest.approx(1)


def test_full_scale_is_clipping_in_both_directions() -> None:
    meter = LevelMeter(SoundFormat())
    assert meter.measure(b"\xff\x7f" * 10).clipping
    assert meter.measure(b"\x00\x80" * 10).clipping


def test_silence_adds_up_and_ends_with_the_first_sound() -> None:
    meter = LevelMeter(SoundFormat())
    meter.measure(tone(2, volume=0))
    assert meter.measure(tone(3, volume=0.001)).silent_s == pytest.approx(5)
    assert meter.measure(tone(0.03)).silent_s == 0


def test_a_pause_counts_neither_as_recorded_nor_as_silent() -> None:
    meter = LevelMeter(SoundFormat(48_000, 2))
    meter.measure(tone(1, volume=0, sound_format=SoundFormat(48_000, 2)))
    paused = meter.measure(tone(9, volume=0, sound_format=SoundFormat(48_000, 2)), recorded=False)
    assert (paused.elapsed_s, paused.silent_s) == (1, 1)


def test_an_empty_block_is_silence() -> None:
    assert LevelMeter(SoundFormat()).measure(b"").peak == 0

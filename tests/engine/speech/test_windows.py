from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.speech.sound import SAMPLE_RATE
from app.engine.speech.windows import GAP_S, LONGEST_S, PADDING_S, SHORTEST_S, Stretch, Window, pack

STEPS = st.lists(st.tuples(st.integers(0, 4000), st.integers(10, 2700)), max_size=30)
"""Silence and speech in turn, in hundredths of a second."""


def speech_of(steps: list[tuple[int, int]]) -> tuple[list[tuple[float, float]], float]:
    speech, now = [], 0
    for silence, sound in steps:
        speech.append(((now + silence) / 100, (now + silence + sound) / 100))
        now += silence + sound
    return speech, now / 100


@given(STEPS)
def test_all_speech_is_heard_once_and_in_order(steps: list[tuple[int, int]]) -> None:
    speech, duration_s = speech_of(steps)
    stretches = [stretch for window in pack(speech, duration_s) for stretch in window.stretches]
    assert all(a.end_s <= b.start_s for a, b in pairwise(stretches))
    for start_s, end_s in speech:
        covered = sum(max(0.0, min(end_s, stretch.end_s) - max(start_s, stretch.start_s)) for stretch in stretches)
        assert covered == pytest.approx(end_s - start_s)
    assert all(stretch.start_s >= 0 and stretch.end_s <= duration_s for stretch in stretches)


@given(STEPS)
def test_windows_are_as_long_as_whisper_hears(steps: list[tuple[int, int]]) -> None:
    for window in pack(*speech_of(steps)):
        assert window.stretches[-1].until_s <= LONGEST_S + 1e-6
        gaps = [b.at_s - a.until_s for a, b in pairwise(window.stretches)]
        assert all(-1e-6 <= gap <= GAP_S + 1e-6 for gap in gaps)


@given(STEPS, st.floats(0, 30))
def test_times_lead_back_into_the_recording(steps: list[tuple[int, int]], time_s: float) -> None:
    for window in pack(*speech_of(steps)):
        first, last = window.stretches[0].start_s, window.stretches[-1].end_s
        assert first - 1e-3 <= window.start_in_recording(time_s) <= last + 1e-3
        assert first - 1e-3 <= window.end_in_recording(time_s) <= last + 1e-3


def test_a_segment_that_ends_with_a_stretch_does_not_last_into_the_silence_after_it() -> None:
    (window,) = pack([(1.0, 7.0), (27.0, 33.0)], 40.0)
    boundary = window.stretches[0].until_s
    assert window.end_in_recording(boundary) == 7.0 + PADDING_S
    assert window.end_in_recording(boundary + GAP_S) == 7.0 + PADDING_S
    assert window.start_in_recording(boundary + GAP_S) == 27.0 - PADDING_S
    assert window.start_in_recording(boundary + 0.01) == 27.0 - PADDING_S


def test_short_pauses_stay_as_they_are() -> None:
    (window,) = pack([(0.5, 2.0), (2.3, 4.0)], 5.0)
    assert window.start_in_recording(2.5) == pytest.approx(2.5 + window.stretches[0].start_s)


def test_silence_makes_no_windows() -> None:
    assert pack([], 20.0) == []


def test_the_sound_of_a_window_has_silence_between_its_stretches() -> None:
    recording = np.ones(10 * SAMPLE_RATE, dtype=np.float32)
    window = Window((Stretch(1.0, 2.0, 0.0), Stretch(5.0, 6.0, 1.5)))
    sound = window.samples(recording)
    assert len(sound) == 2.5 * SAMPLE_RATE
    assert sound.sum() == 2 * SAMPLE_RATE
    assert not sound[SAMPLE_RATE : round(1.5 * SAMPLE_RATE)].any()


def test_a_very_short_sound_is_made_long_enough() -> None:
    window = Window((Stretch(0.0, 0.3, 0.0),))
    assert len(window.samples(np.ones(4800, dtype=np.float32))) == SHORTEST_S * SAMPLE_RATE

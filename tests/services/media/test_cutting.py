"""plan_parts: everything is covered, no part is too long, and the cuts fall into silence."""

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.model.audio import Stretch, Waveform
from app.services.media import CutLimits, outline, plan_parts
from tests.fakes.media import chirps, write_sound


def _waveform(levels: bytes) -> Waveform:
    return Waveform(len(levels) * 0.02, 0.02, levels, levels)


@given(levels=st.binary(min_size=1, max_size=3_000), shortest=st.floats(0.2, 5), more=st.floats(0.5, 10))
def test_parts_cover_all_of_a_sound_without_overlap_and_none_is_too_long(
    levels: bytes, shortest: float, more: float
) -> None:
    waveform = _waveform(levels)
    limits = CutLimits(shortest, shortest + more)
    parts = plan_parts(waveform, [Stretch(0, waveform.duration_s)], limits)
    assert parts[0].start_s == 0
    assert parts[-1].end_s == waveform.duration_s
    assert all(before.end_s == after.start_s for before, after in itertools.pairwise(parts))
    assert all(0 < part.length_s <= limits.longest_s + 1e-9 for part in parts)


@given(
    edges=st.lists(st.floats(0, 60), min_size=4, max_size=8, unique=True).map(sorted), levels=st.binary(min_size=3_000)
)
def test_several_stretches_are_cut_each_for_itself(edges: list[float], levels: bytes) -> None:
    stretches = [Stretch(start, end) for start, end in itertools.batched(edges[: len(edges) // 2 * 2], 2)]
    parts = plan_parts(_waveform(levels), stretches, CutLimits(3, 8))
    for stretch in stretches:
        inside = [part for part in parts if stretch.start_s <= part.start_s < stretch.end_s]
        assert (inside[0].start_s, inside[-1].end_s) == (stretch.start_s, stretch.end_s)
    assert sum(part.length_s for part in parts) == pytest.approx(sum(one.length_s for one in stretches))


def test_the_cuts_fall_into_the_pauses(tmp_path: Path) -> None:
    waveform = outline(write_sound(tmp_path / "a.mp3", chirps(60, silent_s=0.4)))
    parts = plan_parts(waveform, [Stretch(0, waveform.duration_s)], CutLimits(5, 12))
    assert len(parts) >= 5
    for part in parts[:-1]:
        assert 0.62 < part.end_s % 1 < 0.98  # each second ends with its pause


def test_a_short_sound_is_one_part() -> None:
    assert plan_parts(_waveform(bytes(100)), [Stretch(0, 2)], CutLimits(5, 10)) == (Stretch(0, 2),)


def test_no_crumb_is_left_at_the_end() -> None:
    parts = plan_parts(_waveform(bytes(range(250)) * 10), [Stretch(0, 50)], CutLimits(20, 49.9))
    assert parts[-1].length_s > 2


def test_an_even_loudness_is_cut_as_late_as_allowed() -> None:
    parts = plan_parts(_waveform(b"\x80" * 5_000), [Stretch(0, 100)], CutLimits(10, 30))
    assert parts[0].length_s == pytest.approx(30, abs=0.5)

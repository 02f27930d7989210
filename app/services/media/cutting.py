"""Where to cut a long sound so that no word is cut: pure arithmetic on its outline."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from app.model.audio import Stretch, Waveform

_QUIET_S = 0.4
"""A pause between sentences lasts about so long; the quietest window of this length is cut in its middle."""
_SMALLEST_REST = 0.05
"""A last part is not shorter than this fraction of the longest: a crumb of sound makes models invent text."""


@dataclass(frozen=True, slots=True)
class CutLimits:
    """Parts get `shortest_s` to `longest_s` seconds; only a rest may be shorter."""

    shortest_s: float
    longest_s: float


def plan_parts(waveform: Waveform, stretches: Iterable[Stretch], limits: CutLimits) -> tuple[Stretch, ...]:
    """Cut each stretch at its quietest places; the parts cover all of it, in order, without overlap."""
    loudness = _smooth(waveform)
    parts: list[Stretch] = []
    for stretch in stretches:
        start_s = stretch.start_s
        while stretch.end_s - start_s > limits.longest_s:
            rest_s = _SMALLEST_REST * limits.longest_s
            latest_s = min(start_s + limits.longest_s, stretch.end_s - rest_s)
            cut_s = _quietest(loudness, waveform.window_s, start_s + limits.shortest_s, latest_s)
            parts.append(Stretch(start_s, cut_s))
            start_s = cut_s
        parts.append(Stretch(start_s, stretch.end_s))
    return tuple(parts)


def _smooth(waveform: Waveform) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Loudness around each window, as the mean over the length of a pause."""
    levels = np.frombuffer(waveform.levels, dtype=np.uint8).astype(np.float64)
    width = max(1, round(_QUIET_S / waveform.window_s))
    return np.convolve(levels, np.full(width, 1 / width), mode="same") if len(levels) else levels


def _quietest(
    loudness: np.ndarray[tuple[int], np.dtype[np.float64]], window_s: float, earliest_s: float, latest_s: float
) -> float:
    """The middle of the quietest window between two times; of equally quiet ones the latest, for fewer parts."""
    first, last = int(earliest_s / window_s) + 1, int(latest_s / window_s)
    around = loudness[first:last]
    if not len(around):
        return latest_s
    position = len(around) - 1 - int(np.argmin(around[::-1]))
    return min(max((first + position + 0.5) * window_s, earliest_s), latest_s)

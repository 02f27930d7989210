"""Packs stretches of speech into windows for Whisper and puts the times of what it hears back into the recording.

Whisper looks at 30 seconds at a time, however little is in them. Long silences are shortened so that few windows
are needed, and windows end in silence so that no word is cut. whisper.cpp can do the first part itself, but then
its times of words and ends of segments are wrong (a segment before a silence seems to last until its end).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from app.engine.speech.sound import SAMPLE_RATE, Samples

LONGEST_S = 29.0
GAP_S = 0.5
"""A longer silence inside a window is shortened to this."""
SHORTEST_S = 1.2
"""Whisper refuses less than a second; silence is added."""
PADDING_S = 0.2
"""Kept around each stretch: detection cuts soft beginnings and ends."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the recording, in seconds, and where it lies in the window."""

    start_s: float
    end_s: float
    at_s: float

    @property
    def until_s(self) -> float:
        """Where it ends in the window."""
        return self.at_s + self.end_s - self.start_s


@dataclass(frozen=True, slots=True)
class Window:
    """What Whisper hears at once."""

    stretches: tuple[Stretch, ...]

    @property
    def end_s(self) -> float:
        """How far the recording is done with this window."""
        return self.stretches[-1].end_s

    def samples(self, recording: Samples) -> Samples:
        """The sound, with silence between the stretches."""
        length = round(max(self.stretches[-1].until_s, SHORTEST_S) * SAMPLE_RATE)
        sound = np.zeros(length, dtype=np.float32)
        for stretch in self.stretches:
            part = recording[round(stretch.start_s * SAMPLE_RATE) : round(stretch.end_s * SAMPLE_RATE)]
            first = round(stretch.at_s * SAMPLE_RATE)
            part = part[: length - first]
            sound[first : first + len(part)] = part
        return sound

    def start_in_recording(self, time_s: float) -> float:
        """When something that begins at `time_s` in the window begins in the recording."""
        ends = [stretch.until_s for stretch in self.stretches]
        stretch = self.stretches[min(bisect_right(ends, time_s), len(ends) - 1)]
        return _inside(stretch, time_s)

    def end_in_recording(self, time_s: float) -> float:
        """When something that ends at `time_s` in the window ends in the recording."""
        starts = [stretch.at_s for stretch in self.stretches]
        stretch = self.stretches[max(bisect_left(starts, time_s) - 1, 0)]
        return _inside(stretch, time_s)


def _inside(stretch: Stretch, time_s: float) -> float:
    return round(min(max(stretch.start_s + time_s - stretch.at_s, stretch.start_s), stretch.end_s), 3)


def pack(speech: Iterable[tuple[float, float]], duration_s: float) -> list[Window]:
    """Windows that hold all of `speech`, which is ordered, none longer than `LONGEST_S` unless one stretch is."""
    windows: list[Window] = []
    current: list[Stretch] = []
    for start_s, end_s in _padded(speech, duration_s):
        at_s = 0.0
        if current:
            at_s = current[-1].until_s + min(start_s - current[-1].end_s, GAP_S)
            if at_s + end_s - start_s > LONGEST_S:
                windows.append(Window(tuple(current)))
                current, at_s = [], 0.0
        current.append(Stretch(start_s, end_s, at_s))
    return [*windows, Window(tuple(current))] if current else windows


def _padded(speech: Iterable[tuple[float, float]], duration_s: float) -> Sequence[tuple[float, float]]:
    """Stretches with their padding, never overlapping and never outside of the recording."""
    found = list(speech)
    padded: list[tuple[float, float]] = []
    for index, (start_s, end_s) in enumerate(found):
        following = found[index + 1][0] if index + 1 < len(found) else duration_s
        first = max(start_s - PADDING_S, padded[-1][1] if padded else 0.0)
        last = min(end_s + PADDING_S, max(following, end_s), duration_s)
        if last > first:
            padded.append((first, last))
    return padded

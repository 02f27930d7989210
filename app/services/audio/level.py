"""How loud a block of sound is, for the meter and the warnings; keeps no sound."""

from __future__ import annotations

import math
from array import array

from app.model.audio import Level, SoundFormat

FULL_SCALE = 32_768
SILENCE_RMS = 0.003
"""-50 dB: the noise of a quiet room stays below, the quietest usable speech above."""
CLIPPING_PEAK = 0.99


class LevelMeter:
    """Measures blocks of 16-bit sound one after the other and counts what was recorded and how long it was silent."""

    def __init__(self, sound_format: SoundFormat) -> None:
        self._bytes_per_second = sound_format.bytes_per_second
        self._recorded_bytes = 0
        self._silent_bytes = 0

    def measure(self, block: bytes, *, recorded: bool = True) -> Level:
        """The level of `block`; `recorded` False (a pause) leaves elapsed and silent time as they are."""
        samples = array("h", block)
        peak = max(abs(extreme) for extreme in (max(samples), min(samples))) / FULL_SCALE if samples else 0.0
        rms = math.sqrt(math.sumprod(samples, samples) / len(samples)) / FULL_SCALE if samples else 0.0
        if recorded:
            self._recorded_bytes += len(block)
            self._silent_bytes = self._silent_bytes + len(block) if rms < SILENCE_RMS else 0
        return Level(
            peak=min(peak, 1.0),
            rms=rms,
            elapsed_s=self._recorded_bytes / self._bytes_per_second,
            clipping=peak >= CLIPPING_PEAK,
            silent_s=self._silent_bytes / self._bytes_per_second,
        )

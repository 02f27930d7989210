"""The mel filter bank that Whisper was trained with, which whisper.cpp reads from its model file."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 16_000
WINDOW = 400
LINEAR_UNTIL_HZ = 1000.0
HZ_A_MEL = 200.0 / 3.0
LINEAR_UNTIL_MEL = LINEAR_UNTIL_HZ / HZ_A_MEL
LOG_STEP = np.log(6.4) / 27.0

type Numbers = NDArray[np.float64]


def mel_filters(bands: int) -> NDArray[np.float32]:
    """Triangles on Slaney's mel scale with equal areas, one row a band, as librosa's `filters.mel` makes them."""
    frequencies = np.linspace(0.0, SAMPLE_RATE / 2, WINDOW // 2 + 1)
    edges = _to_hz(np.linspace(0.0, _to_mel(SAMPLE_RATE / 2), bands + 2))
    widths = np.diff(edges)
    ramps = edges[:, None] - frequencies[None]
    rising, falling = -ramps[:-2] / widths[:-1, None], ramps[2:] / widths[1:, None]
    weights: Any = np.maximum(0, np.minimum(rising, falling))
    weights *= (2.0 / (edges[2:] - edges[:-2]))[:, None]
    return np.asarray(weights, dtype=np.float32)


def _to_mel(hz: float) -> float:
    return float(LINEAR_UNTIL_MEL + np.log(hz / LINEAR_UNTIL_HZ) / LOG_STEP)


def _to_hz(mel: Numbers) -> Numbers:
    logarithmic = LINEAR_UNTIL_HZ * np.exp(LOG_STEP * (mel - LINEAR_UNTIL_MEL))
    return np.where(mel >= LINEAR_UNTIL_MEL, logarithmic, mel * HZ_A_MEL)

"""Decodes any sound or video file to what Whisper hears: 16,000 mono samples a second; FFmpeg through PyAV."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.container import InputContainer
from numpy.typing import NDArray

from app.engine.openai_errors import ApiError, invalid

SAMPLE_RATE = 16_000
LONGEST_S = 4 * 3600
"""Four hours take 900 MB as samples."""

type Samples = NDArray[np.float32]


def decode(data: bytes, stopped: Callable[[], bool] = lambda: False) -> Samples:
    """The first sound track of `data`. A file that breaks off in the middle gives what is before.

    Raises:
        ApiError: no sound in it, empty, unreadable or too long.
    """
    if not data:
        raise _refused("The sound file is empty.")
    try:
        with av.open(io.BytesIO(data), "r") as container:
            return _decode_track(container, stopped)
    except av.error.FFmpegError as error:
        raise _refused(f"This file cannot be read as sound ({error.strerror}).") from error


def _decode_track(container: InputContainer, stopped: Callable[[], bool]) -> Samples:
    if not container.streams.audio:
        raise _refused("This file has no sound track.")
    resampler = AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)
    portions: list[Samples] = []
    length = 0
    for frame in _frames_until_damage(container, portions):
        for resampled in resampler.resample(frame):
            portion = _samples(resampled)
            portions.append(portion)
            length += len(portion)
        if stopped():
            break
        if length > LONGEST_S * SAMPLE_RATE:
            raise _refused(f"This recording is longer than {LONGEST_S // 3600} hours. Cut it into parts.")
    portions += [_samples(frame) for frame in resampler.resample(None)]
    if not sum(map(len, portions)):
        raise _refused("This sound file is empty: there is a sound track but no sound in it.")
    return np.concatenate(portions)


def _frames_until_damage(container: InputContainer, portions: list[Samples]) -> Iterator[AudioFrame]:
    """Frames until the end or until the data is broken, which matters only when nothing came before."""
    try:
        yield from container.decode(audio=0)
    except av.error.FFmpegError:
        if not portions:
            raise


def _samples(frame: AudioFrame) -> Samples:
    return np.ascontiguousarray(frame.to_ndarray().reshape(-1), dtype=np.float32)


def _refused(message: str) -> ApiError:
    return invalid(message, "file", "invalid_audio")

"""The outline of a sound (loudness over time) for the waveform and for finding silences, kept between runs."""

from __future__ import annotations

import hashlib
import math
import os
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np

from app.model.audio import SoundFormat, Waveform
from app.services.media.decoding import LONGEST_S, decode, too_long

WINDOW_S = 0.02
FLOOR_DB = -72.0
_FORMAT = SoundFormat()
_WINDOW_SAMPLES = round(WINDOW_S * _FORMAT.rate_hz)
_BATCH_BYTES = 4 * _FORMAT.bytes_per_second
_HEADER = struct.Struct("<8sddI")
_MAGIC = b"outline1"


def outline(
    path: Path,
    *,
    told: Callable[[float], object] | None = None,
    cancelled: threading.Event | None = None,
    longest_s: float = LONGEST_S,
) -> Waveform:
    """Decode the whole file once; `told` hears the seconds read so far, on the calling thread.

    A file that claims less than it holds is given up after `longest_s`.

    Raises:
        NotAFile, SoundUnreadable, NoSound, SoundTooLong, Cancelled.
    """
    peaks, levels = bytearray(), bytearray()
    waiting = bytearray()
    size = 0
    for block in decode(path, _FORMAT, cancelled=cancelled):
        waiting += block
        size += len(block)
        if size > longest_s * _FORMAT.bytes_per_second:
            raise too_long(path)
        if len(waiting) >= _BATCH_BYTES:
            _measure(waiting[:_BATCH_BYTES], peaks, levels)
            del waiting[:_BATCH_BYTES]
            if told is not None:
                told(size / _FORMAT.bytes_per_second)
    waiting += bytes(-len(waiting) % (2 * _WINDOW_SAMPLES))
    _measure(waiting, peaks, levels)
    return Waveform(size / _FORMAT.bytes_per_second, WINDOW_S, bytes(peaks), bytes(levels))


def _measure(sound: bytearray, peaks: bytearray, levels: bytearray) -> None:
    """Append one byte per window of `sound`, which is a whole number of windows."""
    samples = np.frombuffer(bytes(sound), dtype="<i2").astype(np.float32).reshape(-1, _WINDOW_SAMPLES) / 32_768
    peaks += (np.abs(samples).max(axis=1, initial=0.0) * 255).round().astype(np.uint8).tobytes()
    rms = np.sqrt((samples**2).mean(axis=1)) if len(samples) else np.zeros(0, np.float32)
    decibels = 20 * np.log10(np.maximum(rms, 10 ** (FLOOR_DB / 20)))
    levels += ((1 - decibels / FLOOR_DB) * 255).round().astype(np.uint8).tobytes()


class OutlineCache:
    """Outlines in a folder, found by path, size and time of change of the sound; a broken entry is made again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(
        self,
        path: Path,
        *,
        told: Callable[[float], object] | None = None,
        cancelled: threading.Event | None = None,
    ) -> Waveform:
        """The outline of `path`, from the folder or made now; raises what `outline` raises."""
        entry = self._entry(path)
        kept = _read(entry) if entry is not None else None
        if kept is not None:
            return kept
        made = outline(path, told=told, cancelled=cancelled)
        if entry is not None:
            _write(entry, made)
        return made

    def _entry(self, path: Path) -> Path | None:
        try:
            status = path.stat()
        except OSError:
            return None  # decoding it will say so
        identity = f"{path}|{status.st_size}|{status.st_mtime_ns}"
        return self._folder / f"{hashlib.sha256(identity.encode('utf-8', 'surrogateescape')).hexdigest()[:32]}.outline"


def _read(entry: Path) -> Waveform | None:
    try:
        data = entry.read_bytes()
        magic, duration_s, window_s, count = _HEADER.unpack_from(data)
    except (OSError, struct.error):
        return None
    if magic != _MAGIC or len(data) != _HEADER.size + 2 * count or not math.isfinite(duration_s):
        return None
    peaks_end = _HEADER.size + count
    return Waveform(duration_s, window_s, data[_HEADER.size : peaks_end], data[peaks_end:])


def _write(entry: Path, made: Waveform) -> None:
    """Only a cache: without room on the disk the next run reads the sound again."""
    unfinished = entry.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
    try:
        entry.parent.mkdir(parents=True, exist_ok=True)
        header = _HEADER.pack(_MAGIC, made.duration_s, made.window_s, len(made.peaks))
        unfinished.write_bytes(header + made.peaks + made.levels)
        unfinished.replace(entry)
    except OSError:
        with suppress(OSError):
            unfinished.unlink()

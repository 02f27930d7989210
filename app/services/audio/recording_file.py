"""The WAV file of a recording: it grows block by block, is valid at any moment, and is repaired after a crash."""

from __future__ import annotations

import errno
import os
import struct
from pathlib import Path
from typing import Self

from app.model.audio import SoundFormat
from app.model.errors import SoundUnreadable, storage_failure

HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
"""The classic 44 bytes: RIFF, fmt (16 bytes, PCM), data."""
_PCM = 1
_LARGEST_SIZE = 0xFFFF_FFFF


class RecordingFile:
    """Appends sound to a new WAV file; each block reaches the system before `write` returns.

    The sizes in the header are corrected about once a second and on `close`. `write` may be called from one thread
    while another calls `sync`. All methods raise DiskFull or StorageFailed; what was written stays.
    """

    def __init__(self, path: Path, sound_format: SoundFormat) -> None:
        self.path = path
        self._format = sound_format
        self._size = 0
        self._told_size = 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("xb", buffering=0)
        except OSError as error:
            raise storage_failure(error, path) from error
        try:
            self._append(_header(sound_format, 0))
        except OSError as error:
            self._file.close()
            raise storage_failure(error, path) from error

    @property
    def duration_s(self) -> float:
        return self._size / self._format.bytes_per_second

    def write(self, block: bytes) -> None:
        """Append `block`, whole frames of 16-bit samples."""
        try:
            self._size += self._append(block)
            if self._size - self._told_size >= self._format.bytes_per_second:
                self._tell_size()
        except OSError as error:
            raise storage_failure(error, self.path) from error

    def sync(self) -> None:
        """Wait until what was written survives a power cut; slow, so not for the thread that writes."""
        try:
            if not self._file.closed:
                os.fsync(self._file.fileno())
        except OSError as error:
            raise storage_failure(error, self.path) from error

    def close(self) -> None:
        """Correct the header and close; doing it twice is harmless. A full disk does not keep it from closing."""
        if self._file.closed:
            return
        try:
            self._tell_size()
            self.sync()
        except OSError as error:
            raise storage_failure(error, self.path) from error
        finally:
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _append(self, data: bytes) -> int:
        """Write all of `data`; a raw file tells only by a smaller number that not everything fitted."""
        written = self._file.write(data)
        if written < len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return written

    def _tell_size(self) -> None:
        """The header lies inside the first disk block, so this needs no space."""
        self._file.seek(0)
        self._file.write(_header(self._format, self._size))
        self._file.seek(0, os.SEEK_END)
        self._told_size = self._size


def repair(path: Path) -> float:
    """Make the header of a recording that was cut off agree with what is on the disk; returns its seconds.

    Raises:
        SoundUnreadable: not a recording of ours, or it is gone.
        StorageFailed: the header cannot be written.
    """
    try:
        with path.open("r+b") as file:
            head = file.read(HEADER.size)
            if len(head) < HEADER.size or not head.startswith(b"RIFF") or head[8:12] != b"WAVE":
                raise SoundUnreadable(name=path.name)
            fields = HEADER.unpack(head)
            sound_format = SoundFormat(rate_hz=fields[7], channels=fields[6])
            size = path.stat().st_size - HEADER.size
            size -= size % sound_format.frame_bytes
            file.truncate(HEADER.size + size)
            file.seek(0)
            file.write(_header(sound_format, size))
    except FileNotFoundError as error:
        raise SoundUnreadable(name=path.name) from error
    except OSError as error:
        raise storage_failure(error, path) from error
    return size / sound_format.bytes_per_second


def _header(sound_format: SoundFormat, size: int) -> bytes:
    return HEADER.pack(
        b"RIFF",
        min(size + HEADER.size - 8, _LARGEST_SIZE),
        b"WAVE",
        b"fmt ",
        16,
        _PCM,
        sound_format.channels,
        sound_format.rate_hz,
        sound_format.bytes_per_second,
        sound_format.frame_bytes,
        16,
        b"data",
        min(size, _LARGEST_SIZE),
    )

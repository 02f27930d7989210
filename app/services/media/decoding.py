"""Any sound or video file as 16-bit sound from any position on; files are only read."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError, InvalidDataError

from app.model.audio import SoundFormat
from app.model.errors import NoSound, SoundUnreadable
from app.model.file_errors import NotAFile, SoundTooLong

_LEAD_S = 0.5
"""Decoding starts so much before the wanted place: MP3 and Opus need some sound to get going."""
_LONGEST_SILENT_START_S = 600.0
LONGEST_S = 48 * 3600.0
"""Longer than any recording; a header that lies can make years of a few kilobytes."""
_OPTIONS = {"protocol_whitelist": "file"}
"""A file that a user drops must not make FFmpeg fetch addresses."""
_HEAD_BYTES = 1024
_TEXT = bytes({*range(0x20, 0x7F), *range(0x80, 0x100), *b"\t\n\r\f"})
"""The bytes of text in ASCII, UTF-8 and the older encodings."""


class Cancelled(Exception):
    """The work was given up because its `cancelled` event was set."""


def probe_duration(path: Path) -> float:
    """What the file says of its length, in seconds, without decoding it; 0.0 if it does not say.

    Raises:
        NotAFile, SoundUnreadable, NoSound, SoundTooLong.
    """
    with _opened(path) as (container, stream):
        if stream.duration and stream.time_base:
            duration_s = float(stream.duration * stream.time_base)
        else:
            duration_s = container.duration / av.time_base if container.duration else 0.0
    if duration_s > LONGEST_S:
        raise too_long(path)
    return max(0.0, duration_s)


def too_long(path: Path) -> SoundTooLong:
    return SoundTooLong(name=path.name, hours=f"{LONGEST_S / 3600:.0f}")


def decode(
    path: Path,
    sound_format: SoundFormat,
    *,
    start_s: float = 0.0,
    cancelled: threading.Event | None = None,
) -> Generator[bytes]:
    """Blocks of 16-bit sound from `start_s` to the end; damaged places are skipped.

    Time counts from the beginning of the file: where a video's sound begins late, silence comes first.

    Raises:
        NotAFile, SoundUnreadable, NoSound, Cancelled.
    """
    skip_bytes = 0
    with _opened(path) as (container, stream):
        frames = _frames(container, stream, start_s)
        first = next(frames, None)
        if first is not None and start_s and _time(first, container) > start_s:  # the file's index led too far
            container.seek(0)
            frames = _frames(container, stream, 0.0)
            first = next(frames, None)
        if first is None:
            if start_s:
                return
            raise NoSound(name=path.name)
        lead_s = min(_time(first, container) - start_s, _LONGEST_SILENT_START_S)
        frame_count = round(abs(lead_s) * sound_format.rate_hz)
        if lead_s > 0:
            yield bytes(frame_count * sound_format.frame_bytes)
        else:
            skip_bytes = frame_count * sound_format.frame_bytes
        for block in _blocks(_chain(first, frames), sound_format):
            if cancelled is not None and cancelled.is_set():
                raise Cancelled
            if skip_bytes < len(block):
                yield block[skip_bytes:]
            skip_bytes = max(0, skip_bytes - len(block))


def _blocks(frames: Iterator[AudioFrame], sound_format: SoundFormat) -> Iterator[bytes]:
    layout = "mono" if sound_format.channels == 1 else "stereo"
    resampler = AudioResampler(format="s16", layout=layout, rate=sound_format.rate_hz)
    for frame in frames:
        frame.pts = None  # gaps and jumps in the file's times shall not make the resampler invent or drop sound
        for out in resampler.resample(frame):
            yield bytes(out.planes[0])[: out.samples * sound_format.frame_bytes]
    for out in resampler.resample(None):
        yield bytes(out.planes[0])[: out.samples * sound_format.frame_bytes]


def _frames(container: InputContainer, stream: AudioStream, start_s: float) -> Iterator[AudioFrame]:
    if start_s > _LEAD_S:
        container.seek(round((start_s - _LEAD_S) * av.time_base) + (container.start_time or 0))
    for packet in container.demux(stream):
        try:
            yield from packet.decode()
        except InvalidDataError:
            continue  # a damaged place: the rest may be whole


def _chain(first: AudioFrame, rest: Iterator[AudioFrame]) -> Iterator[AudioFrame]:
    yield first
    yield from rest


def _time(frame: AudioFrame, container: InputContainer) -> float:
    """Seconds from the beginning of the file."""
    if frame.pts is None or frame.time_base is None:
        return 0.0
    return float(frame.pts * frame.time_base) - (container.start_time or 0) / av.time_base


@contextmanager
def _opened(path: Path) -> Iterator[tuple[InputContainer, AudioStream]]:
    if path.exists() and not path.is_file():  # a pipe would be waited for, a device read for ever
        raise NotAFile(name=path.name)
    try:
        if _is_text(path):
            raise SoundUnreadable(name=path.name)
        # The prefix keeps names such as "a:b.mp3" from being taken for addresses.
        with av.open(f"file:{path}", options=_OPTIONS) as container:
            stream = container.streams.best("audio")
            if not isinstance(stream, AudioStream):
                raise NoSound(name=path.name)
            yield container, stream
    except (FFmpegError, OSError) as error:
        raise SoundUnreadable(getattr(error, "strerror", "") or str(error), name=path.name) from error


def _is_text(path: Path) -> bool:
    """FFmpeg takes text for noise when its name says sound, and follows playlists to other files; no sound is text."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    return bool(head) and not head.translate(None, _TEXT)

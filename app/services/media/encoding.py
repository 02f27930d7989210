"""Sound made ready for an upload: small, in a container every speech server takes."""

from __future__ import annotations

import io
import threading
import wave
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream

from app.model.audio import SoundFormat, Stretch
from app.services.media.decoding import decode

MP3_BITS_PER_SECOND = 64_000
"""At 16 kHz mono hardly to be told from the original, and no model hears a difference."""


class SoundKind(StrEnum):
    """WAV is for servers on this computer; MP3 takes a quarter of its room and is known to all servers."""

    WAV = "wav"
    MP3 = "mp3"


@dataclass(frozen=True, slots=True)
class EncodedSound:
    """A complete file in memory."""

    data: bytes = field(repr=False)
    media_type: str
    suffix: str


def encode(blocks: Iterable[bytes], sound_format: SoundFormat, kind: SoundKind) -> EncodedSound:
    """Encode mono 16-bit `blocks`; errors of drawing them pass through."""
    assert sound_format.channels == 1
    if kind is SoundKind.WAV:
        return EncodedSound(_wav(blocks, sound_format), "audio/wav", ".wav")
    return EncodedSound(_mp3(blocks, sound_format), "audio/mpeg", ".mp3")


def encode_part(path: Path, part: Stretch, kind: SoundKind, cancelled: threading.Event | None = None) -> EncodedSound:
    """One stretch of a file as speech models want it: 16 kHz, mono.

    Raises:
        SoundUnreadable, NoSound, Cancelled.
    """
    sound_format = SoundFormat()

    def blocks() -> Iterator[bytes]:
        wanted = round(part.length_s * sound_format.rate_hz) * sound_format.frame_bytes
        with closing(decode(path, sound_format, start_s=part.start_s, cancelled=cancelled)) as decoded:
            for block in decoded:
                yield block[:wanted]
                wanted -= len(block)
                if wanted <= 0:
                    return

    return encode(blocks(), sound_format, kind)


def bytes_per_second(kind: SoundKind, sound_format: SoundFormat) -> float:
    """How much an encoded second takes, for planning."""
    return sound_format.bytes_per_second if kind is SoundKind.WAV else MP3_BITS_PER_SECOND / 8


def _wav(blocks: Iterable[bytes], sound_format: SoundFormat) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(sound_format.rate_hz)
        sound.writeframes(b"".join(blocks))
    return file.getvalue()


def _mp3(blocks: Iterable[bytes], sound_format: SoundFormat) -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="mp3") as container:
        stream = container.add_stream("libmp3lame", rate=sound_format.rate_hz, layout="mono")
        assert isinstance(stream, AudioStream)
        stream.bit_rate = MP3_BITS_PER_SECOND
        codec = stream.codec_context
        codec.open()
        fitted = AudioResampler(
            format=codec.format, layout="mono", rate=sound_format.rate_hz, frame_size=codec.frame_size
        )
        for block in blocks:
            for frame in fitted.resample(_frame(block, sound_format)):
                container.mux(stream.encode(frame))
        for frame in fitted.resample(None):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


def _frame(block: bytes, sound_format: SoundFormat) -> AudioFrame:
    frame = AudioFrame(format="s16", layout="mono", samples=len(block) // 2)
    frame.planes[0].update(block + bytes(frame.planes[0].buffer_size - len(block)))
    frame.sample_rate = sound_format.rate_hz
    return frame

"""Sound files for the tests, made on the spot; also the word error rate."""

from __future__ import annotations

import io
import re
import wave
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from numpy.typing import NDArray

RECORDING = Path(__file__).parents[2] / "data" / "speech" / "dashwood.wav"
SPOKEN = RECORDING.with_suffix(".txt")
RATE = 16_000

type Samples = NDArray[np.float32]


def tone(seconds: float, hz: float = 440.0, rate: int = RATE) -> Samples:
    times = np.arange(round(seconds * rate), dtype=np.float32) / rate
    return np.asarray(0.3 * np.sin(2 * np.pi * hz * times), dtype=np.float32)


def read_wav(file: Path) -> Samples:
    with wave.open(str(file)) as opened:
        values = np.frombuffer(opened.readframes(opened.getnframes()), np.int16)
    return np.asarray(values / 32768, dtype=np.float32)


def wav(samples: Samples, rate: int = RATE, channels: int = 1) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.repeat(samples, channels) * 32767).astype("<i2").tobytes())
    return buffer.getvalue()


def encoded(samples: Samples, container: str, codec: str) -> bytes:
    """The samples in another format, as a phone or a browser would write them."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container) as output:
        stream = output.add_stream(codec, rate=48_000)
        assert isinstance(stream, AudioStream)
        frame = AudioFrame.from_ndarray(samples[None], format="fltp", layout="mono")
        frame.sample_rate = RATE
        resampler = av.AudioResampler(format=stream.codec_context.format, layout="stereo", rate=48_000)
        fifo = av.AudioFifo()
        for resampled in (*resampler.resample(frame), *resampler.resample(None)):
            fifo.write(resampled)
        size = stream.codec_context.frame_size or 1024
        while (part := fifo.read(size, partial=True)) is not None:
            output.mux(stream.encode(part))
        output.mux(stream.encode(None))
    return buffer.getvalue()


def words_of(text: str) -> list[str]:
    """Lower case without punctuation, titles written out, so that only what was heard counts."""
    return re.findall(r"[a-z0-9]+", text.lower().replace("mr.", "mister").replace("mr ", "mister "))


def word_error_rate(heard: str, spoken: str) -> float:
    """Insertions, deletions and substitutions for each spoken word."""
    wanted, got = words_of(spoken), words_of(heard)
    previous = list(range(len(got) + 1))
    for row, word in enumerate(wanted, start=1):
        current = [row]
        for column, other in enumerate(got, start=1):
            substituted = previous[column - 1] + (word != other)
            current.append(min(substituted, previous[column] + 1, current[-1] + 1))
        previous = current
    return previous[-1] / len(wanted)

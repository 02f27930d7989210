"""Real sound and video files made by PyAV on the spot, in the containers people drop; content is known exactly."""

from __future__ import annotations

import wave
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.video.stream import VideoStream

CODECS = {
    ".wav": "pcm_s16le",
    ".mp3": "libmp3lame",
    ".m4a": "aac",
    ".ogg": "libopus",
    ".flac": "flac",
    ".webm": "libopus",
    ".mkv": "libmp3lame",
    ".mp4": "aac",
}
RATE_HZ = 48_000
type Samples = np.ndarray[tuple[int], np.dtype[np.int16]]


def chirps(seconds: float, *, silent_s: float = 0.4) -> Samples:
    """One second rising tone, each second at another pitch, each ending in `silent_s` of silence, at 48 kHz."""
    time = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    second = np.floor(time)
    pitch = 200 + 40 * (second % 17) + 150 * (time - second)
    sound = 0.5 * np.sin(2 * np.pi * pitch * (time - second)) * (time - second < 1 - silent_s)
    return (sound * 32_767).astype(np.int16)


def write_sound(path: Path, samples: Samples, *, starts_at_s: float = 0.0) -> Path:
    """Encode `samples` (48 kHz, mono) as stereo into the container that the suffix names; videos get pictures."""
    with av.open(str(path), "w") as container:
        sound = container.add_stream(CODECS[path.suffix], rate=RATE_HZ, layout="stereo")
        assert isinstance(sound, AudioStream)
        if path.suffix in {".mkv", ".mp4", ".webm"}:
            picture = container.add_stream("libvpx" if path.suffix == ".webm" else "mpeg4", rate=5)
            assert isinstance(picture, VideoStream)
            _write_pictures(container, picture, len(samples) / RATE_HZ + starts_at_s)
        codec = sound.codec_context
        codec.open(strict=False)
        fit = AudioResampler(codec.format, "stereo", RATE_HZ, codec.frame_size or 1024)
        frame = av.AudioFrame.from_ndarray(np.repeat(samples, 2).reshape(1, -1), format="s16", layout="stereo")
        frame.sample_rate = RATE_HZ
        frame.time_base = Fraction(1, RATE_HZ)
        frame.pts = 0
        for fitted in [*fit.resample(frame), *fit.resample(None)]:
            fitted.pts = (fitted.pts or 0) + round(starts_at_s * RATE_HZ)
            container.mux(sound.encode(fitted))
        container.mux(sound.encode(None))
    return path


def write_long_speech(path: Path, seconds: int) -> Path:
    """A WAV file at 16 kHz that is quick to make and to read, with a pause in every second."""
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(16_000)
        sound.writeframes(np.tile(chirps(10)[::3], seconds // 10).tobytes())
    return path


def write_silent_film(path: Path, seconds: float = 2.0) -> Path:
    """A video without a sound track."""
    with av.open(str(path), "w") as container:
        picture = container.add_stream("mpeg4", rate=5)
        assert isinstance(picture, VideoStream)
        _write_pictures(container, picture, seconds)
    return path


def _write_pictures(container: av.container.OutputContainer, stream: VideoStream, seconds: float) -> None:
    stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
    for number in range(round(seconds * 5)):
        frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), number % 255, np.uint8), format="rgb24")
        frame.pts = number
        frame.time_base = Fraction(1, 5)
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))

import io

import av
import numpy as np
import pytest

from app.engine.openai_errors import ApiError
from app.engine.speech.sound import SAMPLE_RATE, decode
from tests.engine.speech.sounds import encoded, tone, wav


def loudest_hz(samples: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(samples))
    return float(np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE)[spectrum.argmax()])


@pytest.mark.parametrize(("rate", "channels"), [(8_000, 1), (16_000, 1), (44_100, 2), (48_000, 2)])
def test_any_rate_becomes_sixteen_thousand_mono(rate: int, channels: int) -> None:
    samples = decode(wav(tone(1.0, rate=rate), rate, channels))
    assert samples.dtype == np.float32
    assert len(samples) == pytest.approx(SAMPLE_RATE, abs=100)
    assert loudest_hz(samples) == pytest.approx(440, abs=3)


@pytest.mark.parametrize(
    ("container", "codec"),
    [("mp3", "libmp3lame"), ("ogg", "libopus"), ("webm", "libopus"), ("ipod", "aac"), ("flac", "flac")],
)
def test_what_phones_and_browsers_record_is_read(container: str, codec: str) -> None:
    samples = decode(encoded(tone(1.0), container, codec))
    assert len(samples) == pytest.approx(SAMPLE_RATE, rel=0.15)
    assert loudest_hz(samples) == pytest.approx(440, abs=3)


def test_a_recording_that_breaks_off_gives_what_is_there() -> None:
    whole = encoded(tone(4.0), "mp3", "libmp3lame")
    assert SAMPLE_RATE < len(decode(whole[: len(whole) // 2])) < 3 * SAMPLE_RATE


def silent_film() -> bytes:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="matroska") as output:
        stream = output.add_stream("mpeg4", rate=10, width=32, height=32, pix_fmt="yuv420p")
        for _ in range(3):
            output.mux(stream.encode(av.VideoFrame(32, 32, "yuv420p")))
        output.mux(stream.encode(None))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"this is a letter, not a sound" * 20, "cannot be read as sound"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "cannot be read as sound"),
        (wav(tone(0.0)), "is empty"),
        (silent_film(), "no sound track"),
    ],
)
def test_what_cannot_be_heard_is_refused_in_words(data: bytes, words: str) -> None:
    with pytest.raises(ApiError, match=words) as refused:
        decode(data)
    assert (refused.value.status, refused.value.param) == (400, "file")


def test_decoding_can_be_given_up() -> None:
    assert len(decode(wav(tone(60.0)), stopped=lambda: True)) < 30 * SAMPLE_RATE

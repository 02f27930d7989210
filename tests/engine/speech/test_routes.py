"""The audio endpoints with the real Whisper model and a human voice, through the official client."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import openai
import pytest

from tests.engine.conftest import SPEECH, RunningEngine
from tests.engine.speech.sounds import RATE, RECORDING, SPOKEN, read_wav, tone, wav, word_error_rate

pytestmark = pytest.mark.engine

MOST_ERRORS = 0.10


def short_clip() -> bytes:
    """The first words only, which is faster: "and mister John Dashwood had"."""
    return wav(read_wav(RECORDING)[: round(1.8 * RATE)])


def upload(data: bytes) -> tuple[str, io.BytesIO, str]:
    return "clip.wav", io.BytesIO(data), "audio/wav"


def transcribe(engine: RunningEngine, data: bytes, **options: Any) -> Any:
    return engine.client.audio.transcriptions.create(model=SPEECH, file=upload(data), **options)


def events_of(engine: RunningEngine, data: bytes, **fields: Any) -> list[dict[str, Any]]:
    with engine.http.stream(
        "POST",
        "/v1/audio/transcriptions",
        data={"model": SPEECH, "stream": "true", **fields},
        files={"file": ("clip.wav", data, "audio/wav")},
    ) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        return [json.loads(line[6:]) for line in answer.iter_lines() if line.startswith("data: ")]


def test_a_human_voice_is_understood_with_the_times_of_every_word(engine: RunningEngine) -> None:
    answer = transcribe(
        engine,
        RECORDING.read_bytes(),
        language="en",
        response_format="verbose_json",
        timestamp_granularities=["word", "segment"],
    )
    assert word_error_rate(answer.text, SPOKEN.read_text()) < MOST_ERRORS
    assert answer.language == "english"
    assert float(answer.duration) == pytest.approx(7.1, abs=0.05)
    assert " ".join(word.word for word in answer.words) == answer.text
    starts = [word.start for word in answer.words]
    assert starts == sorted(starts)
    assert 0 <= starts[0] < 1
    assert 6 < answer.words[-1].end <= 7.11
    assert answer.segments[0].avg_logprob < 0
    assert answer.segments[0].tokens


def test_long_silences_do_not_shift_times(engine: RunningEngine) -> None:
    clip = read_wav(RECORDING)
    silence = np.zeros(20 * RATE, dtype=np.float32)
    answer = transcribe(
        engine, wav(np.concatenate([clip, silence, clip])), language="en", response_format="verbose_json"
    )
    spoken = SPOKEN.read_text()
    assert word_error_rate(answer.text, f"{spoken} {spoken}") < MOST_ERRORS
    second = next(segment for segment in answer.segments if segment.start > 8)
    assert second.start == pytest.approx(27.3, abs=0.6)
    assert max(segment.end for segment in answer.segments if segment.start < 8) < 7.6


def test_plain_formats_are_plain(engine: RunningEngine) -> None:
    text = transcribe(engine, short_clip(), language="en", response_format="text")
    assert "Dashwood" in text
    subtitles = transcribe(engine, short_clip(), language="en", response_format="srt")
    assert subtitles.startswith("1\n00:00:0")
    assert " --> 00:00:01," in subtitles


def test_a_stream_brings_progress_segments_and_the_whole_text(engine: RunningEngine) -> None:
    clip = read_wav(RECORDING)
    data = wav(np.concatenate([clip, tone(0.0), clip, clip, clip, clip]))  # more than one window
    events = events_of(engine, data, language="en")
    kinds = [event["type"] for event in events]
    assert kinds[0] == "transcript.progress"
    assert kinds[-1] == "transcript.text.done"
    done = [event["seconds"] for event in events if event["type"] == "transcript.progress"]
    assert done == sorted(done)
    assert len(done) >= 3
    deltas = [event for event in events if event["type"] == "transcript.text.delta"]
    assert "".join(event["delta"] for event in deltas).strip() == events[-1]["text"]
    times = [(event["segment"]["start"], event["segment"]["end"]) for event in deltas]
    assert times == sorted(times)
    assert [event["segment"]["id"] for event in deltas] == list(range(len(deltas)))
    assert events[-1]["duration"] == pytest.approx(35.5, abs=0.1)


def test_the_official_client_reads_the_stream(engine: RunningEngine) -> None:
    stream = transcribe(engine, short_clip(), language="en", stream=True)
    texts = [event.text for event in stream if event.type == "transcript.text.done"]
    assert len(texts) == 1
    assert "Dashwood" in texts[0]


@pytest.mark.parametrize("kind", ["silence", "noise", "tone"])
def test_where_nobody_speaks_nothing_is_invented(engine: RunningEngine, kind: str) -> None:
    sounds = {
        "silence": np.zeros(3 * RATE, dtype=np.float32),
        "noise": np.random.default_rng(0).normal(0, 0.02, 3 * RATE).astype(np.float32),
        "tone": tone(3.0),
    }
    answer = transcribe(engine, wav(sounds[kind]), response_format="verbose_json")
    assert answer.text == ""
    assert answer.segments == []
    assert float(answer.duration) == pytest.approx(3.0)


@pytest.mark.parametrize("seconds", [0.001, 0.02, 0.3])
def test_a_blink_of_sound_is_no_error(engine: RunningEngine, seconds: float) -> None:
    assert transcribe(engine, wav(tone(seconds)), language="en").text == ""


def test_speech_is_translated_from_the_language_that_is_found(engine: RunningEngine) -> None:
    with pytest.warns(DeprecationWarning, match="deprecated"):  # at OpenAI, where it ends in 2027
        answer = engine.client.audio.translations.create(
            model=SPEECH, file=upload(short_clip()), response_format="verbose_json"
        )
    assert "Dashwood" in answer.text
    assert (answer.language, float(answer.duration)) == ("english", 1.8)


def test_a_name_in_the_prompt_is_spelled_like_there(engine: RunningEngine) -> None:
    answer = transcribe(engine, short_clip(), language="en", prompt="Jon Dashwoode, Elinor Dashwoode.")
    assert "Dashwoode" in answer.text


def test_a_client_that_hangs_up_frees_the_model(engine: RunningEngine) -> None:
    clip = read_wav(RECORDING)
    long = wav(np.concatenate([clip] * 60))  # a minute of work and more
    with engine.http.stream(
        "POST",
        "/v1/audio/transcriptions",
        data={"model": SPEECH, "stream": "true", "language": "en"},
        files={"file": ("clip.wav", long, "audio/wav")},
    ) as answer:
        next(answer.iter_lines())
    hurried = engine.client.with_options(timeout=25)
    heard = hurried.audio.transcriptions.create(model=SPEECH, file=upload(short_clip()), language="en")
    assert "Dashwood" in heard.text


@pytest.mark.parametrize(
    ("options", "param"),
    [
        ({"response_format": "diarized_json"}, "response_format"),
        ({"language": "xx"}, "language"),
        ({"temperature": 3}, "temperature"),
        ({"timestamp_granularities": ["sentence"]}, "timestamp_granularities[]"),
    ],
)
def test_what_is_wrong_is_named(engine: RunningEngine, options: dict[str, Any], param: str) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        transcribe(engine, short_clip(), **options)
    assert refused.value.param == param


def test_a_file_that_is_no_sound_is_refused(engine: RunningEngine) -> None:
    with pytest.raises(openai.BadRequestError, match="cannot be read as sound"):
        transcribe(engine, b"a letter" * 100)
    answer = engine.http.post("/v1/audio/transcriptions", data={"model": SPEECH}, files={"other": b"x"})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "file")

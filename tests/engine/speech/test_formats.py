import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.speech.formats import as_json, as_srt, as_verbose_json, as_vtt, stamp, streamed_segment
from app.engine.speech.request import SpeechRequest
from app.engine.speech.transcript import Segment, Transcript, Word

TRANSCRIPT = Transcript(
    [
        Segment(0, 0.12, 3.4567, " Hello there.", (Word("Hello", 0.1, 1.0), Word("there.", 1.0, 3.4)), (1, 2), -0.25),
        Segment(1, 3661.0, 3662.5, " Goodbye.", (Word("Goodbye.", 3661.0, 3662.5),), (3,), -0.5, 0.01),
    ],
    "english",
    3700.2,
)


def test_subtitles_are_numbered_and_timed() -> None:
    assert as_srt(TRANSCRIPT) == (
        "1\n00:00:00,120 --> 00:00:03,457\nHello there.\n\n2\n01:01:01,000 --> 01:01:02,500\nGoodbye.\n"
    )


def test_subtitles_for_the_web_begin_with_their_name() -> None:
    assert as_vtt(TRANSCRIPT) == (
        "WEBVTT\n\n00:00:00.120 --> 00:00:03.457\nHello there.\n\n01:01:01.000 --> 01:01:02.500\nGoodbye.\n"
    )


def test_plain_json_is_text_and_how_long_it_took() -> None:
    assert as_json(TRANSCRIPT) == {"text": "Hello there. Goodbye.", "usage": {"type": "duration", "seconds": 3700}}


@pytest.mark.parametrize(("segments", "words"), [(True, False), (False, True), (True, True)])
def test_verbose_json_has_what_was_asked_for(segments: bool, words: bool) -> None:
    request = SpeechRequest(b"", segments=segments, words=words, temperature=0.2)
    answer = as_verbose_json(TRANSCRIPT, request)
    assert ("segments" in answer, "words" in answer) == (segments, words)
    assert (answer["task"], answer["language"], answer["duration"]) == ("transcribe", "english", 3700.2)
    if words:
        assert answer["words"][0] == {"word": "Hello", "start": 0.1, "end": 1.0}
    if segments:
        assert answer["segments"][0]["temperature"] == 0.2
        assert answer["segments"][0]["avg_logprob"] == -0.25


def test_a_streamed_segment_has_times_and_the_words_it_has() -> None:
    assert streamed_segment(Segment(4, 1.0, 2.0, " Hi.")) == {"id": 4, "start": 1.0, "end": 2.0, "text": "Hi."}
    assert streamed_segment(TRANSCRIPT.segments[1])["words"] == [{"word": "Goodbye.", "start": 3661.0, "end": 3662.5}]


def test_nothing_heard_is_empty_everywhere() -> None:
    assert as_srt(Transcript()) == ""
    assert as_vtt(Transcript()) == "WEBVTT\n\n"
    assert as_json(Transcript())["text"] == ""


@given(st.floats(0, 100 * 3600))
def test_every_time_has_proper_minutes_seconds_and_milliseconds(time_s: float) -> None:
    match = re.fullmatch(r"(\d{2,}):([0-5]\d):([0-5]\d),(\d{3})", stamp(time_s, ","))
    assert match is not None
    hours, minutes, seconds, ms = map(int, match.groups())
    assert hours * 3600 + minutes * 60 + seconds + ms / 1000 == pytest.approx(time_s, abs=0.0006)

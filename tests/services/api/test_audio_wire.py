"""Transcripts: what is uploaded, and every format in which the text comes back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.model.audio import (
    Segment,
    TranscriptDelta,
    TranscriptionOptions,
    TranscriptionProgress,
    TranscriptionRequest,
    TranscriptionResult,
    Word,
)
from app.model.chat import RequestAdjusted
from app.model.errors import AnswerInterrupted, BrokenAnswer, RequestRefused, ServerTrouble, WrongAddress
from app.model.lessons import Lesson, LessonKind
from app.model.providers import BUILT_IN_ID, Endpoint
from app.services.api.audio_wire import (
    TranscriptDecoder,
    subtitle_segments,
    transcript_of_bytes,
    transcript_of_object,
    transcription_call,
)
from tests.fakes.openai_server import Action, FakeOpenAI, event
from tests.services.api.asking import Outcome, collected, endpoint_of
from tests.services.api.test_chat_wire import json_values

HERE = Endpoint("http://127.0.0.1:1/v1")
TEXT = "Hello from the fake server. It heard everything."
SEGMENTS = (Segment(0.0, 1.5, "Hello from the fake server."), Segment(1.5, 3.0, "It heard everything."))


def upload(response_format: str = "verbose_json", *, stream: bool = False, **options: Any) -> TranscriptionRequest:
    return TranscriptionRequest(
        "whisper-1", "talk.flac", "audio/flac", b"fLaC1234", TranscriptionOptions(**options), response_format, stream
    )


def transcribe(server: FakeOpenAI, request: TranscriptionRequest, **changes: Any) -> Outcome:
    return collected(lambda api: api.transcribe(endpoint_of(server, **changes), request))


def test_the_form_holds_what_was_set(server: FakeOpenAI) -> None:
    request = upload(language="de", prompt="Triptych", temperature=0.0, word_times=True)
    assert transcribe(server, request).error is None
    post = server.posts("/audio/transcriptions")[0]
    assert post.fields == {
        "model": ["whisper-1"],
        "response_format": ["verbose_json"],
        "language": ["de"],
        "prompt": ["Triptych"],
        "temperature": ["0.0"],
        "timestamp_granularities[]": ["word", "segment"],
    }
    (file,) = post.files
    assert (file.name, file.file_name, file.media_type, file.data) == ("file", "talk.flac", "audio/flac", b"fLaC1234")


def test_nothing_is_sent_that_was_not_set() -> None:
    assert transcription_call(HERE, upload("json")).body == {"model": "whisper-1", "response_format": "json"}


def test_translation_has_no_language_and_no_stream(server: FakeOpenAI) -> None:
    outcome = transcribe(server, upload(stream=True, translate=True, language="de"))
    assert outcome.last.text == TEXT
    fields = server.posts("/audio/translations")[0].fields
    assert not {"language", "stream"} & fields.keys()


def test_the_engine_inside_streams_translations_too() -> None:
    engine = Endpoint(HERE.base_url, provider_id=BUILT_IN_ID)
    assert transcription_call(engine, upload(stream=True, translate=True)).body["stream"] is True


@pytest.mark.parametrize("response_format", ["verbose_json", "srt", "vtt"])
def test_formats_with_times(server: FakeOpenAI, response_format: str) -> None:
    outcome = transcribe(server, upload(response_format))
    (result,) = outcome.items
    assert (result.text, result.segments) == (TEXT, SEGMENTS)


@pytest.mark.parametrize("response_format", ["json", "text"])
def test_formats_without_times(server: FakeOpenAI, response_format: str) -> None:
    assert transcribe(server, upload(response_format)).items == [TranscriptionResult(TEXT)]


def test_verbose_tells_language_and_length(server: FakeOpenAI) -> None:
    result = transcribe(server, upload()).last
    assert (result.language, result.duration_s) == ("english", 3.0)


def test_words_are_put_into_their_segments(server: FakeOpenAI) -> None:
    result = transcribe(server, upload(word_times=True)).last
    assert [" ".join(word.text for word in s.words) for s in result.segments] == [s.text for s in result.segments]
    assert result.segments[1].words[0].start_s == 1.5


ODD_ANSWERS: dict[str, tuple[str | bytes, TranscriptionResult]] = {
    "length as a text": ('{"text": "hi", "duration": "2.5"}', TranscriptionResult("hi", duration_s=2.5)),
    "length that is no number": ('{"text": "hi", "duration": NaN}', TranscriptionResult("hi")),
    "a JSON string": ('"hi"', TranscriptionResult("hi")),
    "braces that are no JSON": ("{laughs} hi", TranscriptionResult("{laughs} hi")),
    "segments without a text": (
        '{"segments": [{"start": 0, "end": "1", "text": " a "}, {"start": 1, "end": 2, "text": "b"}]}',
        TranscriptionResult("a b", (Segment(0, 1, "a"), Segment(1, 2, "b"))),
    ),
    "segments without times": ('{"text": "hi", "segments": [{"text": "hi"}, null]}', TranscriptionResult("hi")),
    "an end before the start": (
        '{"text": "hi", "segments": [{"start": 3, "end": 1, "text": "hi"}]}',
        TranscriptionResult("hi", (Segment(3, 3, "hi"),)),
    ),
    "subtitles instead of JSON": (
        "1\r\n00:00:00,000 --> 00:00:01,000\r\nhi\r\n",
        TranscriptionResult("hi", (Segment(0, 1, "hi"),)),
    ),
    "silence": ('{"text": ""}', TranscriptionResult("")),
    "silence in verbose": ('{"text": "", "segments": [], "duration": 1}', TranscriptionResult("", duration_s=1.0)),
    "a byte order mark": (b"\xef\xbb\xbf" + b'{"text": "hi"}', TranscriptionResult("hi")),
}


@pytest.mark.parametrize("name", ODD_ANSWERS)
def test_odd_answers_are_understood(server: FakeOpenAI, name: str) -> None:
    body, expected = ODD_ANSWERS[name]
    server.reply(200, body, {"Content-Type": "application/json"})
    assert transcribe(server, upload()).items == [expected]


def test_words_alone_become_sentences() -> None:
    words = [
        {"word": "One", "start": 0.0, "end": 0.5},
        {"word": "two.", "start": 0.5, "end": 1.0},
        {"word": "Three", "start": 1.1, "end": 1.5},
        {"word": "four", "start": 4.0, "end": 4.5},
    ]
    result = transcript_of_object({"text": "One two. Three four", "words": words})
    assert result is not None
    assert [segment.text for segment in result.segments] == ["One two.", "Three", "four"]
    assert result.segments[0].words == (Word("One", 0.0, 0.5), Word("two.", 0.5, 1.0))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('{"error": {"message": "no", "code": 500}}', ServerTrouble),
        ("<html><head><title>Login</title></head></html>", WrongAddress),
        ("{}", BrokenAnswer),
        ("", BrokenAnswer),
        ("  \n", BrokenAnswer),
    ],
)
def test_answers_that_are_none(server: FakeOpenAI, body: str, expected: type[Exception]) -> None:
    server.reply(200, body)
    assert type(transcribe(server, upload()).error) is expected


def test_silence_as_plain_text_is_no_error(server: FakeOpenAI) -> None:
    server.reply(200, "\n", {"Content-Type": "text/plain"})
    assert transcribe(server, upload("text")).items == [TranscriptionResult("")]


def test_a_model_without_times_is_asked_for_plain_json(server: FakeOpenAI) -> None:
    words = "response_format 'verbose_json' is not compatible with model 'gpt-4o-transcribe'. Use 'json' or 'text'."
    server.reply_error(400, "unsupported_value", "invalid_request_error", words, param="response_format")
    outcome = transcribe(server, upload(word_times=True))
    without_times = Lesson("response_format", LessonKind.REPLACED, "json")
    assert outcome.items == [RequestAdjusted((without_times,)), TranscriptionResult(TEXT)]
    fields = server.posts()[1].fields
    assert fields["response_format"] == ["json"]
    assert "timestamp_granularities[]" not in fields


def test_refused_word_times_are_left_out(server: FakeOpenAI) -> None:
    server.reply(422, {"detail": [{"loc": ["body", "timestamp_granularities"], "msg": "not supported"}]})
    assert transcribe(server, upload(word_times=True)).last.segments == SEGMENTS


def test_other_refusals_are_shown(server: FakeOpenAI) -> None:
    server.reply_error(400, "invalid_value", "invalid_request_error", "bad language", param="language", times=9)
    assert isinstance(transcribe(server, upload(language="xx")).error, RequestRefused)
    assert len(server.posts()) == 1


def test_a_stream_from_openai(server: FakeOpenAI) -> None:
    outcome = transcribe(server, upload("json", stream=True))
    assert [item.text for item in outcome.items[:-1]] == ["Hello from the fake server.", " It heard everything."]
    assert outcome.last == TranscriptionResult(TEXT)


def test_a_stream_from_the_engine_inside(server: FakeOpenAI) -> None:
    server.engine_events = True
    outcome = transcribe(server, upload(stream=True))
    assert outcome.items[0] == TranscriptDelta("Hello from the fake server.", SEGMENTS[0])
    assert outcome.items[1] == TranscriptionProgress(1.5, 3.0)
    assert outcome.last == TranscriptionResult(TEXT, SEGMENTS)


STREAMS: dict[str, tuple[list[bytes], TranscriptionResult]] = {
    "diarized": (
        [
            event({"type": "transcript.text.segment", "id": "s", "start": 0, "end": 1, "speaker": "A", "text": "hi"}),
            event({"type": "transcript.text.done", "text": "hi"}),
        ],
        TranscriptionResult("hi", (Segment(0, 1, "hi"),)),
    ),
    "with [DONE] only": (
        [event({"type": "transcript.text.delta", "delta": "hi"}), event("[DONE]")],
        TranscriptionResult("hi"),
    ),
    "vLLM": (
        [
            event({"object": "transcription.chunk", "choices": [{"delta": {"content": "h"}}]}),
            event({"object": "transcription.chunk", "choices": [{"delta": {"content": "i"}, "finish_reason": "stop"}]}),
            event("[DONE]"),
        ],
        TranscriptionResult("hi"),
    ),
    "the whole at once": ([json.dumps({"text": "hi", "language": "en"}).encode()], TranscriptionResult("hi", (), "en")),
    "done with language and length": (
        [event({"type": "transcript.text.done", "text": "hi", "language": "en", "duration": 2})],
        TranscriptionResult("hi", (), "en", 2.0),
    ),
}


@pytest.mark.parametrize("name", STREAMS)
def test_other_streams(server: FakeOpenAI, name: str) -> None:
    chunks, expected = STREAMS[name]
    server.reply_bytes(chunks, {"Content-Type": "text/event-stream" if len(chunks) > 1 else "application/json"})
    outcome = transcribe(server, upload("json", stream=True))
    assert (outcome.error, outcome.last) == (None, expected)


def test_a_stream_that_breaks_off(server: FakeOpenAI) -> None:
    server.reply_bytes([event({"type": "transcript.text.delta", "delta": "hi"}), Action.CUT])
    outcome = transcribe(server, upload("json", stream=True))
    assert isinstance(outcome.error, AnswerInterrupted)
    assert outcome.items[0] == TranscriptDelta("hi")


def test_an_error_in_the_stream(server: FakeOpenAI) -> None:
    failed = {"type": "error", "error": {"message": "decoder failed", "type": "server_error"}}
    server.reply_bytes([event({"type": "transcript.text.delta", "delta": "hi"}), event(failed)])
    outcome = transcribe(server, upload("json", stream=True))
    assert isinstance(outcome.error, ServerTrouble)


def test_subtitles_of_both_kinds() -> None:
    srt = "1\n00:00:01,000 --> 00:00:02,500\nOne <i>two</i>\nthree\n\n2\n01:00:00,000 --> 01:00:01,000\nfour\n"
    vtt = "WEBVTT\n\nNOTE\n\n00:01.000 --> 00:02.500 align:start\nOne two three\n\n1:00:00.000 --> 1:00:01.000\nfour\n"
    expected = (Segment(1.0, 2.5, "One two three"), Segment(3600.0, 3601.0, "four"))
    assert subtitle_segments(srt) == expected
    assert subtitle_segments(vtt) == expected
    assert subtitle_segments("no cues here") == ()


@given(st.binary(max_size=200))
def test_any_bytes(body: bytes) -> None:
    transcript_of_bytes(body, "json")


@given(
    st.dictionaries(st.sampled_from(["type", "text", "segments", "words", "delta", "segment", "choices"]), json_values)
)
def test_strange_events_do_no_harm(payload: dict[str, Any]) -> None:
    decoder = TranscriptDecoder()
    list(decoder.feed("", payload))
    list(decoder.feed("transcript.text.delta", payload))
    list(decoder.finish())
    transcript_of_object(payload)

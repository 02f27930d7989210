"""Transcription and translation: uploads into forms, transcripts out of every format that servers answer with."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from app.model.audio import (
    Segment,
    TranscriptDelta,
    TranscriptionProgress,
    TranscriptionRequest,
    TranscriptionResult,
    Word,
)
from app.model.lessons import Lesson, LessonKind
from app.model.providers import BUILT_IN_ID, Endpoint
from app.services.api.calls import Call, merged
from app.services.api.error_body import looks_like_html
from app.services.api.json_text import value_of
from app.services.api.shapes import list_of, number_of, object_of, text_of

LONGEST_PAUSE_S = 1.0
"""A longer silence between two words begins a new segment, where the server gave words only."""

_OPTIONAL = (
    Lesson("response_format", LessonKind.REPLACED, "json"),
    Lesson("timestamp_granularities[]"),
    Lesson("stream"),
)
"""Times are wished for wherever there may be some; the text is what was asked for."""
_EXPENDABLE = (Lesson("temperature"),)
LONGEST_RECORDING_S = 1_000_000.0
"""Eleven days: a later time in an answer is nonsense, and too large for what draws it."""

_JSON_FORMATS = ("json", "verbose_json", "diarized_json")
_SENTENCE_ENDS = (".", "?", "!", "…", "。", "?", "!")
_CUE_TIMES = re.compile(
    r"^(?:(\d{1,4}):)?(\d\d):(\d\d)[.,](\d{3})[ \t]+-->[ \t]+(?:(\d{1,4}):)?(\d\d):(\d\d)[.,](\d{3})[^\n]*$",
    re.MULTILINE,
)
_CUE_TAG = re.compile(r"</?[a-zA-Z][^<>\n]*>|<\d\d:\d\d[^<>\n]*>")


def transcription_call(endpoint: Endpoint, request: TranscriptionRequest) -> Call:
    """POST /audio/transcriptions, or /audio/translations into English."""
    options = request.options
    values: dict[str, Any] = {
        "model": request.model_id,
        "response_format": request.response_format,
        "language": "" if options.translate else options.language,
        "prompt": options.prompt,
        "temperature": options.temperature,
    }
    body = {name: value for name, value in values.items() if value not in ("", None)}
    if options.word_times and request.response_format == "verbose_json":
        body["timestamp_granularities[]"] = ["word", "segment"]
    if streams(endpoint, request):
        body["stream"] = True
    path = "/audio/translations" if options.translate else "/audio/transcriptions"
    file = (request.file_name, request.data, request.media_type)
    body = merged(body, endpoint.extra_body)
    return Call(path, request.model_id, body, (("file", file),), optional=_OPTIONAL, expendable=_EXPENDABLE)


def streams(endpoint: Endpoint, request: TranscriptionRequest) -> bool:
    """Whether an event stream is asked for; of translations only the built-in engine makes one."""
    can_stream = not request.options.translate or endpoint.provider_id == BUILT_IN_ID
    return request.stream and can_stream and request.response_format in _JSON_FORMATS


def transcript_of_bytes(body: bytes, response_format: str) -> TranscriptionResult | None:
    """A whole answer, whatever format was asked for: JSON, subtitles or plain text; None when it is no transcript."""
    text = body.decode("utf-8-sig", "replace")
    if looks_like_html(text) or (not text.strip() and response_format in _JSON_FORMATS):
        return None
    if text.lstrip()[:1] in ("{", '"'):
        try:
            value = value_of(text)
        except ValueError:
            return TranscriptionResult(text.strip())
        return TranscriptionResult(value.strip()) if isinstance(value, str) else transcript_of_object(object_of(value))
    segments = subtitle_segments(text)
    if segments or text.lstrip().startswith("WEBVTT"):
        return _result("", segments, {})
    return TranscriptionResult(text.strip())


def transcript_of_object(body: Mapping[str, Any]) -> TranscriptionResult | None:
    """A transcript in JSON, verbose, diarized or not; None when it holds neither text nor times."""
    segments = [segment for segment in map(segment_of, list_of(body.get("segments"))) if segment]
    words = [word for word in map(_word, list_of(body.get("words"))) if word]
    if words:
        segments = _with_words(segments, words) if segments else _sentences(words)
    if not isinstance(body.get("text"), str) and not segments:
        return None
    return _result(text_of(body.get("text")), tuple(segments), body)


def segment_of(value: object) -> Segment | None:
    """One segment with its times; None when it has none."""
    facts = object_of(value)
    start_s, end_s = _time(facts.get("start")), _time(facts.get("end"))
    if start_s is None or end_s is None:
        return None
    words = tuple(word for word in map(_word, list_of(facts.get("words"))) if word)
    return Segment(start_s, max(start_s, end_s), text_of(facts.get("text")).strip(), words)


def subtitle_segments(text: str) -> tuple[Segment, ...]:
    """The cues of SRT or WebVTT; empty when there are none."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    found = list(_CUE_TIMES.finditer(text))
    segments = []
    ends = [*(cue.start() for cue in found[1:]), len(text)]
    for cue, end in zip(found, ends, strict=False):
        body = text[cue.end() : end]
        lines = body.strip("\n").partition("\n\n")[0]  # what follows a blank line is the next cue's number
        words = " ".join(_CUE_TAG.sub("", lines).split())
        segments.append(Segment(_seconds(cue.groups()[:4]), _seconds(cue.groups()[4:]), words))
    return tuple(segments)


class TranscriptDecoder:
    """Turns the events of a streamed transcription into pieces, and the whole into the result that ends it."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._segments: list[Segment] = []
        self._whole: TranscriptionResult | None = None

    @property
    def complete(self) -> bool:
        return self._whole is not None

    @property
    def ended(self) -> bool:
        return self.complete

    @property
    def acceptable(self) -> bool:
        return self.complete

    @property
    def is_empty(self) -> bool:
        return not self._pieces and not self._segments and self._whole is None

    def feed(
        self, name: str, payload: Mapping[str, Any]
    ) -> Iterator[TranscriptDelta | TranscriptionProgress | TranscriptionResult]:
        kind = text_of(payload.get("type")) or name
        if kind == "transcript.text.delta":
            yield from self._piece(text_of(payload.get("delta")), segment_of(payload.get("segment")))
        elif kind == "transcript.text.segment":
            yield from self._piece("", segment_of(payload))
        elif kind == "transcript.progress":
            done_s, duration_s = _time(payload.get("seconds")), _time(payload.get("duration"))
            if done_s is not None and duration_s is not None:
                yield TranscriptionProgress(done_s, duration_s)
        elif kind == "transcript.text.done" or (not kind and "choices" not in payload):
            self._whole = transcript_of_object(payload) or self._whole
        else:  # vLLM streams transcripts in the shape of chat chunks
            for choice in list_of(payload.get("choices")):
                yield from self._piece(text_of(object_of(object_of(choice).get("delta")).get("content")), None)

    def finish(self) -> Iterator[TranscriptDelta | TranscriptionProgress | TranscriptionResult]:
        whole = self._whole or TranscriptionResult("")
        segments = whole.segments or tuple(self._segments)
        yield replace(whole, text=whole.text or "".join(self._pieces).strip(), segments=segments)

    def _piece(self, text: str, segment: Segment | None) -> Iterator[TranscriptDelta]:
        if text:
            self._pieces.append(text)
        if segment:
            self._segments.append(segment)
        if text or segment:
            yield TranscriptDelta(text, segment)


def _result(text: str, segments: tuple[Segment, ...], body: Mapping[str, Any]) -> TranscriptionResult:
    text = text.strip() or " ".join(segment.text for segment in segments)
    return TranscriptionResult(text, segments, text_of(body.get("language")), _time(body.get("duration")))


def _time(value: object) -> float | None:
    """A moment in a recording, in seconds; None for what can be none."""
    seconds = number_of(value)
    return seconds if seconds is not None and 0 <= seconds <= LONGEST_RECORDING_S else None


def _word(value: object) -> Word | None:
    facts = object_of(value)
    start_s, end_s = _time(facts.get("start")), _time(facts.get("end"))
    text = text_of(facts.get("word")).strip()
    return None if start_s is None or end_s is None or not text else Word(text, start_s, end_s)


def _with_words(segments: list[Segment], words: list[Word]) -> list[Segment]:
    """Each word in the last segment that begins before the middle of the word."""
    shares: list[list[Word]] = [[] for _ in segments]
    position = 0
    for word in words:
        middle_s = (word.start_s + word.end_s) / 2
        while position + 1 < len(segments) and segments[position + 1].start_s <= middle_s:
            position += 1
        shares[position].append(word)
    return [replace(segment, words=tuple(share)) for segment, share in zip(segments, shares, strict=True)]


def _sentences(words: list[Word]) -> list[Segment]:
    """Segments out of words alone: a sentence ends at its mark or at a pause."""
    groups: list[list[Word]] = [[]]
    for word in words:
        last = groups[-1][-1] if groups[-1] else None
        if last and (last.text.endswith(_SENTENCE_ENDS) or word.start_s - last.end_s > LONGEST_PAUSE_S):
            groups.append([])
        groups[-1].append(word)
    return [Segment(g[0].start_s, g[-1].end_s, " ".join(w.text for w in g), tuple(g)) for g in groups if g]


def _seconds(parts: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, milliseconds = (int(part or 0) for part in parts)
    return hours * 3600 + minutes * 60 + seconds + milliseconds / 1000

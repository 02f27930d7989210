"""Transcripts as text, SRT, WebVTT and the two JSON forms of OpenAI's API; pure functions."""

from __future__ import annotations

from typing import Any

from app.engine.speech.request import ResponseFormat, SpeechRequest
from app.engine.speech.transcript import Segment, Transcript, Word


def stamp(time_s: float, separator: str) -> str:
    """`hh:mm:ss,mmm`, with the separator that the format wants before the milliseconds."""
    total_ms = round(time_s * 1000)
    seconds, ms = divmod(total_ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}{separator}{ms:03d}"


def as_srt(transcript: Transcript) -> str:
    """Numbered subtitles."""
    return "\n".join(f"{number}\n{_cue(each, ',')}" for number, each in enumerate(transcript.segments, start=1))


def as_vtt(transcript: Transcript) -> str:
    """Subtitles for the web."""
    return "WEBVTT\n\n" + "\n".join(_cue(each, ".") for each in transcript.segments)


def _cue(segment: Segment, separator: str) -> str:
    times = f"{stamp(segment.start_s, separator)} --> {stamp(segment.end_s, separator)}"
    return f"{times}\n{segment.text.strip()}\n"


def as_json(transcript: Transcript) -> dict[str, Any]:
    return {"text": transcript.text, "usage": usage(transcript)}


def as_verbose_json(transcript: Transcript, request: SpeechRequest) -> dict[str, Any]:
    """With times; asked for words only, there are no segments, as at OpenAI."""
    answer: dict[str, Any] = {
        "task": "translate" if request.translate else "transcribe",
        "language": transcript.language,
        "duration": transcript.duration_s,
        "text": transcript.text,
        "usage": usage(transcript),
    }
    if request.segments:
        answer["segments"] = [verbose_segment(each, request.temperature) for each in transcript.segments]
    if request.words:
        answer["words"] = [word_json(word) for word in transcript.words]
    return answer


def verbose_segment(segment: Segment, temperature: float) -> dict[str, Any]:
    return {
        "id": segment.id,
        "seek": round(segment.start_s * 100),
        "start": segment.start_s,
        "end": segment.end_s,
        "text": segment.text,
        "tokens": list(segment.tokens),
        "temperature": temperature,
        "avg_logprob": segment.mean_logprob,
        "compression_ratio": segment.compression_ratio,
        "no_speech_prob": segment.no_speech_probability,
    }


def streamed_segment(segment: Segment) -> dict[str, Any]:
    """The extra object beside the text of a stream's delta."""
    times: dict[str, Any] = {
        "id": segment.id,
        "start": segment.start_s,
        "end": segment.end_s,
        "text": segment.text.strip(),
    }
    return times | {"words": [word_json(word) for word in segment.words]} if segment.words else times


def word_json(word: Word) -> dict[str, Any]:
    return {"word": word.text, "start": word.start_s, "end": word.end_s}


def usage(transcript: Transcript) -> dict[str, Any]:
    return {"type": "duration", "seconds": round(transcript.duration_s)}


def as_plain(transcript: Transcript, response_format: ResponseFormat) -> str:
    """The body of the formats that are not JSON."""
    match response_format:
        case ResponseFormat.SRT:
            return as_srt(transcript)
        case ResponseFormat.VTT:
            return as_vtt(transcript)
        case _:
            return transcript.text + "\n"

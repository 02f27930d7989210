"""What the fake server answers to image and audio requests: real PNG files, transcripts in every format."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Any

from tests.fakes.openai_answers import CREATED
from tests.fakes.openai_http import (
    Action,
    Chunk,
    Received,
    Reply,
    error_reply,
    event,
    json_reply,
    stream_reply,
    text_reply,
)
from tests.fakes.openai_pictures import png

COLOURS = ((200, 60, 60), (60, 160, 80), (60, 90, 200), (200, 160, 40))
SUBTITLES = {"srt": ",", "vtt": "."}


@dataclass(frozen=True)
class Transcript:
    """A scripted transcript: segments of (start, end, text) in seconds; the text is their joined text."""

    segments: tuple[tuple[float, float, str], ...]
    language: str = "english"
    hold_after: int | None = None
    """How many streamed pieces are sent before waiting for `release()`."""

    @property
    def text(self) -> str:
        return " ".join(text for _, _, text in self.segments)

    @property
    def duration(self) -> float:
        return self.segments[-1][1] if self.segments else 0.0


DEFAULT_TRANSCRIPT = Transcript(((0.0, 1.5, "Hello from the fake server."), (1.5, 3.0, "It heard everything.")))


def image_settings(request: Received) -> dict[str, Any]:
    """The fields of a generation (JSON) or an edit (multipart), as strings where the form gives strings."""
    if request.headers.get("content-type", "").startswith("application/json"):
        return dict(request.json)
    return {name: values[-1] for name, values in request.fields.items()}


def images_reply(request: Received, *, hold: bool, by_url: str = "") -> Reply:
    """POST /images/generations and /images/edits; with `by_url` the answer holds addresses below it, not the bytes."""
    settings = image_settings(request)
    width, height = _size(str(settings.get("size", "auto")))
    pictures = [png(width, height, COLOURS[i % len(COLOURS)]) for i in range(int(settings.get("n") or 1))]
    if str(settings.get("stream", "")).lower() == "true":
        kind = "image_edit" if request.path.endswith("/edits") else "image_generation"
        return stream_reply(_image_events(kind, pictures, int(settings.get("partial_images") or 0), hold=hold))
    if by_url:
        return json_reply({"created": CREATED, "data": [{"url": f"{by_url}/{i}.png"} for i in range(len(pictures))]})
    usage = {"input_tokens": 5, "output_tokens": 50, "total_tokens": 55}
    body = {"created": CREATED, "data": [{"b64_json": encoded(data)} for data in pictures], "usage": usage}
    return json_reply(body)


def upscale_reply(request: Received, picture: bytes, *, hold: bool) -> Reply:
    """POST /images/upscale as the built-in engine answers it."""
    chunks: list[Chunk] = [event({"type": "image_upscale.progress", "fraction": f}) for f in (0.25, 0.5, 1.0)]
    if hold:
        chunks.insert(1, Action.HOLD)
    if request.fields.get("stream") != ["true"]:
        return json_reply({"created": CREATED, "data": [{"b64_json": encoded(picture)}]})
    return stream_reply([*chunks, event({"type": "image_upscale.completed", "b64_json": encoded(picture)})])


def transcript_reply(request: Received, transcript: Transcript, *, engine_events: bool) -> Reply:
    """POST /audio/transcriptions and /audio/translations."""
    fields = request.fields
    wanted = fields.get("response_format", ["json"])[0]
    if fields.get("stream") == ["true"]:
        return stream_reply(_transcript_events(transcript, engine_events=engine_events))
    if wanted == "json":
        return json_reply({"text": transcript.text})
    if wanted == "text":
        return text_reply(transcript.text + "\n")
    if wanted in SUBTITLES:
        return text_reply(_subtitles(transcript, wanted))
    if wanted == "verbose_json":
        return json_reply(_verbose(transcript, words="word" in fields.get("timestamp_granularities[]", [])))
    message = f"response_format '{wanted}' is not compatible with model '{fields['model'][0]}'."
    code = "unsupported_value"
    return error_reply(400, message, code=code, type_="invalid_request_error", param="response_format")


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _size(wanted: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d+)x(\d+)", wanted)
    return (int(match[1]), int(match[2])) if match else (256, 256)


def _image_events(kind: str, pictures: list[bytes], partials: int, *, hold: bool) -> list[Chunk]:
    common = {"created_at": CREATED, "size": "auto", "quality": "low", "background": "opaque", "output_format": "png"}
    chunks: list[Chunk] = []
    for data in pictures:
        for index in range(partials):
            preview = {"b64_json": encoded(png(32, 32, COLOURS[index])), "partial_image_index": index}
            name = f"{kind}.partial_image"
            chunks.append(event({"type": name, **preview, **common}, name))
        if hold:
            chunks.append(Action.HOLD)
        usage = {"input_tokens": 5, "output_tokens": 50, "total_tokens": 55}
        name = f"{kind}.completed"
        chunks.append(event({"type": name, "b64_json": encoded(data), **common, "usage": usage}, name))
    return chunks


def _transcript_events(transcript: Transcript, *, engine_events: bool) -> list[Chunk]:
    streamed: list[bytes] = []
    for index, (start, end, text) in enumerate(transcript.segments):
        delta: dict[str, Any] = {"type": "transcript.text.delta", "delta": (" " if index else "") + text}
        if engine_events:
            delta["segment"] = {"id": index, "start": start, "end": end, "text": text}
        streamed.append(event(delta, "transcript.text.delta"))
        if engine_events:
            progress = {"type": "transcript.progress", "seconds": end, "duration": transcript.duration}
            streamed.append(event(progress, "transcript.progress"))
    chunks: list[Chunk] = list(streamed)
    if transcript.hold_after is not None:
        chunks.insert(transcript.hold_after, Action.HOLD)
    done = {"type": "transcript.text.done", "text": transcript.text}
    return [*chunks, event(done, "transcript.text.done")]


def _verbose(transcript: Transcript, *, words: bool) -> dict[str, Any]:
    shell = {"task": "transcribe", "language": transcript.language, "duration": transcript.duration}
    segments = [
        {"id": i, "seek": 0, "start": start, "end": end, "text": " " + text, "tokens": [], "temperature": 0.0}
        for i, (start, end, text) in enumerate(transcript.segments)
    ]
    body: dict[str, Any] = {**shell, "text": transcript.text, "segments": segments}
    if words:
        body["words"] = [word for segment in transcript.segments for word in _words(*segment)]
    return body


def _words(start: float, end: float, text: str) -> list[dict[str, Any]]:
    found = text.split()
    step = (end - start) / max(1, len(found))
    return [{"word": w, "start": start + i * step, "end": start + (i + 1) * step} for i, w in enumerate(found)]


def _subtitles(transcript: Transcript, kind: str) -> str:
    def stamp(seconds: float) -> str:
        whole, milliseconds = divmod(round(seconds * 1000), 1000)
        hours, rest = divmod(whole, 3600)
        return f"{hours:02}:{rest // 60:02}:{rest % 60:02}{SUBTITLES[kind]}{milliseconds:03}"

    blocks = ["WEBVTT"] if kind == "vtt" else []
    for number, (start, end, text) in enumerate(transcript.segments, 1):
        head = f"{number}\n" if kind == "srt" else ""
        blocks.append(f"{head}{stamp(start)} --> {stamp(end)}\n{text}")
    return "\n\n".join(blocks) + "\n"

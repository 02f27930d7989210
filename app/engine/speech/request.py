"""What a client asks of a speech model: reads and checks the multipart form of both audio endpoints."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from starlette.datastructures import FormData, UploadFile

from app.engine.openai_errors import ApiError, invalid


class ResponseFormat(StrEnum):
    JSON = "json"
    TEXT = "text"
    SRT = "srt"
    VTT = "vtt"
    VERBOSE_JSON = "verbose_json"


@dataclass(frozen=True, slots=True)
class SpeechRequest:
    """`language` is ISO 639-1, empty for detection. `words` asks for the times of words."""

    data: bytes = field(repr=False)
    translate: bool = False
    language: str = ""
    prompt: str = ""
    temperature: float = 0.0
    response_format: ResponseFormat = ResponseFormat.JSON
    segments: bool = True
    words: bool = False
    stream: bool = False


async def parse_speech(form: FormData, *, translate: bool) -> SpeechRequest:
    """Check the form of `/v1/audio/transcriptions` or `/v1/audio/translations`.

    Raises:
        ApiError: with the name of the field that is wrong.
    """
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise invalid("'file' must be a sound file.", "file", "missing_required_parameter")
    granularities = [str(each) for each in form.getlist("timestamp_granularities[]")]
    if set(granularities) - {"word", "segment"}:
        raise invalid("'timestamp_granularities[]' must be word or segment.", "timestamp_granularities[]")
    return SpeechRequest(
        data=await file.read(),
        translate=translate,
        language="" if translate else _language(form),
        prompt=str(form.get("prompt") or ""),
        temperature=_temperature(form),
        response_format=_format(form),
        segments="segment" in granularities or not granularities,
        words="word" in granularities,
        stream=str(form.get("stream")).lower() == "true",
    )


def _language(form: FormData) -> str:
    language = str(form.get("language") or "").lower()
    return "" if language == "auto" else language


def _format(form: FormData) -> ResponseFormat:
    wanted = str(form.get("response_format") or "json")
    try:
        return ResponseFormat(wanted)
    except ValueError:
        known = ", ".join(ResponseFormat)
        raise invalid(
            f"The built-in engine cannot write '{wanted}', only {known}.", "response_format", "unsupported_value"
        ) from None


def _temperature(form: FormData) -> float:
    try:
        temperature = float(str(form.get("temperature") or 0))
    except ValueError:
        raise _bad_temperature() from None
    if not 0 <= temperature <= 1:
        raise _bad_temperature()
    return temperature


def _bad_temperature() -> ApiError:
    return invalid("'temperature' must be a number between 0 and 1.", "temperature")

"""Recordings and transcripts: what is asked of a speech model and what it gives back; times are seconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from app.model.providers import ModelReference


class RecordingOrigin(StrEnum):
    MICROPHONE = "microphone"
    FILE = "file"


class RecordingState(StrEnum):
    """`RECORDING` found at start-up means that the program was killed meanwhile: the sound is recovered and offered."""

    RECORDING = "recording"
    READY = "ready"
    RECOVERED = "recovered"


@dataclass(frozen=True, slots=True)
class InputDevice:
    """A microphone. `id` is stable over restarts as far as the system allows; empty means the system's default."""

    id: str
    name: str
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class Level:
    """Loudness of the last block, 0.0 to 1.0, with the time recorded so far."""

    peak: float
    rms: float
    elapsed_s: float
    clipping: bool = False
    silent_s: float = 0.0
    """For how long nothing but silence came; the recorder warns when it is long."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A piece of sound in the queue: recorded here (a file of ours) or the user's own file, which is never changed."""

    id: int
    name: str
    path: Path
    origin: RecordingOrigin
    state: RecordingState
    created_at: datetime
    duration_s: float = 0.0
    language: str = ""


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text with its times; servers that give no times yield one segment over the whole sound."""

    start_s: float
    end_s: float
    text: str
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class TranscriptionOptions:
    """What the user set; `language` is ISO 639-1 or empty for detection."""

    language: str = ""
    prompt: str = ""
    translate: bool = False
    word_times: bool = False
    temperature: float | None = None


@dataclass(frozen=True, slots=True)
class TranscriptionRequest:
    """One upload: encoded sound that fits the server's limit."""

    model_id: str
    file_name: str
    media_type: str
    data: bytes = field(repr=False)
    options: TranscriptionOptions = field(default_factory=TranscriptionOptions)
    response_format: str = "verbose_json"
    stream: bool = False


@dataclass(frozen=True, slots=True)
class TranscriptDelta:
    """Text that arrived while a transcription streams; `segment` when the server tells its times."""

    text: str = ""
    segment: Segment | None = None


@dataclass(frozen=True, slots=True)
class TranscriptionProgress:
    """Seconds of sound done of `duration_s`."""

    done_s: float
    duration_s: float


@dataclass(frozen=True, slots=True)
class TranscriptionResult:
    """What a server answered to one upload."""

    text: str
    segments: tuple[Segment, ...] = ()
    language: str = ""
    duration_s: float | None = None


class TranscriptState(StrEnum):
    RUNNING = "running"
    COMPLETE = "complete"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Transcript:
    """A stored transcript of a recording; edits change its segments in place."""

    id: int
    recording_id: int
    segments: tuple[Segment, ...]
    language: str
    model: ModelReference
    created_at: datetime
    state: TranscriptState = TranscriptState.COMPLETE
    options: TranscriptionOptions = field(default_factory=TranscriptionOptions)
    error: str = ""

    @property
    def text(self) -> str:
        return " ".join(segment.text.strip() for segment in self.segments).strip()


class ExportFormat(StrEnum):
    TXT = "txt"
    SRT = "srt"
    VTT = "vtt"
    JSON = "json"

"""Recordings and transcripts: what is asked of a speech model and what it gives back; times are seconds."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from app.model.chat import EngineStarting, RetryPending
from app.model.lessons import Lesson
from app.model.providers import ModelReference
from app.model.text import QT_TRANSLATE_NOOP

SPOKEN_LANGUAGES = {
    "af": QT_TRANSLATE_NOOP("Languages", "Afrikaans"),
    "ar": QT_TRANSLATE_NOOP("Languages", "Arabic"),
    "az": QT_TRANSLATE_NOOP("Languages", "Azerbaijani"),
    "be": QT_TRANSLATE_NOOP("Languages", "Belarusian"),
    "bg": QT_TRANSLATE_NOOP("Languages", "Bulgarian"),
    "bs": QT_TRANSLATE_NOOP("Languages", "Bosnian"),
    "ca": QT_TRANSLATE_NOOP("Languages", "Catalan"),
    "cs": QT_TRANSLATE_NOOP("Languages", "Czech"),
    "cy": QT_TRANSLATE_NOOP("Languages", "Welsh"),
    "da": QT_TRANSLATE_NOOP("Languages", "Danish"),
    "de": QT_TRANSLATE_NOOP("Languages", "German"),
    "el": QT_TRANSLATE_NOOP("Languages", "Greek"),
    "en": QT_TRANSLATE_NOOP("Languages", "English"),
    "es": QT_TRANSLATE_NOOP("Languages", "Spanish"),
    "et": QT_TRANSLATE_NOOP("Languages", "Estonian"),
    "fa": QT_TRANSLATE_NOOP("Languages", "Persian"),
    "fi": QT_TRANSLATE_NOOP("Languages", "Finnish"),
    "fr": QT_TRANSLATE_NOOP("Languages", "French"),
    "gl": QT_TRANSLATE_NOOP("Languages", "Galician"),
    "he": QT_TRANSLATE_NOOP("Languages", "Hebrew"),
    "hi": QT_TRANSLATE_NOOP("Languages", "Hindi"),
    "hr": QT_TRANSLATE_NOOP("Languages", "Croatian"),
    "hu": QT_TRANSLATE_NOOP("Languages", "Hungarian"),
    "hy": QT_TRANSLATE_NOOP("Languages", "Armenian"),
    "id": QT_TRANSLATE_NOOP("Languages", "Indonesian"),
    "it": QT_TRANSLATE_NOOP("Languages", "Italian"),
    "ja": QT_TRANSLATE_NOOP("Languages", "Japanese"),
    "kk": QT_TRANSLATE_NOOP("Languages", "Kazakh"),
    "kn": QT_TRANSLATE_NOOP("Languages", "Kannada"),
    "ko": QT_TRANSLATE_NOOP("Languages", "Korean"),
    "lt": QT_TRANSLATE_NOOP("Languages", "Lithuanian"),
    "lv": QT_TRANSLATE_NOOP("Languages", "Latvian"),
    "mi": QT_TRANSLATE_NOOP("Languages", "Maori"),
    "mk": QT_TRANSLATE_NOOP("Languages", "Macedonian"),
    "mr": QT_TRANSLATE_NOOP("Languages", "Marathi"),
    "ms": QT_TRANSLATE_NOOP("Languages", "Malay"),
    "ne": QT_TRANSLATE_NOOP("Languages", "Nepali"),
    "nl": QT_TRANSLATE_NOOP("Languages", "Dutch"),
    "no": QT_TRANSLATE_NOOP("Languages", "Norwegian"),
    "pl": QT_TRANSLATE_NOOP("Languages", "Polish"),
    "pt": QT_TRANSLATE_NOOP("Languages", "Portuguese"),
    "ro": QT_TRANSLATE_NOOP("Languages", "Romanian"),
    "ru": QT_TRANSLATE_NOOP("Languages", "Russian"),
    "sk": QT_TRANSLATE_NOOP("Languages", "Slovak"),
    "sl": QT_TRANSLATE_NOOP("Languages", "Slovenian"),
    "sr": QT_TRANSLATE_NOOP("Languages", "Serbian"),
    "sv": QT_TRANSLATE_NOOP("Languages", "Swedish"),
    "sw": QT_TRANSLATE_NOOP("Languages", "Swahili"),
    "ta": QT_TRANSLATE_NOOP("Languages", "Tamil"),
    "th": QT_TRANSLATE_NOOP("Languages", "Thai"),
    "tl": QT_TRANSLATE_NOOP("Languages", "Tagalog"),
    "tr": QT_TRANSLATE_NOOP("Languages", "Turkish"),
    "uk": QT_TRANSLATE_NOOP("Languages", "Ukrainian"),
    "ur": QT_TRANSLATE_NOOP("Languages", "Urdu"),
    "vi": QT_TRANSLATE_NOOP("Languages", "Vietnamese"),
    "zh": QT_TRANSLATE_NOOP("Languages", "Chinese"),
}
"""What Whisper and its relatives were trained on: ISO 639-1 code and English name, which some servers answer."""


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
class SoundFormat:
    """How 16-bit little-endian sound is laid out: frames per second, and samples per frame."""

    rate_hz: int = 16_000
    channels: int = 1

    @property
    def bytes_per_second(self) -> int:
        return self.rate_hz * self.frame_bytes

    @property
    def frame_bytes(self) -> int:
        return self.channels * 2


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
class Waveform:
    """The outline of a sound for drawing and for finding silences.

    Each byte stands for `window_s` seconds: 0 is silence, 255 full scale. `peaks` are the greatest values, `levels`
    the root mean squares on a logarithmic scale of 0 (-72 dB and below) to 255 (0 dB).
    """

    duration_s: float
    window_s: float
    peaks: bytes = field(repr=False)
    levels: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of sound, in seconds from its beginning."""

    start_s: float
    end_s: float

    @property
    def length_s(self) -> float:
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True)
class RecordingStarted:
    """The microphone is open and the row exists; from here on nothing spoken is lost."""

    recording: Recording


@dataclass(frozen=True, slots=True)
class RecordingEnded:
    """The recording as it was stored, however it ended."""

    recording: Recording


@dataclass(frozen=True, slots=True)
class PlaybackPosition:
    """Where playing is, in seconds from the beginning of the sound."""

    position_s: float


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
    """Seconds of sound done of `duration_s`; `reading` while the file is only being read, before anything is sent."""

    done_s: float
    duration_s: float
    reading: bool = False


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
class Headway:
    """How far a transcript came, and whether there is any text in it."""

    state: TranscriptState
    has_text: bool = True


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
    done: tuple[Stretch, ...] = ()
    """What has been transcribed; when the work continues, only the rest of the sound is sent."""
    adjustments: tuple[Lesson, ...] = ()
    """What was sent otherwise than it was asked for."""

    @property
    def text(self) -> str:
        return join_texts(segment.text for segment in self.segments)

    @property
    def headway(self) -> Headway:
        return Headway(self.state, bool(self.segments))


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """A recording or file, and how far its newest transcript came, if there is one."""

    recording: Recording
    headway: Headway | None = None


type RecordingEvent = RecordingStarted | Level | RecordingEnded
type TranscriptionEvent = TranscriptionProgress | RetryPending | EngineStarting | Transcript
"""The transcript comes as it stands, again and again while it grows, and at last as it was stored."""


class ExportFormat(StrEnum):
    TXT = "txt"
    SRT = "srt"
    VTT = "vtt"
    JSON = "json"


def join_texts(texts: Iterable[str]) -> str:
    """The pieces of a running text as one: with a space between, but none between Chinese or Japanese characters."""
    joined = ""
    for text in texts:
        piece = text.strip()
        if joined and piece and not (is_wide(joined[-1]) and is_wide(piece[0])):
            joined += " "
        joined += piece
    return joined


def is_wide(character: str) -> bool:
    """Whether a character takes two columns, as those of Chinese and Japanese do, which are written without spaces."""
    return unicodedata.east_asian_width(character) in "WF" and not "\uac00" <= character <= "\ud7a3"


def missing_stretches(done: Iterable[Stretch], duration_s: float) -> tuple[Stretch, ...]:
    """What of a sound of `duration_s` is not covered by `done`; gaps below a tenth of a second do not count."""
    missing: list[Stretch] = []
    position_s = 0.0
    for stretch in sorted([*done, Stretch(duration_s, duration_s)], key=lambda one: one.start_s):
        if stretch.start_s - position_s > 0.1:
            missing.append(Stretch(position_s, stretch.start_s))
        position_s = max(position_s, stretch.end_s)
    return tuple(missing)


def merge_stretches(done: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """The same coverage with as few stretches as possible, in order."""
    merged: list[Stretch] = []
    for stretch in sorted(done, key=lambda one: one.start_s):
        if merged and stretch.start_s - merged[-1].end_s <= 0.1:
            merged[-1] = Stretch(merged[-1].start_s, max(merged[-1].end_s, stretch.end_s))
        else:
            merged.append(stretch)
    return tuple(merged)

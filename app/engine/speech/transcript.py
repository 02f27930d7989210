"""What Whisper heard, with times in seconds of the recording; plain values without behaviour of their own."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text; the last four fields are Whisper's own measures of its confidence."""

    id: int
    start_s: float
    end_s: float
    text: str
    words: tuple[Word, ...] = ()
    tokens: tuple[int, ...] = ()
    mean_logprob: float = 0.0
    no_speech_probability: float = 0.0

    @property
    def compression_ratio(self) -> float:
        """High when the model repeats itself."""
        data = self.text.encode()
        return len(data) / len(zlib.compress(data)) if data else 1.0


@dataclass(frozen=True, slots=True)
class Progress:
    """Seconds of the recording that are done."""

    done_s: float
    duration_s: float


@dataclass(frozen=True, slots=True)
class Heard:
    """The end: `language` is its English name ("english"), empty when nothing was said."""

    language: str
    duration_s: float


type Item = Progress | Segment | Heard
"""What a speech model emits while it listens."""


@dataclass(slots=True)
class Transcript:
    """Everything that was heard, collected."""

    segments: list[Segment] = field(default_factory=list)
    language: str = ""
    duration_s: float = 0.0

    @property
    def text(self) -> str:
        return "".join(segment.text for segment in self.segments).strip()

    @property
    def words(self) -> list[Word]:
        return [word for segment in self.segments for word in segment.words]

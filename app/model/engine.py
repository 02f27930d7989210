"""The built-in engine seen from outside: its models, downloads and state."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from app.model.text import QT_TRANSLATE_NOOP


class EngineState(StrEnum):
    """`OFF` means that safe mode leaves it out, `UNAVAILABLE` that this machine cannot run it (no wheel, or a processor
    without AVX2).
    """

    OFF = "off"
    UNAVAILABLE = "unavailable"
    STOPPED = "stopped"
    STARTING = "starting"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """What the engine does now and, if it died, its last words."""

    state: EngineState
    words: str = ""
    loaded: tuple[str, ...] = ()


NEVER_STARTED = frozenset({EngineState.OFF, EngineState.UNAVAILABLE})
"""States in which there is no engine to be used."""


class ModelKind(StrEnum):
    CHAT = "chat"
    TRANSCRIPTION = "transcription"
    VOICE_DETECTION = "vad"
    UPSCALE = "upscale"
    IMAGE = "image"


class ModelState(StrEnum):
    MISSING = "missing"
    PARTIAL = "partial"
    INSTALLED = "installed"


WORDED_NAMES = (
    QT_TRANSLATE_NOOP("Models", "Silero voice detection"),
    QT_TRANSLATE_NOOP("Models", "Real-ESRGAN drawings"),
    QT_TRANSLATE_NOOP("Models", "Real-ESRGAN photos"),
)
"""Names of the catalogue that hold words; the others are the same in every language."""


@dataclass(frozen=True, slots=True)
class LocalModel:
    """A model the engine can run: from the catalogue, or a file the user added (`is_own`).

    One that came with the program (`is_shipped`) cannot be removed.
    """

    id: str
    name: str
    kind: ModelKind
    description: str
    licence: str
    size_bytes: int
    memory_bytes: int
    state: ModelState
    path: Path | None = None
    is_own: bool = False
    is_shipped: bool = False
    is_default: bool = False
    download_bytes: int = 0
    """What has to be fetched to have it; it may be converted into something smaller."""
    arrived_bytes: int = 0
    """How much of that an earlier download left here."""
    needs: tuple[str, ...] = ()
    """Ids of other models that it does not work without; they are fetched with it."""


@dataclass(frozen=True, slots=True)
class DownloadProgress:
    """Bytes of `total_bytes` that are there; `step` is "download", "check" or "convert"."""

    model_id: str
    done_bytes: int
    total_bytes: int
    step: str

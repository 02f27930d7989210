"""The log of requests: what was asked of which model, how long it took and what it used."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.model.chat import Timing, Usage
from app.model.providers import ModelReference


class RequestKind(StrEnum):
    CHAT = "chat"
    IMAGE = "image"
    EDIT = "edit"
    UPSCALE = "upscale"
    TRANSCRIPTION = "transcription"


class RequestOutcome(StrEnum):
    """`RUNNING` found in an old entry means that the program was killed meanwhile."""

    RUNNING = "running"
    COMPLETE = "complete"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One entry. `status` is the HTTP status if one came; `error` is free of keys and of what was asked."""

    id: int
    kind: RequestKind
    model: ModelReference
    started_at: datetime
    outcome: RequestOutcome = RequestOutcome.RUNNING
    timing: Timing = field(default_factory=Timing)
    usage: Usage = field(default_factory=Usage)
    status: int | None = None
    error: str = ""
    request_id: str = ""

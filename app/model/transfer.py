"""What leaves the program in an export and comes back in an import, free of the ids and places of one computer.

These forms are written as JSON as they stand: their field names are the documented format.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum

from app.model.audio import RecordingOrigin, RecordingState, Segment, Stretch, TranscriptionOptions, TranscriptState
from app.model.chat import AttachmentKind, ChatParameters, MessageState, Role, Timing, Usage
from app.model.images import ImageSettings, PictureOrigin
from app.model.lessons import Lesson
from app.model.providers import ModelReference

EXPORT_FORMAT = "triptych-export-1"
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
MOST = 2**62
"""Larger numbers mean nothing and do not fit the database."""


@dataclass(frozen=True, slots=True)
class PortableAttachment:
    """`file` is the name of the file beside the conversations; empty if it is gone."""

    kind: AttachmentKind
    name: str
    media_type: str
    file: str
    width_px: int = 0
    height_px: int = 0


@dataclass(frozen=True, slots=True)
class PortableMessage:
    """`id` is a number within the conversation, higher than that of `parent_id`; versions are ordered by it.

    Of several branches the one with the highest `last_use` in it was last shown.
    """

    id: int
    parent_id: int | None
    role: Role
    text: str
    created_at: datetime
    state: MessageState = MessageState.COMPLETE
    reasoning: str = ""
    reasoning_s: float | None = None
    model: ModelReference | None = None
    finish_reason: str = ""
    error: str = ""
    usage: Usage = field(default_factory=Usage)
    timing: Timing = field(default_factory=Timing)
    last_use: int = 0
    attachments: tuple[PortableAttachment, ...] = ()
    adjustments: tuple[Lesson, ...] = ()


@dataclass(frozen=True, slots=True)
class PortableConversation:
    """A conversation with every version of every message; `leaf_id` ends the branch on show."""

    title: str
    created_at: datetime
    updated_at: datetime
    title_is_automatic: bool = False
    pinned: bool = False
    leaf_id: int | None = None
    system_prompt: str = ""
    parameters: ChatParameters = field(default_factory=ChatParameters)
    model: ModelReference | None = None
    draft: str = ""
    draft_attachments: tuple[PortableAttachment, ...] = ()
    messages: tuple[PortableMessage, ...] = ()

    def attachments(self) -> Iterator[PortableAttachment]:
        """Those of the draft and of all messages."""
        yield from self.draft_attachments
        for message in self.messages:
            yield from message.attachments


@dataclass(frozen=True, slots=True)
class PortablePicture:
    """A picture of the gallery; `file` is the name of the image file, empty if it is gone."""

    file: str
    origin: PictureOrigin
    prompt: str
    model: ModelReference
    created_at: datetime
    width_px: int
    height_px: int
    size_bytes: int
    settings: ImageSettings = field(default_factory=ImageSettings)
    source_names: tuple[str, ...] = ()
    revised_prompt: str = ""
    adjustments: tuple[Lesson, ...] = ()


@dataclass(frozen=True, slots=True)
class PortableTranscript:
    language: str
    model: ModelReference
    created_at: datetime
    segments: tuple[Segment, ...] = ()
    state: TranscriptState = TranscriptState.COMPLETE
    options: TranscriptionOptions = field(default_factory=TranscriptionOptions)
    error: str = ""
    done: tuple[Stretch, ...] = ()
    adjustments: tuple[Lesson, ...] = ()


@dataclass(frozen=True, slots=True)
class PortableRecording:
    """A sound of the queue with its transcripts.

    `file` is the name of the sound file if it was recorded here, `path` where the user's own file lies.
    """

    name: str
    file: str
    path: str
    origin: RecordingOrigin
    state: RecordingState
    created_at: datetime
    duration_s: float = 0.0
    language: str = ""
    transcripts: tuple[PortableTranscript, ...] = ()


@dataclass(frozen=True, slots=True)
class ExportManifest:
    """The head of an export."""

    format: str
    program: str
    made_at: datetime
    conversations: int
    pictures: int
    recordings: int


@dataclass(frozen=True, slots=True)
class TransferProgress:
    """How far an export or import is: `done` of `total` steps; both are 0 while that is unknown."""

    done: int
    total: int


class Standing(Enum):
    """How a conversation that comes in stands to those that are here."""

    NEW = "new"
    KNOWN = "known"
    """One that is here has all of it."""
    GROWN = "grown"
    """It has all of one that is here, and more: that one goes on."""
    BESIDE = "beside"
    """It and one that is here both have something that the other lacks: it comes in as another one."""


@dataclass(frozen=True, slots=True)
class TransferReport:
    """How an export or import ended; `known` were there already and were left alone, `missing` are files.

    `grown` were here and go on; `beside` are those among `conversations` that are also here in another state;
    `unreadable` conversations were left out.
    """

    conversations: int = 0
    pictures: int = 0
    recordings: int = 0
    transcripts: int = 0
    known: int = 0
    missing: int = 0
    grown: int = 0
    beside: int = 0
    unreadable: int = 0
    with_settings: bool = False
    providers: int = 0
    """How many came with the settings."""
    switched_off: tuple[str, ...] = ()
    """Names of providers that came with the settings and wait for the user to look at their address."""


class Inconsistent(Exception):
    """What was read has the right form, but cannot be true; the message says why, for the curious."""


def check_conversation(conversation: PortableConversation) -> None:
    """Raises:
    Inconsistent: messages hang in the air or in a circle, or a value is beyond what can be stored.
    """
    check_values(conversation)
    known: set[int] = set()
    last = -MOST
    for message in conversation.messages:
        if message.id <= last:
            raise Inconsistent(f"message {message.id} comes twice or out of order")
        if message.parent_id is not None and message.parent_id not in known:
            raise Inconsistent(f"message {message.id} follows a message that does not come before it")
        if message.role is Role.ASSISTANT and (message.parent_id is None or message.model is None):
            raise Inconsistent(f"answer {message.id} has no question or no model")
        known.add(message.id)
        last = message.id
    if conversation.messages and conversation.leaf_id not in known:
        raise Inconsistent(f"there is no message {conversation.leaf_id} to show")


def check_values(value: object) -> None:
    """Raises:
    Inconsistent: somewhere in `value` is a moment or number that makes no sense.
    """
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, datetime):
            moment = one if one.tzinfo is not None else one.replace(tzinfo=UTC)
            if not EARLIEST <= moment <= LATEST:
                raise Inconsistent(f"nothing happened at {one.year}")
        elif isinstance(one, int | float):
            if not -MOST < one < MOST:  # neither is NaN
                raise Inconsistent(f"{one:.3g} is too large")
        elif isinstance(one, tuple):
            waiting += one
        elif is_dataclass(one):
            waiting += [getattr(one, part.name) for part in fields(one)]

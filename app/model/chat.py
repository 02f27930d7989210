"""Conversations: trees of messages, what is asked of a model, and the pieces in which an answer arrives."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from app.model.providers import ModelReference

if TYPE_CHECKING:
    from app.model.lessons import Lesson


class Role(StrEnum):
    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


class MessageState(StrEnum):
    """How a message ended; `STREAMING` found at start-up means that the program was killed meanwhile."""

    COMPLETE = "complete"
    STREAMING = "streaming"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"
    FAILED = "failed"
    TRUNCATED = "truncated"


class ReasoningEffort(StrEnum):
    NONE = "none"
    MINIMAL = "minimal"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    XHIGH = "xhigh"
    MAX = "max"


class Verbosity(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class ResponseFormat(StrEnum):
    TEXT = "text"
    JSON = "json_object"
    SCHEMA = "json_schema"


@dataclass(frozen=True, slots=True)
class ChatParameters:
    """Everything a conversation may set; None and empty mean "not sent"."""

    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    seed: int | None = None
    response_format: ResponseFormat | None = None
    json_schema: str = ""
    reasoning_effort: ReasoningEffort | None = None
    verbosity: Verbosity | None = None
    extra_body: dict[str, object] = field(default_factory=dict)


class AttachmentKind(StrEnum):
    IMAGE = "image"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that belongs to a message: an image ready to send, or a text file. `path` is absolute."""

    id: int
    kind: AttachmentKind
    name: str
    media_type: str
    path: Path
    size_bytes: int
    width_px: int = 0
    height_px: int = 0


@dataclass(frozen=True, slots=True)
class NewAttachment:
    """A file that is about to be stored as an attachment, ready to send."""

    kind: AttachmentKind
    name: str
    media_type: str
    data: bytes = field(repr=False)
    width_px: int = 0
    height_px: int = 0


@dataclass(frozen=True, slots=True)
class Usage:
    """Token counts as the server gave them; None means it said nothing."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    cached_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds from the start of the request to its first piece and to its end."""

    first_token_s: float | None = None
    total_s: float | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One node of a conversation's tree; siblings (same parent) are versions of each other."""

    id: int
    conversation_id: int
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
    attachments: tuple[Attachment, ...] = ()
    version: tuple[int, int] = (1, 1)
    """This one's number among its siblings and how many there are."""
    adjustments: tuple[Lesson, ...] = ()
    """What of an answer's request was sent otherwise than it was asked for."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation without its messages; `leaf_id` is the last message of the branch on show."""

    id: int
    title: str
    created_at: datetime
    updated_at: datetime
    pinned: bool = False
    leaf_id: int | None = None
    system_prompt: str = ""
    parameters: ChatParameters = field(default_factory=ChatParameters)
    model: ModelReference | None = None
    draft: str = ""


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A message (or a title, then `message_id` is None) that holds the words; `excerpt` is plain text around them."""

    conversation_id: int
    message_id: int | None
    title: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What the composer hands over: text and attachments already stored by the attachment worker."""

    text: str
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenConversation:
    """A conversation with the branch on show, or the end of it, and what stands in the composer."""

    conversation: Conversation
    messages: tuple[Message, ...]
    draft: Draft

    @property
    def lacks_earlier(self) -> bool:
        """Whether there are messages above the first of these."""
        return bool(self.messages) and self.messages[0].parent_id is not None


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One turn as the API service sends it: text and the images and files that go with it."""

    role: Role
    text: str
    images: tuple[InlineImage, ...] = ()


@dataclass(frozen=True, slots=True)
class InlineImage:
    """Encoded image bytes that travel inside a request."""

    media_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One request for an answer; `stream` False asks for it whole."""

    model_id: str
    messages: tuple[ChatMessage, ...]
    parameters: ChatParameters = field(default_factory=ChatParameters)
    stream: bool = True


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """A function call as the model wrote it; `arguments` is kept raw because it may be invalid JSON."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class TextDelta:
    """One piece of an answer. Empty fields carry nothing; the last piece has `finish_reason` and, if told, `usage`."""

    text: str = ""
    reasoning: str = ""
    refusal: str = ""
    finish_reason: str = ""
    usage: Usage | None = None
    model_id: str = ""
    function_calls: tuple[FunctionCall, ...] = ()


@dataclass(frozen=True, slots=True)
class RetryPending:
    """The service waits before it tries again; shown as a countdown."""

    wait_s: float
    attempt: int
    reason: str


@dataclass(frozen=True, slots=True)
class RequestAdjusted:
    """The answer that follows is to a request that a server's refusals made us change; it comes before any piece."""

    lessons: tuple[Lesson, ...]


@dataclass(frozen=True, slots=True)
class AnswerStarted:
    """The prompt is on disk and the answer's message exists; the ids are the history's."""

    conversation_id: int
    prompt: Message | None
    answer: Message


@dataclass(frozen=True, slots=True)
class AnswerEnded:
    """The answer as it was stored, however it ended."""

    answer: Message


@dataclass(frozen=True, slots=True)
class EngineStarting:
    """The built-in engine is being started or loads a model; the first answer takes longer."""

    words: str = ""


ChatEvent = AnswerStarted | TextDelta | RetryPending | RequestAdjusted | EngineStarting | AnswerEnded

"""Providers: the servers the user set up, what is known of their models, and what one call needs to reach them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.model.lessons import Lesson

HIDDEN = "••••••••"
"""Stands in a profile for a secret that the key store keeps: the value of an extra header, a password in an address."""
BUILT_IN_ID = "built-in"
"""Provider id of the engine inside; it is always there and cannot be removed."""


class Dialect(StrEnum):
    """Which protocol a provider's chat models are spoken to with."""

    AUTOMATIC = "automatic"
    CHAT = "chat"
    RESPONSES = "responses"
    COMPLETIONS = "completions"


class ProxyMode(StrEnum):
    SYSTEM = "system"
    MANUAL = "manual"
    NONE = "none"


class KeyHeader(StrEnum):
    """Where the key goes: `Authorization: Bearer`, or `api-key` as Azure wants it."""

    BEARER = "bearer"
    API_KEY = "api-key"


class Capability(StrEnum):
    CHAT = "chat"
    VISION = "vision"
    REASONING = "reasoning"
    IMAGE = "image"
    IMAGE_EDIT = "image-edit"
    UPSCALE = "upscale"
    TRANSCRIPTION = "transcription"
    TRANSLATION = "translation"
    SPEECH = "speech"
    EMBEDDING = "embedding"


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Waiting times in seconds. `idle_s` is the longest silence while an answer arrives; images may take minutes."""

    connect_s: float = 10.0
    idle_s: float = 600.0


@dataclass(frozen=True, slots=True)
class Provider:
    """One profile as it is stored: no key and no other secret (see `HIDDEN`), only the id they are kept under."""

    id: str
    name: str
    preset: str
    base_url: str = field(repr=False)
    dialect: Dialect = Dialect.AUTOMATIC
    key_header: KeyHeader = KeyHeader.BEARER
    organization: str = ""
    project: str = ""
    extra_headers: dict[str, str] = field(default_factory=dict, repr=False)
    extra_body: dict[str, object] = field(default_factory=dict, repr=False)
    proxy_mode: ProxyMode = ProxyMode.SYSTEM
    proxy_url: str = field(default="", repr=False)
    ca_file: str = ""
    timeouts: Timeouts = field(default_factory=Timeouts)
    enabled: bool = True
    capabilities: dict[str, tuple[Capability, ...]] = field(default_factory=dict)
    """The user's corrections: model id to what it can do."""
    dialects: dict[str, Dialect] = field(default_factory=dict)
    """The user's choice of dialect for single models."""

    @property
    def is_built_in(self) -> bool:
        return self.id == BUILT_IN_ID


@dataclass(frozen=True, slots=True)
class Endpoint:
    """All that one call needs to reach a server. No secret is shown by `repr`: key, login, headers, own fields."""

    base_url: str = field(repr=False)
    key: str = field(default="", repr=False)
    provider_id: str = ""
    key_header: KeyHeader = KeyHeader.BEARER
    organization: str = ""
    project: str = ""
    extra_headers: dict[str, str] = field(default_factory=dict, repr=False)
    extra_body: dict[str, object] = field(default_factory=dict, repr=False)
    proxy_mode: ProxyMode = ProxyMode.SYSTEM
    proxy_url: str = field(default="", repr=False)
    ca_file: str = ""
    timeouts: Timeouts = field(default_factory=Timeouts)
    dialect: Dialect = Dialect.CHAT
    """Already decided for the model of this call; never `AUTOMATIC`."""
    is_openai: bool = False
    """OpenAI or Azure: `max_completion_tokens`, `developer` role and the newest parameters are understood."""
    sends_usage: bool = True
    """Whether `stream_options.include_usage` may be sent."""
    lessons: tuple[Lesson, ...] = ()
    """What the server taught about the model of this call."""


@dataclass(frozen=True, slots=True)
class ModelReference:
    """One model of one provider."""

    provider_id: str
    model_id: str


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What is known of a model; `shutdown_date` is "YYYY-MM-DD" when the server announced one."""

    id: str
    provider_id: str
    capabilities: frozenset[Capability] = frozenset()
    shutdown_date: str | None = None
    name: str = ""
    context_tokens: int | None = None

    @property
    def reference(self) -> ModelReference:
        return ModelReference(self.provider_id, self.id)

    @property
    def label(self) -> str:
        return self.name or self.id


class Verdict(StrEnum):
    """What the Test button found."""

    WORKS = "works"
    MALFORMED = "malformed"
    """What was typed is no address at all."""
    PLACEHOLDER = "placeholder"
    """The preset's address was not filled in yet."""
    WRONG_ADDRESS = "wrong-address"
    UNKNOWN_HOST = "unknown-host"
    UNREACHABLE = "unreachable"
    """Nobody listens there."""
    SILENT = "silent"
    """Connected or not, no answer came in time."""
    CERTIFICATE = "certificate"
    CERTIFICATE_DATE = "certificate-date"
    CERTIFICATE_NAME = "certificate-name"
    CERTIFICATE_FILE = "certificate-file"
    """The file of certificates that was chosen cannot be read."""
    PROXY = "proxy"
    PROXY_LOGIN = "proxy-login"
    KEY = "key"
    NO_KEY = "no-key"
    KEY_UNUSABLE = "key-unusable"
    """It holds characters that cannot be sent."""
    PERMISSION = "permission"
    NO_MODEL = "no-model"
    """`TestResult.missing_model` is chosen and not there, or there is none at all."""
    LIMIT = "limit"
    BUSY = "busy"
    LOADING = "loading"
    SERVER = "server"


@dataclass(frozen=True, slots=True)
class TestResult:
    """Verdict of a connection test with the server's words and, where one is known, the address that works."""

    __test__ = False  # not a pytest class

    verdict: Verdict
    words: str = ""
    corrected_url: str = ""
    """The address that works, or that the server names; without a password."""
    models: tuple[ModelInfo, ...] = ()
    missing_model: str = ""

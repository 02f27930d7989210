"""The one place where refusals and broken connections become the errors that people read; nothing is retried here."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx

from app.model.errors import (
    AccountLimit,
    AnswerInterrupted,
    AppError,
    BrokenAnswer,
    CertificateRejected,
    ConnectionFailed,
    ContentRefused,
    ContextTooLong,
    KeyRejected,
    ModelLoading,
    ModelNotFound,
    PermissionDenied,
    ProxyFailed,
    RateLimited,
    Redirected,
    RequestRefused,
    RouteMissing,
    ServerTrouble,
    TimedOut,
    TooLarge,
    UnsupportedContent,
    WrongAddress,
)
from app.model.server_errors import (
    AnswerDamaged,
    KeyNeeded,
    RedirectedInCircles,
    RedirectedToPage,
    RefusedWithoutReason,
    TroubleInAnswer,
)
from app.services.api.address import is_base_of, normalize_base_url, without_login
from app.services.api.error_body import Refusal, clean, looks_like_html, refusal_of_bytes, refusal_of_json
from app.services.api.json_text import value_of

_LONGEST_LOOK = 200_000
_BILLING = frozenset(
    {
        "credit_balance_exhausted",
        "organization_spend_limit_exceeded",
        "project_spend_limit_exceeded",
        "organization_usage_limit_exceeded",
        "insufficient_quota",
        "billing_hard_limit_reached",
        "billing_not_active",
    }
)
_POLICY = frozenset(
    {
        "content_filter",
        "moderation_blocked",
        "content_policy_violation",
        "invalid_prompt",
        "bio_policy",
        "misalignment_policy_violation",
        "image_content_policy_violation",
    }
)
_RATE = frozenset({"rate_limit_exceeded", "rate_limit_error", "slow_down", "too_many_requests"})
_OVERLOAD = frozenset({"server_is_overloaded", "service_unavailable_error", "overloaded_error"})
_TOO_LONG = (
    "context_length_exceeded",
    "exceed_context_size_error",
    "maximum context length",
    "context length exceeded",
    "exceeds the available context size",
    "exceeds the context window",
    "prompt is too long",
)
_NO_PICTURES = (
    "support image input",
    "image input is not supported",
    "does not support image",
    "doesn't support image",
    "do not support image",
    "not a multimodal model",
    "does not support vision",
    "image_url is only supported by certain models",
    "unknown variant `image_url`",
    "cannot see pictures",
)
WANTS_TEXT = re.compile(
    r"\bcontent\b.*(?:valid|be an?|expected an?) string|invalid type: (?:sequence|list|array), expected a string",
    re.IGNORECASE,
)
"""A list as content is sent only where there is a picture in it."""
_UNVERIFIED = ("must be verified",)
_KEY_WORDS = (
    "not authenticated",
    "invalid api key",
    "incorrect api key",
    "missing api key",
    "invalid_api_key",
    "invalid authentication",
    "invalid token",
)
_FORBIDDEN = "forbidden"
"""All that FastAPI's own check of the key says, at speaches for one."""
_NO_MODEL = ("model_not_found", "DeploymentNotFound")
_PLAIN_HTTP = ("http request was sent to https", "http request to an https server")
_LOADING = ("loading model", "model is loading", "model_loading", "currently loading")


@dataclass(frozen=True, slots=True)
class Place:
    """What was asked of whom, for the errors' texts."""

    host: str
    path: str = ""
    model: str = ""
    connect_s: float = 0.0
    idle_s: float = 0.0
    through_proxy: bool = False
    base_url: str = ""
    has_key: bool = True

    @property
    def arguments(self) -> dict[str, Any]:
        """What the fields of the errors' texts are filled with."""
        return {"host": self.host, "path": self.path, "model": self.model, "seconds": f"{self.idle_s:g}"}


def failure_of_response(status: int, headers: Mapping[str, str], body: bytes, place: Place) -> AppError:
    """The error that a refused request means. `headers` are looked up in lower case."""
    location = headers.get("location", "")
    if 300 <= status < 400 and location:
        return redirected(location, place, status)
    return _failure(status, refusal_of_bytes(body), place, headers.get("x-request-id", ""))


def failure_in_stream(payload: Mapping[str, Any], place: Place, request_id: str = "") -> AppError:
    """The error that an event of an answer with status 200 carries."""
    refusal = refusal_of_json(payload)
    if re.fullmatch(r"[45]\d\d", refusal.code):
        return _failure(int(refusal.code), refusal, place, request_id)
    kind = _class_of(_status_meant(refusal), refusal, place)
    told = TroubleInAnswer if kind is ServerTrouble else kind  # that was no status of the answer
    return _told(told, refusal, place, request_id)


def failure_of_answer(body: bytes, place: Place, request_id: str = "") -> AppError:
    """The error for a body with status 200 that is no answer at all: a web page, or something unreadable."""
    text = body[:_LONGEST_LOOK].decode("utf-8", "replace").strip()
    if looks_like_html(text):
        return WrongAddress(refusal_of_bytes(body).words, status=200, request_id=request_id, **place.arguments)
    with suppress(ValueError):
        said = value_of(text)
        if isinstance(said, dict) and any(said.get(name) for name in ("error", "detail", "message")):
            return failure_in_stream(said, place, request_id)
    return BrokenAnswer(clean(text[:300]), status=200, request_id=request_id, **place.arguments)


def redirected(location: str, place: Place, status: int) -> WrongAddress:
    """A redirect that is not followed, with the base address that it suggests if the API may be there."""
    suggestion = normalize_base_url(location)
    if without_login(suggestion) == without_login(normalize_base_url(place.base_url)):
        return in_circles(location, place, status)
    shown = clean(location)
    if not is_base_of(suggestion, location, place.path):
        return RedirectedToPage(shown, status=status, location=shown, **place.arguments)
    return Redirected(shown, status=status, location=shown, suggestion=suggestion, **place.arguments)


def in_circles(location: str, place: Place, status: int) -> RedirectedInCircles:
    """A redirect that leads to where it came from."""
    shown = clean(location)
    return RedirectedInCircles(shown, status=status, location=shown, **place.arguments)


def failure_before_answer(error: Exception, place: Place) -> AppError:
    """The error for a request that never got an answer; `error` comes from httpx or from the socket below it."""
    words = clean(str(error))
    known = place.arguments
    if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
        return TimedOut(words, **{**known, "seconds": f"{place.connect_s:g}"})
    if isinstance(error, httpx.TimeoutException):
        return TimedOut(words, **known)
    if isinstance(error, httpx.ProxyError):
        return ProxyFailed(words, **known)
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol | UnicodeError):
        return WrongAddress(words, **known)
    if isinstance(error, httpx.LocalProtocolError):
        return RequestRefused(words, **known)
    return _failure_to_connect(error, words, place)


def failure_in_answer(error: Exception, place: Place, request_id: str = "") -> AppError:
    """The error for a connection that broke while the answer came."""
    words = clean(str(error))
    if isinstance(error, httpx.TimeoutException):
        return TimedOut(words, request_id=request_id, **place.arguments)
    if isinstance(error, httpx.DecodingError):
        return AnswerDamaged(request_id=request_id, **place.arguments)
    return AnswerInterrupted(words, request_id=request_id, **place.arguments)


def _failure_to_connect(error: Exception, words: str, place: Place) -> AppError:
    known = place.arguments
    for cause in causes_of(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return CertificateRejected(clean(cause.verify_message), **known)
        if isinstance(cause, ssl.SSLError):
            return WrongAddress(clean(str(cause)), **known)
        if isinstance(cause, socket.gaierror) and not place.through_proxy:
            return ConnectionFailed(clean(str(cause)), **known)
    if isinstance(error, httpx.RemoteProtocolError) and "disconnected" not in words:
        return WrongAddress(words, **known)
    if isinstance(error, httpx.ConnectError) and place.through_proxy:
        return ProxyFailed(words, **known)
    return ConnectionFailed(words, **known)


def causes_of(error: BaseException) -> Iterator[BaseException]:
    """`error` and what led to it."""
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__


def _failure(status: int, refusal: Refusal, place: Place, request_id: str) -> AppError:
    kind = _class_of(status, refusal, place)
    if kind is RequestRefused and not refusal.words:
        kind = RefusedWithoutReason
    return _told(kind, refusal, place, request_id, status)


def _told(kind: type[AppError], refusal: Refusal, place: Place, request_id: str, status: int | None = None) -> AppError:
    return kind(
        refusal.words,
        status=status,
        request_id=request_id,
        parameter=refusal.parameter,
        code=refusal.code,
        **place.arguments,
    )


def _class_of(status: int, refusal: Refusal, place: Place) -> type[AppError]:
    """What a refusal means: first by what it says, then by its number alone."""
    names = {refusal.code, refusal.kind}
    if names & _BILLING or status == 402:
        return AccountLimit
    if names & _POLICY:
        return ContentRefused
    if refusal.mentions(*_UNVERIFIED):
        return PermissionDenied
    if status not in (401, 403, 429):
        if refusal.mentions(*_NO_PICTURES) or (status < 500 and WANTS_TEXT.search(refusal.words)):
            return UnsupportedContent
        if refusal.mentions(*_TOO_LONG):
            return ContextTooLong
    return _class_of_status(status, refusal, place)


def _class_of_status(status: int, refusal: Refusal, place: Place) -> type[AppError]:
    about_key = KeyRejected if place.has_key else KeyNeeded
    if status == 403:
        is_about_key = refusal.mentions(*_KEY_WORDS) or refusal.words.lower() == _FORBIDDEN
        return about_key if is_about_key and not refusal.is_html else PermissionDenied
    if status in (404, 405, 501):
        return _class_of_missing(status, refusal, place)
    by_status: dict[int, type[AppError]] = {
        401: about_key,
        407: ProxyFailed,
        408: ServerTrouble,
        409: ServerTrouble,
        413: TooLarge,
        429: RateLimited,
        498: RateLimited,
        503: ModelLoading if refusal.mentions(*_LOADING) else ServerTrouble,
    }
    if status in by_status:
        return by_status[status]
    if refusal.mentions(*_PLAIN_HTTP):
        return WrongAddress
    return ServerTrouble if status >= 500 or status == 499 else RequestRefused


def _class_of_missing(status: int, refusal: Refusal, place: Place) -> type[AppError]:
    """No such model, no such route, or something else that is not there."""
    names_model = bool(place.model) and place.model.lower() in refusal.words.lower()
    if refusal.code in _NO_MODEL or (status == 404 and not refusal.is_html and names_model):
        return ModelNotFound
    if refusal.is_error_object and refusal.code.endswith("_not_found"):
        return RequestRefused
    return WrongAddress if refusal.is_html else RouteMissing


def _status_meant(refusal: Refusal) -> int:
    """The number that an error without one would have had."""
    names = {refusal.code, refusal.kind}
    if names & _RATE:
        return 429
    if names & _OVERLOAD:
        return 503
    refused = "invalid" in refusal.kind or refusal.code.startswith(("invalid_", "image_", "unsupported_"))
    return 400 if refused else 500

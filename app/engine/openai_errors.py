"""Errors as OpenAI's API words them, with a sentence for people; the only errors that reach a client.

Shape from the public API: `{"error": {"message", "type", "param", "code"}}`.
"""

from __future__ import annotations

import logging
from typing import Any

log = logging.getLogger(__name__)

_MEMORY_WORDS = ("failed to map segment", "Cannot allocate memory", "std::bad_alloc")
"""How the loader of libraries, the system and C++ say it."""


class ApiError(Exception):
    """An answer other than success. `param` names the part of the request that is wrong."""

    def __init__(self, status: int, message: str, *, code: str | None = None, param: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.param = param

    @property
    def body(self) -> dict[str, Any]:
        kind = "invalid_request_error" if self.status < 500 else "server_error"
        return {"error": {"message": self.message, "type": kind, "param": self.param, "code": self.code}}

    @property
    def headers(self) -> dict[str, str]:
        """Nothing here gets better by asking again; the official client reads this header before it retries."""
        return {"x-should-retry": "false"} if self.status >= 500 else {}


def invalid(message: str, param: str | None = None, code: str | None = None) -> ApiError:
    """The request is wrong."""
    return ApiError(400, message, code=code, param=param)


def not_installed(message: str) -> ApiError:
    """The engine could do this with a model that is not there."""
    return ApiError(501, message, code="not_installed", param="model")


def as_api_error(error: BaseException) -> ApiError:
    """Put whatever a model thread raised into words; what nobody foresaw is logged with its trace."""
    if isinstance(error, ApiError):
        return error
    if isinstance(error, MemoryError) or any(words in str(error) for words in _MEMORY_WORDS):
        return ApiError(503, "This computer has not enough free memory for this.", code="insufficient_memory")
    log.error("unexpected failure of a model", exc_info=error)
    return ApiError(500, f"The engine failed unexpectedly ({type(error).__name__}: {error}).", code="engine_failure")

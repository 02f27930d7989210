"""Model files that cannot be used, in words: gone, too large for the memory, or refused by the native library."""

from __future__ import annotations

import logging

from app.engine.configuration import ModelEntry
from app.engine.memory import available_bytes
from app.engine.openai_errors import ApiError

log = logging.getLogger(__name__)

ROOM_TO_WORK = 256 << 20
"""What the libraries and a context take beside the model; the model itself may be there twice for a moment."""


def check_file(entry: ModelEntry, available: int | None) -> None:
    """Before native code touches a model file: is it there, and does it fit into memory?

    Raises:
        ApiError: with what to do about it.
    """
    try:
        size = entry.path.stat().st_size
    except OSError:
        message = (
            f"The file of {entry.name} is gone ({entry.path}). Download it again or remove it in Settings, Models."
        )
        raise ApiError(503, message, code="model_file_missing", param="model") from None
    if available is not None and size > available:
        message = (
            f"{entry.name} needs {size / 1e9:.1f} GB of memory and {available / 1e9:.1f} GB are free. "
            "Close other programs or choose a smaller model."
        )
        raise ApiError(503, message, code="insufficient_memory", param="model")


def refused_file(entry: ModelEntry, error: Exception) -> ApiError:
    """The native library refused a model file; it does not say whether because of the file or of the memory."""
    available = available_bytes()
    log.warning("%s cannot be loaded: %s; %s bytes are free", entry.path, error, available)
    if available is not None and available < 2 * _size_of(entry) + ROOM_TO_WORK:
        message = (
            f"{entry.name} could not be loaded: only {available / 1e9:.1f} GB of memory are free. "
            "Close other programs or choose a smaller model."
        )
        return ApiError(503, message, code="insufficient_memory", param="model")
    message = (
        f"The file of {entry.name} cannot be loaded: it is damaged, incomplete or of a kind this engine does not know "
        f"({entry.path}). Remove it in Settings, Models, and download it again."
    )
    return ApiError(500, message, code="model_file_broken", param="model")


def _size_of(entry: ModelEntry) -> int:
    try:
        return entry.path.stat().st_size
    except OSError:
        return 0

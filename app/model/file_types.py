"""File types: which files are pictures or sound by their name, for windows, folders and installers; opens nothing."""

from __future__ import annotations

PICTURE_TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".heic": "image/heic",
    ".heif": "image/heif",
    ".avif": "image/avif",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".bmp": "image/bmp",
}
"""Endings of pictures with their media types."""

SOUND_TYPES = {
    ".wav": "audio/x-wav",
    ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4",
    ".aac": "audio/aac",
    ".ogg": "audio/ogg",
    ".oga": "audio/ogg",
    ".opus": "audio/ogg",
    ".flac": "audio/flac",
    ".wma": "audio/x-ms-wma",
    ".amr": "audio/AMR",
    ".aiff": "audio/x-aiff",
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".mov": "video/quicktime",
    ".mkv": "video/x-matroska",
    ".webm": "video/webm",
    ".avi": "video/x-msvideo",
    ".wmv": "video/x-ms-wmv",
    ".mpg": "video/mpeg",
    ".mpeg": "video/mpeg",
    ".3gp": "video/3gpp",
}
"""Endings of the sound and video files that people have, with their media types."""

RARE_SOUND = (
    ".ac3", ".aif", ".ape", ".au", ".flv", ".m2ts", ".m4b", ".mka", ".mp2", ".mpga", ".mts", ".ogv", ".weba", ".wv",
)  # fmt: skip
"""Sound too, and too rare for a list that a person reads. Not ".ts": in most folders that is source code."""


def patterns(endings: dict[str, str]) -> str:
    """The endings as a file dialog wants them: ``*.png *.jpg``."""
    return " ".join(f"*{ending}" for ending in endings)

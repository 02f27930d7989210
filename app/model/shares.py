"""Paths on other computers: to look at one sends the user's name and a proof of the password there, on Windows."""

from __future__ import annotations


def is_share(path: str) -> bool:
    """Whether `path` leads, or on Windows would lead, to another computer or past the rules for names (`\\\\?\\`)."""
    return path.replace("\\", "/").startswith("//")

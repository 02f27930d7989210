"""Tool tips with words of strangers, such as names of files and models: shown as they are, never read as HTML."""

from __future__ import annotations

from html import escape


def plain_tip(text: str) -> str:
    """`text` for a tool tip: Qt takes what looks like HTML for HTML, and would load the pictures it names."""
    if "<" not in text:
        return text
    return f"<qt>{escape(text)}</qt>".replace("\n", "<br>")

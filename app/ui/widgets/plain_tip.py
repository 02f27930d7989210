"""Tool tips, buttons and menus with words of strangers, such as names of files and models: shown as they are."""

from __future__ import annotations


def plain_tip(text: str) -> str:
    """`text` for a tool tip: Qt takes what looks like HTML for HTML, and would load the pictures it names."""
    if "<" not in text and "&lt;" not in text:
        return text
    from html import escape  # the first paint does not need it

    return f"<qt>{escape(text)}</qt>".replace("\n", "<br>")


def plain_caption(text: str) -> str:
    """`text` for a button or a menu: Qt would take `&` away, and the letter behind it for a key."""
    return text.replace("&", "&&")

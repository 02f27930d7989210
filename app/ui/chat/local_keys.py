"""The keys that work in one part of the Chat tab only, for the shortcut sheet; the parts themselves obey them."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from app.ui.tab import Command


def local_keys(*, enter_sends: bool) -> list[Command]:
    """They run nothing: who presses them elsewhere means something else."""
    translate = QCoreApplication.translate
    send, line = ("Enter", "Shift+Enter") if enter_sends else ("Ctrl+Enter", "Enter")
    keys = (
        ("send", translate("ChatKeys", "Send the message"), send),
        ("line", translate("ChatKeys", "New line in the message"), line),
        ("recall", translate("ChatKeys", "Edit the last prompt, from the empty field"), "Up"),
        ("previous", translate("ChatKeys", "To the message before"), "Alt+Up"),
        ("next", translate("ChatKeys", "To the next message"), "Alt+Down"),
        ("rename", translate("ChatKeys", "Rename, in the list of conversations"), "F2"),
        ("delete", translate("ChatKeys", "Delete, in the list of conversations"), "Del"),
    )
    return [Command(f"chat.key.{name}", label, shortcut, _nothing, is_local=True) for name, label, shortcut in keys]


def _nothing() -> None:
    pass

"""Which keys a text leaves to what holds it: a message consists of several texts, and the transcript scrolls."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

_SCROLLING = frozenset({
    Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Up, Qt.Key.Key_Down,
    Qt.Key.Key_Space,
})  # fmt: skip
_SEQUENCES = (QKeySequence.StandardKey.Copy, QKeySequence.StandardKey.SelectAll)


def is_for_holder(event: QKeyEvent) -> bool:
    """Whether `event` scrolls, copies, selects everything, or moves to another message (Alt)."""
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    if modifiers & Qt.KeyboardModifier.AltModifier:
        return True
    scrolls = event.key() in _SCROLLING and modifiers == Qt.KeyboardModifier.NoModifier
    return scrolls or any(event.matches(sequence) for sequence in _SEQUENCES)

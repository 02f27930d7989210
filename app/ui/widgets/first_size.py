"""The first size of a window, which the screen must have room for; how it is changed then is the user's business."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

FRAME = QSize(16, 48)
"""What the desktop puts around a window, at most: nobody knows before it is shown."""


def resize_on_screen(widget: QWidget, width: int, height: int) -> None:
    """Give a window this size, or as much of it as its screen has room for."""
    room = widget.screen().availableGeometry().size() - FRAME
    widget.resize(QSize(width, height).boundedTo(room))

"""DropOverlay: makes a whole widget a drop target that says what a drop would do; and what is dropped or pasted."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import cast
from urllib.parse import unquote_to_bytes

from PySide6.QtCore import QBuffer, QByteArray, QEvent, QIODevice, QMimeData, QObject, Qt, QUrl, Signal
from PySide6.QtGui import QDragMoveEvent, QDropEvent, QImage, QImageWriter, QPixmap, QWindow
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.theme import Role
from app.ui.widgets.icon_label import IconLabel
from app.ui.widgets.plain_label import PlainLabel

_UNCOMPRESSED = 100
"""Qt's PNG quality; a screenshot takes milliseconds instead of a second."""
_DRAG_EVENTS = frozenset(
    (QEvent.Type.DragEnter, QEvent.Type.DragMove, QEvent.Type.DragLeave, QEvent.Type.Drop),
)


def files_in(data: QMimeData) -> list[Path]:
    """The local files and folders among what is dragged or pasted."""
    return [_local_path(url) for url in data.urls() if url.isLocalFile()]


def _local_path(url: QUrl) -> Path:
    """Byte by byte: on Linux a name need not be UTF-8, and `toLocalFile` gives another one then."""
    if os.name == "nt":
        return Path(url.toLocalFile())
    return Path(os.fsdecode(unquote_to_bytes(url.path(QUrl.ComponentFormattingOption.FullyEncoded))))


def picture_in(data: QMimeData) -> bytes:
    """The picture that is pasted or dropped, as PNG; empty if there is none."""
    picture = data.imageData()
    if isinstance(picture, QPixmap):
        picture = picture.toImage()
    if not isinstance(picture, QImage) or picture.isNull():
        return b""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, QByteArray(b"png"))
    writer.setQuality(_UNCOMPRESSED)  # it is compressed later, in a thread
    writer.write(picture)
    return bytes(buffer.data().data())


class DropOverlay(QFrame):
    """Covers `target` while something is dragged over it that `describe` has words for.

    `describe` gets the dragged data and returns what a drop would do ("Add 2 pictures to the message"), or "" to
    leave the drag to whatever widget is below the pointer (text dragged into a text field, say).

    Signals:
        dropped(QMimeData): valid only while the signal is delivered.
    """

    dropped = Signal(QMimeData)

    def __init__(self, target: QWidget, describe: Callable[[QMimeData], str]) -> None:
        super().__init__(target)
        self._target = target
        self._describe = describe
        self._native: QWindow | None = None
        self.icon_label = IconLabel(theme.icon("download", "accent"), 32)
        self.label = PlainLabel()
        self._build()
        self.hide()
        target.setAcceptDrops(True)
        target.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if watched is self._target:
            if kind is QEvent.Type.Show:
                self._watch_window()
            elif kind in _DRAG_EVENTS:
                return self._on_drag(event)
        elif kind in (QEvent.Type.DragEnter, QEvent.Type.DragMove) and not self.isVisible():
            # Children that take drops themselves would get this event instead of the target: cover them first.
            drag = cast(QDragMoveEvent, event)
            if self._is_over_target(drag):
                self._cover(drag.mimeData())
        elif kind is QEvent.Type.DragLeave:
            self.hide()
        return False

    def event(self, event: QEvent) -> bool:
        if event.type() in _DRAG_EVENTS:
            return self._on_drag(event)
        return super().event(event)

    def _build(self) -> None:
        self.setObjectName("drop_overlay")
        self.label.setObjectName("drop_text")
        theme.give_role(self, Role.DROP_TARGET)
        theme.give_role(self.label, Role.TITLE)
        self.label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.label.setWordWrap(True)
        self.setAcceptDrops(True)
        column = QVBoxLayout(self)
        column.setSpacing(theme.SPACE_M)
        column.addStretch()
        column.addWidget(self.icon_label, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.label)
        column.addStretch()

    def _on_drag(self, event: QEvent) -> bool:
        """Answer a drag event of the target or of the overlay itself; True if it was ours."""
        if event.type() is QEvent.Type.DragLeave:
            self.hide()
            return True
        drag = cast(QDragMoveEvent, event)
        if not self._cover(drag.mimeData()):
            return False
        drag.setDropAction(Qt.DropAction.CopyAction)
        drag.accept()
        if event.type() is QEvent.Type.Drop:
            self.hide()
            self.dropped.emit(cast(QDropEvent, event).mimeData())
        return True

    def _cover(self, data: QMimeData) -> bool:
        words = self._describe(data)
        if not words:
            self.hide()
            return False
        if not self.isVisible() or self.label.text() != words:
            self.label.setText(words)
            self.setGeometry(self._target.rect())
            self.raise_()
            self.show()
        return True

    def _is_over_target(self, event: QDragMoveEvent) -> bool:
        if not self._target.isVisible():
            return False
        point = self._target.mapFrom(self._target.window(), event.position().toPoint())
        return self._target.rect().contains(point)

    def _watch_window(self) -> None:
        native = self._target.window().windowHandle()
        if native is not None and native is not self._native:
            if self._native is not None:
                self._native.removeEventFilter(self)
            self._native = native
            native.installEventFilter(self)

"""What is dragged, dropped or pasted: files that look like pictures, or a picture without a file; reads no file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData
from PySide6.QtGui import QImage, QPixmap

from app.model.file_types import PICTURE_TYPES
from app.ui.widgets.drop_area import files_in


def picture_files(data: QMimeData) -> list[Path]:
    """The files whose names say that they are pictures."""
    return [path for path in files_in(data) if path.suffix.lower() in PICTURE_TYPES]


def has_picture(data: QMimeData) -> bool:
    """True if there are picture files, or a picture without a file as browsers give it."""
    return bool(picture_files(data)) or (data.hasImage() and not files_in(data))


def picture_data(data: QMimeData) -> bytes:
    """The picture without a file as PNG; empty if there is none."""
    found = data.imageData()
    image = found.toImage() if isinstance(found, QPixmap) else found
    if not isinstance(image, QImage) or image.isNull():
        return b""
    encoded = QByteArray()
    buffer = QBuffer(encoded)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload] # the stub wants bytes, PySide takes both
    return bytes(encoded.data())

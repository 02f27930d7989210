"""The program's icon in every form that a system wants, drawn from resources/triptych.svg."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
"""Pixels, as the freedesktop icon theme specification names its usual folders."""
WINDOWS_SIZES = (16, 24, 32, 48, 64, 128, 256)


def drawn(source: Path, width: int, height: int | None = None) -> bytes:
    """A drawing as PNG, `width` pixels wide and as high, or `height`."""
    image = QImage(width, height or width, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    QSvgRenderer(str(source)).render(painter)
    painter.end()
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload] # the stubs want bytes for the format's name
    return data.data()


def write_theme(source: Path, folder: Path, name: str) -> None:
    """Write hicolor's PNG files and the drawing itself below `folder`."""
    for size in SIZES:
        file = folder / f"{size}x{size}" / "apps" / f"{name}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(drawn(source, size))
    scalable = folder / "scalable" / "apps" / f"{name}.svg"
    scalable.parent.mkdir(parents=True, exist_ok=True)
    scalable.write_bytes(source.read_bytes())


def write_windows(source: Path, file: Path) -> None:
    """Write an .ico of all sizes."""
    images = [Image.open(io.BytesIO(drawn(source, size))) for size in WINDOWS_SIZES]
    images[-1].save(file, sizes=[image.size for image in images], append_images=images[:-1])


def write_macos(source: Path, file: Path) -> None:
    """Write an .icns."""
    Image.open(io.BytesIO(drawn(source, 1024))).save(file)

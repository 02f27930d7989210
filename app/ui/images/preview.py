"""A preview as a server sends it while it works: small and of a known kind, or not shown; finished pictures are not."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QImage, QImageReader

KINDS = frozenset((b"png", b"jpeg", b"webp"))
"""What servers draw; Qt alone would also follow an SVG to files of this computer."""
MOST_PIXELS = 8_192 * 8_192
_SIDE_PX = 1_024


def preview_of(data: bytes) -> QImage:
    """The picture, scaled down; a null image where it is none, is cut off or would unfold to a huge one."""
    content = QByteArray(data)
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setDecideFormatFromContent(True)
    if reader.format().data() not in KINDS:
        return QImage()
    size = reader.size()
    if not size.isValid() or size.width() * size.height() > MOST_PIXELS:
        return QImage()
    if max(size.width(), size.height()) > _SIDE_PX:
        reader.setScaledSize(size.scaled(QSize(_SIDE_PX, _SIDE_PX), Qt.AspectRatioMode.KeepAspectRatio))
    return reader.read()

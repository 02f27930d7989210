"""Encoded pictures turned into Qt's own in a thread beside the window's, in the one way that cannot stop both."""

from __future__ import annotations

from PySide6.QtGui import QImage

_PNG = b"\x89PNG"


def decoded(content: bytes) -> QImage:
    """The picture in a PNG or a JPEG; a null image for everything else. For any thread.

    Qt is told the format. To find it out it would ask each of its readers, and the one for SVG connects a signal: that
    needs Qt's lock of connections while this thread holds the interpreter's (`QImage.fromData` does not let go of it).
    The window's thread takes the two the other way round when it disconnects, and each would wait for the other for
    ever.
    """
    kind = "PNG" if content.startswith(_PNG) else "JPEG"
    return QImage.fromData(content, kind)  # type: ignore[arg-type] # declared as bytes, but text is what it takes

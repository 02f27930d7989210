"""Real PNG files in a few lines, for the fake server's pictures; not a drawing library."""

from __future__ import annotations

import struct
import zlib


def png(width: int = 64, height: int = 64, colour: tuple[int, int, int] = (40, 120, 200)) -> bytes:
    """A PNG of this size: `colour` fading to black from left to right."""
    row = b"\0" + bytes(channel * (width - x) // width for x in range(width) for channel in colour)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(row * height, 6)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def png_size(data: bytes) -> tuple[int, int]:
    """Width and height that a PNG says it has."""
    width, height = struct.unpack(">II", data[16:24])
    return width, height


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

"""Previews come from a server: small ones of known kinds are shown, and nothing else is even begun."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from app.ui.images.preview import preview_of
from tests.fakes.openai_pictures import png

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file:///etc/passwd" width="9"/></svg>'


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_large_preview_is_made_small(kind: str) -> None:
    output = BytesIO()
    Image.new("RGB", (3000, 1500), "#207040").save(output, kind)
    made = preview_of(output.getvalue())
    assert (made.width(), made.height()) == (1024, 512)


def test_a_small_one_stays_as_it_is() -> None:
    assert preview_of(png(64, 48)).width() == 64


def _claiming(side: int) -> bytes:
    header = b"IHDR" + struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    small = png(8, 8)
    return small[:12] + header + struct.pack(">I", zlib.crc32(header)) + small[33:]


@pytest.mark.parametrize("data", [b"", b"no picture", SVG, _claiming(60_000), png(64, 64)[:30]], ids=range(5))
def test_anything_else_is_not_shown(data: bytes) -> None:
    assert preview_of(data).isNull()

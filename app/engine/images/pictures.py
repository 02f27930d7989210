"""Picture files to pixels and back, with Pillow: upright, RGB with transparency apart, not too large to compute."""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from app.engine.openai_errors import ApiError, invalid

MOST_PIXELS = 4_000_000
"""Four megapixels become 64 and take most of an hour; the result is 200 MB of pixels."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Colours, and how opaque each pixel is where that varies."""

    colours: Image.Image
    opacity: Image.Image | None = None


def read_picture(data: bytes) -> Picture:
    """Decode a picture, the first one if it is animated, turned as its camera says.

    Raises:
        ApiError: no picture, damaged, or too large.
    """
    try:
        with Image.open(io.BytesIO(data)) as opened:
            _refuse_large(opened)
            picture = ImageOps.exif_transpose(opened)
            rgba = picture.convert("RGBA") if picture.has_transparency_data else None
            opacity = None if rgba is None else rgba.getchannel("A")
            return Picture((rgba or picture).convert("RGB"), opacity)
    except UnidentifiedImageError:
        raise invalid("This file is not a picture that can be read.", "image", "invalid_image") from None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise invalid(f"This picture is damaged and cannot be read ({error}).", "image", "invalid_image") from error


def write_picture(picture: Image.Image, output_format: str = "png") -> bytes:
    """Encode without loss, or well enough for `jpeg` and `webp`."""
    buffer = io.BytesIO()
    picture.save(buffer, output_format.upper(), quality=95, compress_level=4)
    return buffer.getvalue()


def _refuse_large(picture: Image.Image) -> None:
    pixels = picture.width * picture.height
    if pixels > MOST_PIXELS:
        message = (
            f"This picture has {pixels / 1e6:.1f} megapixels. The built-in engine enlarges pictures of at most "
            f"{MOST_PIXELS // 1_000_000}; make it smaller or cut out the part you need."
        )
        raise ApiError(400, message, code="image_too_large", param="image")

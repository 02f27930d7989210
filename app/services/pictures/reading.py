"""Opens pictures of every usual kind and makes them fit to be sent: upright, small enough, free of metadata."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageCms

from app.model.errors import PictureTooLarge, UnreadableFile
from app.model.file_errors import NotAFile, PictureDamaged
from app.model.text import QT_TRANSLATE_NOOP
from app.services.pictures.files import media_type_of

LONGEST_EDGE_PX = 2048
"""What vision models are given at most; more is scaled down by the servers anyway."""

MAX_PIXELS = 200_000_000
"""The largest sensors make 200 megapixels; more is a broken or hostile file."""

MAX_DRAWN_PIXELS = 100_000_000
"""For formats that no camera writes: a file of some kilobytes can unfold to so many pixels, all at once in memory."""

FEW_COLORS = 4096
"""Up to so many colours a picture is a drawing or a screenshot, which PNG keeps sharp and small."""

_FORMATS: tuple[str, ...] = ("PNG", "JPEG", "WEBP", "GIF", "AVIF", "TIFF", "BMP")
_OF_CAMERAS = ("JPEG", "MPO", "HEIF", "AVIF")
_LOSSLESS = ("PNG", "GIF", "TIFF", "BMP")
_WORTH_ITS_SHARPNESS = 2
_JPEG_QUALITY = 90
_ORIGINAL_JPEG_QUALITY = 95

_ORIENTATION_TAG = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF orientation to what turns the picture upright (CIPA DC-008, tag 0x0112)."""
_FIRST_LYING = 5
"""From this orientation on width and height are exchanged."""

_PICTURE = QT_TRANSLATE_NOOP("Errors", "a picture")

# Pillow only warns up to twice its limit, and through a filter that threads share; `open_picture` refuses instead.
Image.MAX_IMAGE_PIXELS = None


@dataclass(frozen=True, slots=True)
class PreparedPicture:
    """Encoded bytes ready to be sent: upright, PNG or JPEG, without any metadata."""

    data: bytes = field(repr=False)
    media_type: str
    width: int
    height: int


def prepare_for_sending(source: bytes | Path, *, original: bool, name: str = "") -> PreparedPicture:
    """Turn a picture upright, scale it to at most 2048 px on the longer edge and drop all metadata.

    `original` keeps the size, and lossless pictures lossless. Of animations the first frame is taken. `name` is what
    an error calls the picture; by default the file's name.

    Raises:
        UnreadableFile: it is not a picture, is damaged (PictureDamaged) or absurdly large (PictureTooLarge).
    """
    longest = None if original else LONGEST_EDGE_PX
    image, file_format = decode(source, longest, name)
    if "A" in image.mode or (original and file_format in _LOSSLESS):
        return _as_png(image)
    photo = _as_jpeg(image, _ORIGINAL_JPEG_QUALITY if original else _JPEG_QUALITY)
    if file_format not in _LOSSLESS or image.getcolors(FEW_COLORS) is None:
        return photo
    drawing = _as_png(image)
    # A grey photograph has few colours too, but as PNG it is many times larger.
    return drawing if len(drawing.data) <= _WORTH_ITS_SHARPNESS * len(photo.data) else photo


def picture_size(source: bytes | Path, name: str = "") -> tuple[int, int]:
    """Width and height in pixels as a viewer shows the picture, without decoding it.

    Raises:
        UnreadableFile: it is not a picture.
    """
    try:
        with _opened(source, name) as image:
            width, height = image.size
            # Pillow turns a TIFF itself.
            lies = image.format != "TIFF" and _orientation(image) >= _FIRST_LYING
            return (height, width) if lies else (width, height)
    except UnreadableFile:
        raise
    except Exception as error:  # decoders raise nearly anything on hostile bytes
        raise _unreadable(source, name) from error


def require_whole(data: bytes) -> None:
    """Decode a picture once to see that nothing is missing.

    Raises:
        UnreadableFile: it is not a picture, or is damaged.
    """
    decode(data, LONGEST_EDGE_PX)


def decode(source: bytes | Path, longest_edge_px: int | None, name: str = "") -> tuple[Image.Image, str]:
    """The first frame upright, in sRGB as L, RGB or RGBA, scaled down to `longest_edge_px`; and the file's format.

    Raises:
        UnreadableFile: it is not a picture, is damaged (PictureDamaged) or absurdly large (PictureTooLarge).
    """
    try:
        with _opened(source, name) as opened:
            return _developed(opened, longest_edge_px), opened.format or ""
    except UnreadableFile:
        raise
    except Exception as error:  # decoders raise nearly anything on hostile bytes
        raise _unreadable(source, name) from error


def _opened(source: bytes | Path, name: str) -> Image.Image:
    """The picture with its header read and its size checked, not yet decoded."""
    if isinstance(source, Path) and not source.is_file():  # a pipe would be waited for, a device read for ever
        raise NotAFile(name=name or source.name)
    formats = _FORMATS
    if media_type_of(_head(source)) == "image/heic":
        _register_heif()
        formats = ("HEIF",)
    image = Image.open(BytesIO(source) if isinstance(source, bytes) else source, formats=formats)
    width, height = image.size
    if width * height > (MAX_PIXELS if image.format in _OF_CAMERAS else MAX_DRAWN_PIXELS):
        image.close()
        raise PictureTooLarge(name=name or _file_name(source), expected=_PICTURE, width=str(width), height=str(height))
    return image


def _developed(image: Image.Image, longest_edge_px: int | None) -> Image.Image:
    profile = image.info.get("icc_profile")
    if longest_edge_px is not None:
        # A JPEG decodes at a half, a quarter or an eighth of its size in a fraction of the time.
        image.draft(None, (longest_edge_px, longest_edge_px))
    image.load()
    turn = _UPRIGHT.get(_orientation(image))  # after loading: in a PNG it may come last
    plain = _scaled(_in_plain_mode(image), longest_edge_px)
    plain = _without_idle_alpha(_in_srgb(plain, profile))
    plain = plain.transpose(turn) if turn is not None else plain
    plain.info.clear()
    return plain


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION_TAG, 1))
    except (SyntaxError, ValueError, TypeError, KeyError, OSError, struct.error):
        return 1  # broken metadata does not make the picture unreadable


def _in_plain_mode(image: Image.Image) -> Image.Image:
    """L, RGB, RGBA or CMYK: what can be scaled and colour-managed."""
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        return _in_eight_bits(image)
    if image.has_transparency_data:
        return image.convert("RGBA")
    if image.mode in ("L", "RGB", "CMYK"):
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _in_eight_bits(image: Image.Image) -> Image.Image:
    """Grey of 16 bits by its upper byte; 32 bits and floats have no agreed range and are stretched over theirs."""
    wide = image if image.mode in ("I", "F") else image.convert("I")
    low, high = (float(bound) for bound in wide.getextrema() if isinstance(bound, int | float))
    if wide.mode == "I" and low >= 0 and high <= 0xFFFF:
        low, high = 0.0, float(0xFFFF)
    scale = 255.0 / ((high - low) or 1.0)
    return wide.point(lambda value: value * scale + (-low * scale)).convert("L")


def _scaled(image: Image.Image, longest_edge_px: int | None) -> Image.Image:
    longest = max(image.size)
    if longest_edge_px is None or longest <= longest_edge_px:
        return image
    width, height = (max(1, round(edge * longest_edge_px / longest)) for edge in image.size)
    return image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Colours as they were meant, since the profile itself is dropped with the other metadata."""
    if profile:
        mode = "RGB" if image.mode == "CMYK" else image.mode
        try:
            meant = ImageCms.ImageCmsProfile(BytesIO(profile))
            converted = ImageCms.profileToProfile(image, meant, ImageCms.createProfile("sRGB"), outputMode=mode)
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            converted = None  # a broken profile, or one for another kind of colour
        if converted is not None:
            return converted
    return image.convert("RGB") if image.mode == "CMYK" else image


def _without_idle_alpha(image: Image.Image) -> Image.Image:
    """An alpha channel that hides nothing only makes the file larger."""
    if image.mode != "RGBA" or image.getchannel("A").getextrema() != (255, 255):
        return image
    return image.convert("RGB")


def _as_png(image: Image.Image) -> PreparedPicture:
    output = BytesIO()
    image.save(output, "PNG")
    return PreparedPicture(output.getvalue(), "image/png", image.width, image.height)


def _as_jpeg(image: Image.Image, quality: int) -> PreparedPicture:
    output = BytesIO()
    image.save(output, "JPEG", quality=quality, optimize=True)
    return PreparedPicture(output.getvalue(), "image/jpeg", image.width, image.height)


@lru_cache(maxsize=1)
def _register_heif() -> None:
    import pillow_heif  # 20 ms and 10 MB that only owners of an iPhone need

    pillow_heif.register_heif_opener(thumbnails=False)


def _head(source: bytes | Path) -> bytes:
    if isinstance(source, bytes):
        return source[:16]
    with source.open("rb") as file:
        return file.read(16)


def _file_name(source: bytes | Path) -> str:
    return source.name if isinstance(source, Path) else ""


def _unreadable(source: bytes | Path, name: str) -> UnreadableFile:
    try:
        is_picture = bool(media_type_of(_head(source)))
    except OSError:
        is_picture = False
    return (PictureDamaged if is_picture else UnreadableFile)(name=name or _file_name(source), expected=_PICTURE)

"""Keeps the screenshots as small PNG files, and arranges the one for the README."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter
from PySide6.QtGui import QImage

COLOURS = 256
"""In one file: the pictures are mostly areas of one colour, and a palette halves them."""
_HERO_PX = (1640, 900)
_RADIUS_PX = 12


class Album:
    """A folder of pictures by name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.png"):
            old.unlink()

    def keep(self, name: str, picture: QImage) -> None:
        few = _pillow(picture).quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        few.save(self._folder / f"{name}.png", optimize=True)

    def keep_hero(self, name: str, left: QImage, middle: QImage, right: QImage) -> None:
        """Three windows as a triptych, the middle one in front, on nothing."""
        canvas = Image.new("RGBA", _HERO_PX)
        width, height = _HERO_PX
        for picture, scale, centre in ((left, 0.66, 0.245), (right, 0.66, 0.755), (middle, 0.88, 0.5)):
            window = _window(_pillow(picture), scale)
            canvas.alpha_composite(window, (round(width * centre - window.width / 2), (height - window.height) // 2))
        canvas.quantize(COLOURS, Image.Quantize.FASTOCTREE).save(self._folder / f"{name}.png", optimize=True)


def _pillow(picture: QImage) -> Image.Image:
    plain = picture.convertToFormat(QImage.Format.Format_RGB888)
    size = (plain.width(), plain.height())
    return Image.frombytes("RGB", size, bytes(plain.constBits()), "raw", "RGB", plain.bytesPerLine())


def _window(picture: Image.Image, scale: float) -> Image.Image:
    """`picture` scaled, with round corners and a shadow."""
    small = picture.resize((round(picture.width * scale), round(picture.height * scale)), Image.Resampling.LANCZOS)
    mask = Image.new("L", small.size)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, small.width - 1, small.height - 1), _RADIUS_PX, fill=255)
    room = 3 * _RADIUS_PX
    framed = Image.new("RGBA", (small.width + 2 * room, small.height + 2 * room))
    shadow = Image.new("L", framed.size)
    shadow.paste(mask.point(lambda value: value * 110 // 255), (room, room + _RADIUS_PX // 2))
    framed.paste((20, 20, 30), (0, 0), shadow.filter(ImageFilter.GaussianBlur(_RADIUS_PX)))
    framed.putalpha(shadow.filter(ImageFilter.GaussianBlur(_RADIUS_PX)))
    framed.paste(small, (room, room), mask)
    return framed

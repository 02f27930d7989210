"""Keeps the screenshots as small PNG files, and arranges the one for the README."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter
from PySide6.QtGui import QImage

_COLOURS = 256
_NEARLY_ALL = 0.95
_PANEL_SCALE = 0.6
_ROOM_PX = 20
"""Around each panel of the README's picture, for its shadow."""
_RADIUS_PX = 10


class Album:
    """A folder of pictures by name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.png"):
            old.unlink()

    def keep(self, name: str, picture: QImage) -> None:
        _with_palette(_pillow(picture)).save(self._folder / f"{name}.png", optimize=True)

    def keep_triptych(self, name: str, panels: Sequence[QImage]) -> None:
        """Windows side by side, on nothing, so that it fits a light and a dark page."""
        framed = [_panel(_pillow(panel)) for panel in panels]
        width = sum(panel.width for panel in framed)
        canvas = Image.new("RGBA", (width, max(panel.height for panel in framed)))
        left = 0
        for panel in framed:
            canvas.alpha_composite(panel, (left, 0))
            left += panel.width
        canvas.save(self._folder / f"{name}.png", optimize=True)


def _with_palette(picture: Image.Image) -> Image.Image:
    """`picture` in its most frequent colours, a third of the size, where they are nearly all of it; else unchanged.

    The palettes that Pillow makes by itself tint large areas.
    """
    pixels = np.asarray(picture, np.int32) @ np.array([1 << 16, 1 << 8, 1])
    colours, places, counts = np.unique(pixels, return_inverse=True, return_counts=True)
    frequent = np.argsort(counts)[-_COLOURS:]
    if counts[frequent].sum() < _NEARLY_ALL * pixels.size:
        return picture
    channels = np.stack([colours >> 16, colours >> 8 & 255, colours & 255], axis=1)
    distances = np.abs(channels[:, None] - channels[frequent][None]).sum(axis=2)
    made = Image.fromarray(distances.argmin(axis=1)[places].reshape(pixels.shape).astype(np.uint8), "P")
    made.putpalette(channels[frequent].astype(np.uint8).tobytes())
    return made


def _pillow(picture: QImage) -> Image.Image:
    plain = picture.convertToFormat(QImage.Format.Format_RGB888)
    size = (plain.width(), plain.height())
    return Image.frombytes("RGB", size, bytes(plain.constBits()), "raw", "RGB", plain.bytesPerLine())


def _panel(picture: Image.Image) -> Image.Image:
    """`picture` scaled, with round corners and a soft shadow."""
    size = (round(picture.width * _PANEL_SCALE), round(picture.height * _PANEL_SCALE))
    small = picture.resize(size, Image.Resampling.LANCZOS)
    mask = Image.new("L", size)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, size[0] - 1, size[1] - 1), _RADIUS_PX, fill=255)
    shade = Image.new("L", (size[0] + 2 * _ROOM_PX, size[1] + 2 * _ROOM_PX))
    shade.paste(90, (_ROOM_PX, _ROOM_PX + _ROOM_PX // 4), mask)
    shade = shade.filter(ImageFilter.GaussianBlur(_ROOM_PX / 3))
    framed = Image.new("RGBA", shade.size, (0, 0, 0, 0))
    framed.putalpha(shade)
    framed.paste(small, (_ROOM_PX, _ROOM_PX), mask)
    return framed

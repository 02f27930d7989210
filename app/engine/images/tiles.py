"""Enlarges a picture in tiles, so that memory stays small and progress can be told; knows no model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.engine.images.pictures import Picture

MODEL_SCALE = 4
CORE_PX = 108
MARGIN_PX = 10
"""The model sees this much around each tile, so that no seams show; with it a tile stays within 128 pixels, above
which stable-diffusion.cpp would cut it up itself."""

type Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class _Tile:
    left: int
    top: int
    right: int
    bottom: int


def enlarge(
    picture: Picture, scale: int, enlarge_tile: Callable[[Pixels], Pixels], tell: Callable[[float], None]
) -> Image.Image:
    """Make `picture` `scale` times as large each way.

    `enlarge_tile` multiplies by four; `tell` gets the fraction that is done.
    """
    colours = np.asarray(picture.colours)
    height, width, _ = colours.shape
    padded = np.pad(colours, ((MARGIN_PX, MARGIN_PX), (MARGIN_PX, MARGIN_PX), (0, 0)), mode="edge")
    result = np.empty((height * MODEL_SCALE, width * MODEL_SCALE, 3), dtype=np.uint8)
    tiles = list(_tiles(width, height))
    margin = MARGIN_PX * MODEL_SCALE
    for done, tile in enumerate(tiles, start=1):
        part = padded[tile.top : tile.bottom + 2 * MARGIN_PX, tile.left : tile.right + 2 * MARGIN_PX]
        larger = enlarge_tile(np.ascontiguousarray(part))
        target = result[
            tile.top * MODEL_SCALE : tile.bottom * MODEL_SCALE, tile.left * MODEL_SCALE : tile.right * MODEL_SCALE
        ]
        target[:] = larger[margin:-margin, margin:-margin]
        tell(done / len(tiles))
    return _finish(Image.fromarray(result), picture.opacity, (width * scale, height * scale))


def _tiles(width: int, height: int) -> Iterator[_Tile]:
    """Tiles of about equal size, row by row."""
    rows, columns = -(-height // CORE_PX), -(-width // CORE_PX)
    for row in range(rows):
        for column in range(columns):
            yield _Tile(
                left=column * width // columns,
                top=row * height // rows,
                right=(column + 1) * width // columns,
                bottom=(row + 1) * height // rows,
            )


def _finish(colours: Image.Image, opacity: Image.Image | None, size: tuple[int, int]) -> Image.Image:
    """Smaller scales are made from the largest; edges of transparency are enlarged smoothly."""
    if colours.size != size:
        colours = colours.resize(size, Image.Resampling.LANCZOS)
    if opacity is not None:
        colours.putalpha(opacity.resize(size, Image.Resampling.LANCZOS))
    return colours

"""Picture files of every kind, made with Pillow."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from PIL import Image

type Encode = Any


@pytest.fixture
def photo() -> Image.Image:
    """A smooth gradient of many colours, 96 × 64, brightest at its top left."""
    red = Image.linear_gradient("L").rotate(180).resize((96, 64))
    green = Image.linear_gradient("L").rotate(90).resize((96, 64))
    return Image.merge("RGB", (red, green, Image.radial_gradient("L").resize((96, 64))))


def encoded(image: Image.Image, file_format: str, **options: Any) -> bytes:
    """`image` as a file of `file_format`."""
    output = BytesIO()
    image.save(output, file_format, **options)
    return output.getvalue()


def decoded(data: bytes) -> Image.Image:
    """The picture in `data`, decoded."""
    image = Image.open(BytesIO(data))
    image.load()
    return image

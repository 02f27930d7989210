import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from app.engine.images.pictures import Picture
from app.engine.images.tiles import CORE_PX, MARGIN_PX, Pixels, enlarge


def repeat(pixels: Pixels) -> Pixels:
    """Stands in for the model: every pixel becomes four by four."""
    assert max(pixels.shape) <= CORE_PX + 2 * MARGIN_PX
    return pixels.repeat(4, axis=0).repeat(4, axis=1)


def noise(width: int, height: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8))


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 260), st.integers(1, 260))
def test_tiles_join_without_seams(width: int, height: int) -> None:
    picture = noise(width, height)
    result = enlarge(Picture(picture), 4, repeat, lambda _: None)
    assert np.array_equal(np.asarray(result), repeat_whole(picture))


def repeat_whole(picture: Image.Image) -> Pixels:
    return np.asarray(picture).repeat(4, axis=0).repeat(4, axis=1)


def test_progress_grows_to_one() -> None:
    told: list[float] = []
    enlarge(Picture(noise(CORE_PX * 2 + 1, CORE_PX)), 4, repeat, told.append)
    assert told == [pytest.approx(1 / 3), pytest.approx(2 / 3), 1.0]


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_smaller_scales_are_possible(scale: int) -> None:
    result = enlarge(Picture(noise(30, 20)), scale, repeat, lambda _: None)
    assert result.size == (30 * scale, 20 * scale)


def test_transparency_is_enlarged_with_the_picture() -> None:
    opacity = Image.new("L", (20, 10), 255)
    opacity.paste(0, (0, 0, 10, 10))
    result = enlarge(Picture(noise(20, 10), opacity), 4, repeat, lambda _: None)
    assert result.mode == "RGBA"
    assert result.getchannel("A").getpixel((10, 20)) == 0
    assert result.getchannel("A").getpixel((70, 20)) == 255

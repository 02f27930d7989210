import io

import pytest
from PIL import Image

from app.engine.images.pictures import MOST_PIXELS, read_picture, write_picture
from app.engine.openai_errors import ApiError


def saved(picture: Image.Image, file_format: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, file_format, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "CMYK", "YCbCr"])
def test_every_kind_of_opaque_picture_becomes_colours(mode: str) -> None:
    file_format = "JPEG" if mode in ("CMYK", "YCbCr") else "PNG"
    picture = read_picture(saved(Image.new("RGB", (8, 6), "white").convert(mode), file_format))
    assert (picture.colours.mode, picture.colours.size, picture.opacity) == ("RGB", (8, 6), None)
    assert picture.colours.getpixel((3, 3)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_transparency_is_kept_apart(mode: str) -> None:
    half = Image.new("RGBA", (8, 6), (255, 0, 0, 128))
    file_format = "PNG" if mode != "PA" else "TIFF"
    data = saved(half.convert(mode) if mode != "PA" else half, file_format)
    picture = read_picture(data)
    assert picture.opacity is not None
    assert picture.opacity.getpixel((0, 0)) == 128


def test_a_photo_is_turned_as_the_camera_was_held() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # Orientation: turn right
    assert read_picture(saved(Image.new("RGB", (8, 6)), "JPEG", exif=exif)).colours.size == (6, 8)


@pytest.mark.parametrize("data", [b"", b"a letter", b"<svg></svg>"])
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(ApiError, match="not a picture") as refused:
        read_picture(data)
    assert (refused.value.status, refused.value.param) == (400, "image")


def test_half_a_picture_is_refused() -> None:
    whole = saved(Image.effect_noise((200, 200), 50))
    with pytest.raises(ApiError, match="damaged"):
        read_picture(whole[: len(whole) // 2])


def test_too_large_a_picture_is_refused_with_both_numbers() -> None:
    side = round(MOST_PIXELS**0.5) + 500
    with pytest.raises(ApiError, match=r"has 6\.2 megapixels.*at most 4") as refused:
        read_picture(saved(Image.new("1", (side, side))))
    assert refused.value.code == "image_too_large"


@pytest.mark.parametrize("output_format", ["png", "jpeg", "webp"])
def test_pictures_are_written_in_the_format_asked_for(output_format: str) -> None:
    written = Image.open(io.BytesIO(write_picture(Image.new("RGB", (5, 5)), output_format)))
    assert (written.format or "").lower() == output_format

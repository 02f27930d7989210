"""Pictures of every kind become upright, small enough and free of metadata."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pillow_heif
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageFilter, PngImagePlugin

from app.model.errors import PictureTooLarge, UnreadableFile
from app.services.pictures import picture_size, prepare_for_sending
from tests.services.pictures.conftest import decoded, encoded

ORIENTATION = 0x0112
GPS = 0x8825


def corners(size: tuple[int, int] = (40, 20)) -> Image.Image:
    """Red at the top left, green at the top right, blue at the bottom left, white elsewhere."""
    image = Image.new("RGB", size, "white")
    width, height = size[0] // 2, size[1] // 2
    for color, place in (("red", (0, 0)), ("lime", (width, 0)), ("blue", (0, height))):
        image.paste(color, (*place, place[0] + width, place[1] + height))
    return image


def nearest(pixel: object) -> str:
    assert isinstance(pixel, tuple)
    names = {(255, 0, 0): "red", (0, 255, 0): "lime", (0, 0, 255): "blue", (255, 255, 255): "white"}
    best = min(names, key=lambda known: sum(abs(a - b) for a, b in zip(known, pixel[:3], strict=True)))
    return names[best]


def seen(image: Image.Image) -> list[str]:
    """The colours of the four quarters in reading order."""
    image = image.convert("RGB")
    width, height = image.size
    spots = ((0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75))
    return [nearest(image.getpixel((int(width * x), int(height * y)))) for x, y in spots]


UPRIGHT = ["red", "lime", "blue", "white"]

AS_STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""How a camera that was held like this stores the sensor's picture: the reverse of what turns it upright."""


@pytest.mark.parametrize("orientation", AS_STORED)
@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_turned_upright_whichever_way_the_camera_was_held(orientation: int, file_format: str) -> None:
    turn = AS_STORED[orientation]
    stored = corners() if turn is None else corners().transpose(turn)
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    data = encoded(stored, file_format, exif=exif)

    prepared = prepare_for_sending(data, original=False)

    assert seen(decoded(prepared.data)) == UPRIGHT
    assert (prepared.width, prepared.height) == (40, 20) == picture_size(data)


def test_metadata_is_gone(photo: Image.Image) -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(GPS)[2] = (52.0, 31.0, 12.0)
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", "SecretPerson")
    sources = [
        encoded(photo, "JPEG", exif=exif, xmp=b"<x>SecretPlace</x>", comment=b"SecretWord"),
        encoded(photo, "PNG", exif=exif, pnginfo=texts),
        encoded(photo, "WEBP", exif=exif, xmp=b"<x>SecretPlace</x>"),
        encoded(photo, "TIFF", exif=exif),
    ]
    for data in sources:
        assert b"Secret" in data
        for original in (False, True):
            prepared = prepare_for_sending(data, original=original)
            assert b"Secret" not in prepared.data
            assert not decoded(prepared.data).getexif()


@pytest.mark.parametrize(
    ("size", "original", "expected"),
    [
        ((4096, 1024), False, (2048, 512)),
        ((1000, 4000), False, (512, 2048)),
        ((2048, 2048), False, (2048, 2048)),
        ((10000, 2), False, (2048, 1)),
        ((300, 200), False, (300, 200)),
        ((4096, 1024), True, (4096, 1024)),
    ],
)
def test_scaled_to_what_models_take(size: tuple[int, int], original: bool, expected: tuple[int, int]) -> None:
    prepared = prepare_for_sending(encoded(Image.new("RGB", size, "teal"), "JPEG"), original=original)
    assert (prepared.width, prepared.height) == expected == decoded(prepared.data).size


def test_turned_and_scaled_at_once() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    data = encoded(corners((4000, 3000)).transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif)
    prepared = prepare_for_sending(data, original=False)
    assert (prepared.width, prepared.height) == (2048, 1536)
    assert seen(decoded(prepared.data)) == UPRIGHT


def translucent(mode: str) -> Image.Image:
    image = corners().convert("RGBA")
    image.putalpha(128)
    return image.convert(mode)


def palette_with_hole() -> bytes:
    image = corners().convert("P", palette=Image.Palette.ADAPTIVE, colors=4)
    return encoded(image, "PNG", transparency=image.getpixel((1, 1)))


def test_transparency_stays() -> None:
    for data in (encoded(translucent("RGBA"), "PNG"), encoded(translucent("LA"), "PNG"), palette_with_hole()):
        prepared = prepare_for_sending(data, original=False)
        image = decoded(prepared.data)
        assert prepared.media_type == "image/png"
        opacities = image.convert("RGBA").getchannel("A").tobytes()

        assert min(opacities) < 255


def test_alpha_that_hides_nothing_is_dropped(photo: Image.Image) -> None:
    prepared = prepare_for_sending(encoded(photo.convert("RGBA"), "WEBP"), original=False)
    assert prepared.media_type == "image/jpeg"


def test_drawings_stay_sharp_and_photos_become_jpeg(photo: Image.Image) -> None:
    assert prepare_for_sending(encoded(corners(), "PNG"), original=False).media_type == "image/png"
    assert prepare_for_sending(encoded(corners(), "JPEG"), original=False).media_type == "image/jpeg"
    grey_photo = Image.effect_noise((600, 400), 40).filter(ImageFilter.GaussianBlur(2))
    assert prepare_for_sending(encoded(grey_photo, "PNG"), original=False).media_type == "image/jpeg"
    large_photo = photo.resize((960, 640))
    assert prepare_for_sending(encoded(large_photo, "PNG"), original=False).media_type == "image/jpeg"
    untouched = prepare_for_sending(encoded(large_photo, "PNG"), original=True)
    assert decoded(untouched.data).tobytes() == large_photo.tobytes()


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "CMYK", "YCbCr", "LAB"])
def test_every_mode_of_colour_is_read(mode: str) -> None:
    file_format = "JPEG" if mode == "CMYK" else "TIFF"
    source = corners()
    if mode == "LAB":
        lab = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB")
        image = source.copy()
        image = lab.apply(image)
    else:
        image = source.convert(mode)
    prepared = prepare_for_sending(encoded(image, file_format), original=False)
    result = decoded(prepared.data)
    assert result.mode in ("L", "RGB", "P", "1")
    if mode not in ("1", "L"):
        assert seen(result) == UPRIGHT


@pytest.mark.parametrize(
    ("mode", "values", "expected"),
    [
        ("I;16", (0, 65535), (0, 255)),
        ("I;16", (0, 32768), (0, 127)),
        ("I", (0, 65535), (0, 255)),
        ("I", (-1000, 100000), (0, 255)),
        ("F", (-0.5, 2.5), (0, 255)),
    ],
)
def test_more_than_eight_bits_keep_their_brightness(
    mode: str, values: tuple[float, float], expected: tuple[int, int]
) -> None:
    image = Image.new(mode, (8, 8), values[0])
    for y in range(8):
        image.putpixel((7, y), values[1])
    result = decoded(prepare_for_sending(encoded(image, "TIFF"), original=False).data).convert("L")
    dark, light = result.getpixel((0, 0)), result.getpixel((7, 7))
    assert isinstance(dark, int | float)
    assert isinstance(light, int | float)
    assert abs(dark - expected[0]) <= 1
    assert abs(light - expected[1]) <= 1


def test_sixteen_bit_png_is_read() -> None:
    image = Image.new("I;16", (8, 8), 40000)
    prepared = prepare_for_sending(encoded(image, "PNG"), original=False)
    assert decoded(prepared.data).convert("L").getpixel((4, 4)) == 40000 // 257


def test_colours_of_another_profile_are_converted() -> None:
    """In a profile with the primaries red and green exchanged, "red" means green; dropping it alone would lose that."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exchanged = srgb.replace(b"rXYZ", b"----").replace(b"gXYZ", b"rXYZ").replace(b"----", b"gXYZ")
    prepared = decoded(prepare_for_sending(encoded(corners(), "PNG", icc_profile=exchanged), original=False).data)
    assert seen(prepared) == ["lime", "red", "blue", "white"]
    assert "icc_profile" not in prepared.info


@pytest.mark.parametrize("profile", [b"nonsense", ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()])
def test_a_profile_that_does_not_fit_is_passed_over(profile: bytes) -> None:
    prepared = decoded(prepare_for_sending(encoded(corners(), "PNG", icc_profile=profile), original=False).data)
    assert seen(prepared) == UPRIGHT


def test_first_frame_of_an_animation() -> None:
    frames = [Image.new("RGB", (30, 20), color) for color in ("blue", "white")]
    for file_format in ("GIF", "WEBP", "PNG"):
        data = encoded(frames[0], file_format, save_all=True, append_images=frames[1:], duration=100)
        result = decoded(prepare_for_sending(data, original=False).data)
        assert seen(result) == ["blue"] * 4
        assert getattr(result, "n_frames", 1) == 1


@pytest.mark.parametrize("file_format", ["HEIF", "AVIF"])
def test_modern_phone_formats(file_format: str, tmp_path: Path) -> None:
    path = tmp_path / f"photo.{file_format.lower()}"
    source = corners((320, 160))
    if file_format == "HEIF":
        pillow_heif.from_pillow(source).save(path, quality=90)
    else:
        source.save(path, "AVIF", quality=90)
    prepared = prepare_for_sending(path, original=False)
    assert seen(decoded(prepared.data)) == UPRIGHT
    assert picture_size(path) == (320, 160)


def bomb() -> bytes:
    """A valid PNG header that promises 30000 × 30000 pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", 30000, 30000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


def test_a_bomb_is_refused_with_its_size() -> None:
    with pytest.raises(PictureTooLarge) as caught:
        prepare_for_sending(bomb(), original=False, name="bomb.png")
    assert caught.value.arguments["name"] == "bomb.png"
    assert caught.value.arguments["width"] == "30000"


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP", "GIF", "BMP"])
def test_cut_files_are_refused_with_their_name(photo: Image.Image, file_format: str, tmp_path: Path) -> None:
    path = tmp_path / "holiday.img"
    data = encoded(photo, file_format)
    path.write_bytes(data[: len(data) * 2 // 3])
    with pytest.raises(UnreadableFile) as caught:
        prepare_for_sending(path, original=False)
    assert caught.value.arguments["name"] == "holiday.img"


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"%PDF-1.7", b"<svg/>", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"\0" * 99]
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableFile):
        prepare_for_sending(content, original=False)
    with pytest.raises(UnreadableFile):
        picture_size(content)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile) as caught:
        prepare_for_sending(tmp_path / "gone.png", original=False)
    assert caught.value.arguments["name"] == "gone.png"


SAMPLES = [encoded(corners(), kind) for kind in ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP", "AVIF")]


@pytest.mark.expected_logs  # the decoders complain about what they find
@given(data=st.data(), sample=st.sampled_from(SAMPLES))
def test_damaged_bytes_are_read_or_refused_and_nothing_else(data: st.DataObject, sample: bytes) -> None:
    broken = bytearray(sample)
    for _ in range(data.draw(st.integers(1, 4))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    try:
        prepared = prepare_for_sending(bytes(broken), original=False)
    except UnreadableFile:
        return
    assert max(decoded(prepared.data).size) <= 2048

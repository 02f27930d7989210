"""A photograph is dropped into the chat: the server gets it upright, at most 2048 pixels wide, and nothing about it."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import pytest
from PIL import ExifTags, Image, PngImagePlugin
from PySide6.QtWidgets import QApplication

from app.ui.chat.tab import ChatTab
from tests.driving import Driver, answered, ask, run_story
from tests.fakes.openai_server import FakeOpenAI

TAKEN_SIDEWAYS = 6
"""EXIF: turn a quarter to the right to see it upright."""
PHOTOGRAPHER = "Wilhelmina Quill"
RED, BLUE = (200, 30, 30), (30, 60, 200)


def _photograph(path: Path) -> None:
    """Upright it is 2000 x 3000, red above and blue below; it lies on its side, and says where it was taken."""
    upright = Image.new("RGB", (2000, 3000), RED)
    upright.paste(BLUE, (0, 1500, 2000, 3000))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = TAKEN_SIDEWAYS
    exif[ExifTags.Base.Artist] = PHOTOGRAPHER
    place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitudeRef], place[ExifTags.GPS.GPSLatitude] = "N", (47.0, 34.0, 12.0)
    lying = upright.transpose(Image.Transpose.ROTATE_90)
    if path.suffix == ".png":
        words = PngImagePlugin.PngInfo()
        words.add_itxt("Author", PHOTOGRAPHER)
        lying.save(path, exif=exif, pnginfo=words)
    else:
        lying.save(path, exif=exif, comment=PHOTOGRAPHER.encode())


@pytest.mark.parametrize("name", ["holiday.jpg", "holiday.png"])
def test_a_dropped_photograph_arrives_upright_and_nameless(
    name: str, qapp: QApplication, connected: Path, server: FakeOpenAI, tmp_path: Path
) -> None:
    photograph = tmp_path / name
    _photograph(photograph)
    assert PHOTOGRAPHER.encode() in photograph.read_bytes()

    async def story(driver: Driver) -> None:
        chat = driver.tab(ChatTab)
        composer = chat.view.composer
        driver.drop(chat, photograph)
        await driver.until(lambda: composer.strip.chips, "the photograph is in the draft")
        await ask(driver, "What is above?")
        await answered(driver)
        assert not composer.strip.chips

    run_story(connected, story)
    sent = _sent_picture(server)
    with Image.open(io.BytesIO(sent)) as picture:
        assert max(picture.size) == 2048
        assert picture.height > picture.width
        assert not picture.getexif()
        pixels = picture.convert("RGB")
        above, below = pixels.getpixel((picture.width // 2, 100)), pixels.getpixel((picture.width // 2, 1900))
    assert above == pytest.approx(RED, abs=12)
    assert below == pytest.approx(BLUE, abs=12)
    assert PHOTOGRAPHER.encode() not in sent
    assert b"Exif" not in sent
    assert b"GPS" not in sent


def _sent_picture(server: FakeOpenAI) -> bytes:
    (request,) = server.posts("/chat/completions")
    (part,) = [part for part in request.json["messages"][-1]["content"] if part["type"] == "image_url"]
    head, _, data = part["image_url"]["url"].partition(";base64,")
    assert head.startswith("data:image/")
    return base64.b64decode(data)

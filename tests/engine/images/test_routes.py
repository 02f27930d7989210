"""The picture endpoints with real Real-ESRGAN and a painter with random weights."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import openai
import pytest
from PIL import Image

from tests.engine.conftest import PAINT, UPSCALE, RunningEngine

pytestmark = pytest.mark.engine


def png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def drawing(width: int, height: int) -> Image.Image:
    """A red disc, half transparent, on nothing."""
    picture = Image.new("RGBA", (width, height), (255, 255, 255, 0))
    for x in range(width):
        for y in range(height):
            if (x - width / 2) ** 2 + (y - height / 2) ** 2 < (min(width, height) / 3) ** 2:
                picture.putpixel((x, y), (220, 20, 30, 255))
    return picture


def decoded(b64: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(b64)))


def events_of(engine: RunningEngine, path: str, **request: Any) -> list[dict[str, Any]]:
    with engine.http.stream("POST", path, **request) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        return [json.loads(line[6:]) for line in answer.iter_lines() if line.startswith("data: ")]


def test_a_drawing_is_enlarged_four_times(engine: RunningEngine) -> None:
    small = drawing(24, 16)
    answer = engine.http.post("/v1/images/upscale", data={"model": UPSCALE}, files={"image": png(small)})
    large = decoded(answer.json()["data"][0]["b64_json"])
    assert (large.size, large.mode) == ((96, 64), "RGBA")
    assert answer.json()["size"] == "96x64"
    red, green, blue, alpha = large.getpixel((48, 32))  # type: ignore[misc]
    assert red > 180
    assert max(green, blue) < 90
    assert alpha == 255
    assert large.getpixel((1, 1))[3] == 0  # type: ignore[index]


def test_progress_of_enlarging_is_told(engine: RunningEngine) -> None:
    picture = Image.new("RGB", (120, 20), "navy")
    fields = {"model": UPSCALE, "scale": "2", "stream": "true"}
    *progress, last = events_of(engine, "/v1/images/upscale", data=fields, files={"image": png(picture)})
    assert [event["type"] for event in progress] == ["image_upscale.progress"] * 3
    assert [event["fraction"] for event in progress] == [0.0, 0.5, 1.0]
    assert last["type"] == "image_upscale.completed"
    assert decoded(last["b64_json"]).size == (240, 40)


def test_enlarging_can_be_given_up(engine: RunningEngine) -> None:
    large = png(Image.new("RGB", (1500, 1500), "navy"))  # half an hour of work
    with engine.http.stream(
        "POST", "/v1/images/upscale", data={"model": UPSCALE, "stream": "true"}, files={"image": large}
    ) as answer:
        next(answer.iter_lines())
    small = png(Image.new("RGB", (8, 8), "navy"))
    answer = engine.http.post("/v1/images/upscale", data={"model": UPSCALE}, files={"image": small}, timeout=60)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("fields", "data", "param"),
    [
        ({"model": UPSCALE}, b"a letter", "image"),
        ({"model": UPSCALE, "scale": "5"}, b"", "scale"),
        ({"model": PAINT}, b"", "model"),
        ({"model": "nowhere"}, b"", "model"),
    ],
)
def test_what_is_wrong_is_named(engine: RunningEngine, fields: dict[str, str], data: bytes, param: str) -> None:
    answer = engine.http.post("/v1/images/upscale", data=fields, files={"image": ("x.png", data, "image/png")})
    assert answer.status_code in (400, 404)
    assert answer.json()["error"]["param"] == param


def test_a_picture_is_painted(engine: RunningEngine) -> None:
    def paint(seed: int) -> Image.Image:
        answer = engine.client.images.generate(
            model=PAINT, prompt="a cat", size="64x64", extra_body={"steps": 1, "seed": seed}
        )
        assert answer.data is not None
        return decoded(answer.data[0].b64_json or "")

    first = paint(5)
    assert (first.size, first.format) == ((64, 64), "PNG")
    assert first.tobytes() == paint(5).tobytes() != paint(6).tobytes()


def test_rough_pictures_come_before_the_finished_ones(engine: RunningEngine) -> None:
    events = events_of(
        engine,
        "/v1/images/generations",
        json={
            "model": PAINT,
            "prompt": "a cat",
            "size": "64x64",
            "steps": 3,
            "n": 2,
            "partial_images": 1,
            "output_format": "webp",
            "stream": True,
        },
    )
    pictures = [event for event in events if "b64_json" in event]
    assert [event["type"].rpartition(".")[2] for event in pictures] == ["partial_image", "completed"] * 2
    assert {decoded(event["b64_json"]).format for event in pictures} == {"WEBP"}
    assert {decoded(event["b64_json"]).size for event in pictures} == {(64, 64)}
    fractions = [event["fraction"] for event in events if event["type"] == "image_generation.progress"]
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1]) == (0.0, 1.0)


def test_editing_says_that_it_is_not_there(engine: RunningEngine) -> None:
    with pytest.raises(openai.InternalServerError, match="cannot edit pictures") as refused:
        engine.client.images.edit(model=PAINT, prompt="a hat", image=("x.png", png(drawing(8, 8)), "image/png"))
    assert (refused.value.status_code, refused.value.code) == (501, "not_installed")

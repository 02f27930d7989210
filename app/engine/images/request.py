"""What a client asks for in pictures: reads and checks the bodies of generation and enlarging."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from starlette.datastructures import FormData, UploadFile

from app.engine.openai_errors import ApiError, invalid

SCALES = (2, 3, 4)
MOST_PICTURES = 4
MOST_PARTIAL_IMAGES = 3
DEFAULT_STEPS = 20
MOST_STEPS = 150
DEFAULT_SIDE_PX = 512
SIDE_STEP_PX = 64
LONGEST_SIDE_PX = 1024
SIZE = re.compile(r"(\d{2,5})x(\d{2,5})")
FORMATS = ("png", "jpeg", "webp")


@dataclass(frozen=True, slots=True)
class UpscaleRequest:
    """A picture in any format that Pillow reads, to be made `scale` times as wide and as high."""

    picture: bytes = field(repr=False)
    scale: int = 4
    stream: bool = False


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    """Pictures from words; `partial_images` is how many rough ones the stream shows before each."""

    prompt: str
    count: int = 1
    width_px: int = DEFAULT_SIDE_PX
    height_px: int = DEFAULT_SIDE_PX
    steps: int = DEFAULT_STEPS
    seed: int = -1
    output_format: str = "png"
    partial_images: int = 0
    stream: bool = False


async def parse_upscale(form: FormData) -> UpscaleRequest:
    """Check the form of `/v1/images/upscale`.

    Raises:
        ApiError: with the name of the field that is wrong.
    """
    picture = form.get("image")
    if not isinstance(picture, UploadFile):
        raise invalid("'image' must be a picture file.", "image", "missing_required_parameter")
    scale = str(form.get("scale") or SCALES[-1])
    if scale not in map(str, SCALES):
        raise invalid("'scale' must be 2, 3 or 4.", "scale", "invalid_value")
    return UpscaleRequest(await picture.read(), int(scale), str(form.get("stream")).lower() == "true")


def parse_generation(body: dict[str, Any]) -> GenerationRequest:
    """Check the body of `/v1/images/generations`.

    Raises:
        ApiError: with the name of the parameter that is wrong.
    """
    prompt = body.get("prompt")
    if not isinstance(prompt, str) or not prompt.strip():
        raise invalid("'prompt' must be a string that is not empty.", "prompt", "missing_required_parameter")
    if body.get("response_format") not in (None, "b64_json"):
        raise invalid("The built-in engine sends pictures as b64_json only.", "response_format", "unsupported_value")
    output_format = body.get("output_format") or "png"
    if output_format not in FORMATS:
        raise invalid(f"'output_format' must be one of {', '.join(FORMATS)}.", "output_format", "unsupported_value")
    width_px, height_px = _size(body.get("size"))
    return GenerationRequest(
        prompt=prompt,
        count=_integer(body, "n", 1, (1, MOST_PICTURES)),
        width_px=width_px,
        height_px=height_px,
        steps=_integer(body, "steps", DEFAULT_STEPS, (1, MOST_STEPS)),
        seed=_integer(body, "seed", -1, (-1, (1 << 63) - 1)),
        output_format=str(output_format),
        partial_images=_integer(body, "partial_images", 0, (0, MOST_PARTIAL_IMAGES)),
        stream=bool(body.get("stream")),
    )


def _integer(body: dict[str, Any], name: str, default: int, limits: tuple[int, int]) -> int:
    value = body.get(name)
    if value is None:
        return default
    least, most = limits
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise invalid(f"'{name}' must be an integer between {least} and {most}.", name, "invalid_value")
    return value


def _size(value: object) -> tuple[int, int]:
    if value in (None, "", "auto"):
        return DEFAULT_SIDE_PX, DEFAULT_SIDE_PX
    found = SIZE.fullmatch(str(value))
    if found is None:
        raise _bad_size()
    sides = int(found.group(1)), int(found.group(2))
    if any(side % SIDE_STEP_PX or not SIDE_STEP_PX <= side <= LONGEST_SIDE_PX for side in sides):
        raise _bad_size()
    return sides


def _bad_size() -> ApiError:
    message = (
        f"'size' must be auto or WIDTHxHEIGHT in steps of {SIDE_STEP_PX} pixels, at most {LONGEST_SIDE_PX} each way."
    )
    return invalid(message, "size", "invalid_value")


def generation_header(request: GenerationRequest, model: Path, decoder: Path | None) -> dict[str, Any]:
    """The request as it travels to the picture program."""
    return {"task": "generate", "model": str(model), "decoder": str(decoder) if decoder else None, **asdict(request)}

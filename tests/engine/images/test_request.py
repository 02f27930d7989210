from typing import Any

import pytest

from app.engine.images.request import parse_generation
from app.engine.openai_errors import ApiError


def test_the_plainest_request_gets_defaults() -> None:
    request = parse_generation({"prompt": "a cat"})
    assert (request.width_px, request.height_px, request.steps, request.count) == (512, 512, 20, 1)
    assert parse_generation({"prompt": "a cat", "size": "auto"}) == request


def test_everything_a_client_may_set_arrives() -> None:
    body = {"prompt": "a cat", "size": "256x512", "n": 2, "seed": 0, "steps": 4, "partial_images": 2, "stream": True}
    request = parse_generation({**body, "output_format": "webp", "response_format": "b64_json"})
    assert (request.width_px, request.height_px, request.count, request.seed) == (256, 512, 2, 0)
    assert (request.steps, request.partial_images, request.stream, request.output_format) == (4, 2, True, "webp")


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"prompt": " "}, "prompt"),
        ({"prompt": 5}, "prompt"),
        ({"size": "huge"}, "size"),
        ({"size": "100x100"}, "size"),
        ({"size": "2048x64"}, "size"),
        ({"size": "00x64"}, "size"),
        ({"n": 5}, "n"),
        ({"n": True}, "n"),
        ({"steps": 0}, "steps"),
        ({"seed": "x"}, "seed"),
        ({"partial_images": 4}, "partial_images"),
        ({"output_format": "gif"}, "output_format"),
        ({"response_format": "url"}, "response_format"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], param: str) -> None:
    with pytest.raises(ApiError) as refused:
        parse_generation({"prompt": "a cat", **changes})
    assert refused.value.param == param

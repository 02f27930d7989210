"""Pictures: what is asked for, and every way in which they come back."""

from __future__ import annotations

import base64
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.model.chat import RequestAdjusted
from app.model.errors import AnswerInterrupted, BrokenAnswer, ContentRefused, RequestRefused, RouteMissing
from app.model.images import (
    FinishedImage,
    ImageFile,
    ImageProgress,
    ImageRequest,
    ImageSettings,
    PartialImage,
    UpscaleRequest,
)
from app.model.lessons import Lesson
from app.model.providers import BUILT_IN_ID, Endpoint
from app.services.api.images_wire import ImagesDecoder, decoded, edit_call, generation_call, media_type_of
from tests.fakes.openai_pictures import png_size
from tests.fakes.openai_server import Action, FakeOpenAI, event, png
from tests.services.api.asking import Outcome, collected, endpoint_of
from tests.services.api.test_chat_wire import json_values

HERE = Endpoint("http://127.0.0.1:1/v1")
OPENAI = Endpoint("https://api.openai.com/v1", is_openai=True)
BUILT_IN = Endpoint("http://127.0.0.1:1/v1", provider_id=BUILT_IN_ID)
SETTINGS = ImageSettings(
    size="1024x1024", quality="low", background="opaque", output_format="webp", output_compression=80, seed=3, steps=9
)
ENCODED = base64.b64encode(png(8, 8)).decode()
REFERENCE = ImageFile("photo é.png", "image/png", png(4, 4))
BEGINNINGS = {
    "image/png": png(2, 2),
    "image/jpeg": b"\xff\xd8\xff\xe0....",
    "image/webp": b"RIFF\0\0\0\0WEBPVP8 ",
    "image/gif": b"GIF89a....",
    "image/avif": b"\0\0\0\x20ftypavif",
    "image/svg+xml": b'<?xml version="1.0"?>\n<!-- by me --><svg xmlns="http://www.w3.org/2000/svg"/>',
    "": b"<html><body>not a picture, only <svg></body>",
}


def images(server: FakeOpenAI, request: ImageRequest, **changes: Any) -> Outcome:
    return collected(lambda api: api.images(endpoint_of(server, **changes), request))


def kinds(outcome: Outcome) -> list[str]:
    return [type(item).__name__ for item in outcome.items]


def test_openai_gets_everything_that_was_set() -> None:
    request = ImageRequest("gpt-image-2", "a cat", 2, SETTINGS)
    assert generation_call(OPENAI, request).body == {
        "model": "gpt-image-2",
        "prompt": "a cat",
        "n": 2,
        "size": "1024x1024",
        "quality": "low",
        "background": "opaque",
        "output_format": "webp",
        "output_compression": 80,
        "stream": True,
        "partial_images": 2,
    }


def test_the_smallest_request_to_openai() -> None:
    body = generation_call(OPENAI, ImageRequest("gpt-image-2", "a cat", stream=False)).body
    assert body == {"model": "gpt-image-2", "prompt": "a cat"}


def test_other_servers_get_the_safe_request() -> None:
    assert generation_call(HERE, ImageRequest("sd-xl", "a cat", 1, SETTINGS)).body == {
        "model": "sd-xl",
        "prompt": "a cat",
        "size": "1024x1024",
        "quality": "low",
        "response_format": "b64_json",
        "seed": 3,
        "steps": 9,
    }


def test_openais_models_elsewhere_are_asked_like_at_home() -> None:
    body = generation_call(HERE, ImageRequest("openai/gpt-image-2", "a cat")).body
    assert "response_format" not in body
    assert body["stream"] is True


def test_the_engine_inside_streams() -> None:
    assert generation_call(BUILT_IN, ImageRequest("my-sd", "a cat")).body["stream"] is True


def test_extra_fields_are_laid_over() -> None:
    settings = ImageSettings(extra_body={"cfg_scale": 7, "response_format": "url"})
    endpoint = Endpoint(HERE.base_url, extra_body={"cfg_scale": 1, "mode": 2})
    body = generation_call(endpoint, ImageRequest("sd", "a cat", settings=settings)).body
    assert (body["cfg_scale"], body["mode"], body["response_format"]) == (7, 2, "url")


@pytest.mark.parametrize(("count", "name"), [(1, "image"), (2, "image[]")])
def test_edits_carry_files(count: int, name: str) -> None:
    call = edit_call(OPENAI, ImageRequest("gpt-image-2", "bluer", references=(REFERENCE,) * count))
    assert call.path == "/images/edits"
    assert call.files == ((name, ("photo é.png", REFERENCE.data, "image/png")),) * count


def test_generation_with_previews(server: FakeOpenAI) -> None:
    outcome = images(server, ImageRequest("gpt-image-2", "a cat", settings=ImageSettings(size="96x64")))
    assert kinds(outcome) == ["PartialImage", "PartialImage", "FinishedImage"]
    assert [item.index for item in outcome.items[:2]] == [0, 1]
    assert png_size(outcome.items[0].data) == (32, 32)
    assert png_size(outcome.last.data) == (96, 64)
    assert outcome.last.media_type == "image/png"


def test_several_whole_pictures(server: FakeOpenAI) -> None:
    outcome = images(server, ImageRequest("local-sd", "a cat", 3))
    assert kinds(outcome) == ["FinishedImage"] * 3
    assert server.posts()[0].json["n"] == 3


def test_edits_over_loopback(server: FakeOpenAI) -> None:
    request = ImageRequest("gpt-image-2", "bluer", references=(REFERENCE, REFERENCE))
    outcome = images(server, request)
    assert kinds(outcome) == ["PartialImage", "PartialImage", "FinishedImage"]
    post = server.posts("/images/edits")[0]
    assert [(part.name, part.file_name, part.media_type, part.data) for part in post.files] == [
        ("image[]", "photo é.png", "image/png", REFERENCE.data)
    ] * 2
    assert post.fields["stream"] == ["true"]
    assert post.fields["partial_images"] == ["2"]


def test_a_server_that_wants_neither_name_is_believed(server: FakeOpenAI) -> None:
    missing = {"detail": [{"loc": ["body", "image"], "msg": "Field required", "type": "missing"}]}
    server.reply(422, missing, times=99)
    outcome = images(server, ImageRequest("sd", "bluer", references=(REFERENCE,)))
    assert isinstance(outcome.error, RequestRefused)
    assert len(server.posts()) < 7


def test_a_refused_response_format_is_left_out(server: FakeOpenAI) -> None:
    words = "Unknown parameter: 'response_format'."
    server.reply_error(400, "unknown_parameter", "invalid_request_error", words, param="response_format")
    outcome = images(server, ImageRequest("sd", "a cat"))
    assert outcome.items[0] == RequestAdjusted((Lesson("response_format"),))
    assert kinds(outcome)[1:] == ["FinishedImage"]
    assert "response_format" not in server.posts()[1].json


def test_a_refused_stream_comes_whole(server: FakeOpenAI) -> None:
    words = "Your organization must be verified to stream this model."
    server.reply_error(400, "unsupported_value", "invalid_request_error", words, param="stream")
    outcome = images(server, ImageRequest("gpt-image-2", "a cat"))
    assert outcome.items[0] == RequestAdjusted((Lesson("stream"),))
    assert kinds(outcome)[1:] == ["FinishedImage"]


def test_pictures_by_address(server: FakeOpenAI) -> None:
    server.pictures_by_url = True
    outcome = images(server, ImageRequest("sd", "a cat", 2))
    assert [item.data for item in outcome.items] == [png(), png()]


def test_the_revised_prompt_is_kept(server: FakeOpenAI) -> None:
    server.reply(200, {"data": [{"b64_json": ENCODED, "revised_prompt": "a fluffy cat"}]})
    assert images(server, ImageRequest("sd", "a cat")).last.revised_prompt == "a fluffy cat"


def test_the_type_is_found_in_the_bytes(server: FakeOpenAI) -> None:
    encoded = base64.b64encode(BEGINNINGS["image/jpeg"]).decode()
    server.reply(200, {"data": [{"b64_json": encoded}], "output_format": "png"})
    assert images(server, ImageRequest("sd", "a cat")).last.media_type == "image/jpeg"


@pytest.mark.parametrize("media_type", BEGINNINGS)
def test_beginnings(media_type: str) -> None:
    assert media_type_of(BEGINNINGS[media_type]) == media_type


@pytest.mark.parametrize("body", [{"data": [{"b64_json": "!!"}]}, {"data": [{"b64_json": "aGVsbG8="}]}])
def test_base64_that_is_no_picture(server: FakeOpenAI, body: Any) -> None:
    server.reply(200, body)
    assert isinstance(images(server, ImageRequest("sd", "a cat")).error, BrokenAnswer)


def test_a_preview_after_the_picture_and_a_broken_one_do_no_harm(server: FakeOpenAI) -> None:
    def preview(encoded: str) -> bytes:
        name = "image_generation.partial_image"
        return event({"type": name, "b64_json": encoded, "partial_image_index": 1}, name)

    done = event({"type": "image_generation.completed", "b64_json": ENCODED}, "image_generation.completed")
    server.reply_bytes([preview("!!"), preview(ENCODED), done, preview(ENCODED)])
    outcome = images(server, ImageRequest("gpt-image-2", "a cat"))
    assert kinds(outcome) == ["PartialImage", "FinishedImage"]
    assert outcome.error is None


def test_the_name_of_an_event_is_enough(server: FakeOpenAI) -> None:
    server.reply_bytes([event({"b64_json": ENCODED}, "image_generation.completed")])
    assert kinds(images(server, ImageRequest("gpt-image-2", "a cat"))) == ["FinishedImage"]


def test_a_server_may_make_fewer_pictures(server: FakeOpenAI) -> None:
    server.reply_bytes([event({"type": "image_generation.completed", "b64_json": ENCODED})])
    outcome = images(server, ImageRequest("gpt-image-2", "a cat", 3))
    assert (kinds(outcome), outcome.error) == (["FinishedImage"], None)


def test_pictures_before_a_broken_connection_are_kept(server: FakeOpenAI) -> None:
    server.reply_bytes([event({"type": "image_generation.completed", "b64_json": ENCODED}), Action.CUT])
    outcome = images(server, ImageRequest("gpt-image-2", "a cat", 2))
    assert kinds(outcome) == ["FinishedImage"]
    assert isinstance(outcome.error, AnswerInterrupted)


def test_a_stream_that_ends_without_a_picture(server: FakeOpenAI) -> None:
    server.reply_bytes([event({"type": "image_generation.partial_image", "b64_json": ENCODED})])
    outcome = images(server, ImageRequest("gpt-image-2", "a cat"))
    assert isinstance(outcome.error, AnswerInterrupted)


def test_moderation_and_missing_routes(server: FakeOpenAI) -> None:
    server.reply_error(400, "moderation_blocked", "image_generation_user_error", "rejected by the safety system")
    assert isinstance(images(server, ImageRequest("gpt-image-2", "a cat")).error, ContentRefused)
    server.reply(404, "404 page not found", {"Content-Type": "text/plain"})
    assert isinstance(images(server, ImageRequest("gpt-image-2", "a cat")).error, RouteMissing)


def test_upscaling_tells_its_progress(server: FakeOpenAI) -> None:
    request = UpscaleRequest("realesrgan", REFERENCE)
    outcome = collected(lambda api: api.upscale(endpoint_of(server), request))
    assert outcome.items[:3] == [ImageProgress(0.25), ImageProgress(0.5), ImageProgress(1.0)]
    assert outcome.last == FinishedImage(server.upscaled, "image/png")
    post = server.posts("/images/upscale")[0]
    assert post.fields == {"model": ["realesrgan"], "stream": ["true"]}
    assert post.files[0].data == REFERENCE.data


def test_an_engine_that_fails_midway(server: FakeOpenAI) -> None:
    progress = event({"type": "image_upscale.progress", "fraction": 0.5})
    server.reply_bytes([progress, event({"error": {"message": "out of memory", "type": "server_error"}})])
    outcome = collected(lambda api: api.upscale(endpoint_of(server), UpscaleRequest("m", REFERENCE)))
    assert outcome.items == [ImageProgress(0.5)]
    assert outcome.error is not None
    assert outcome.error.server_words == "out of memory"


def test_previews_are_pictures_too(server: FakeOpenAI) -> None:
    outcome = images(server, ImageRequest("gpt-image-2", "a cat"))
    assert isinstance(outcome.items[0], PartialImage)
    assert media_type_of(outcome.items[0].data) == "image/png"


@given(st.text(max_size=40))
def test_any_text_for_base64(text: str) -> None:
    with suppress(BrokenAnswer):
        decoded(text)


@given(st.dictionaries(st.sampled_from(["type", "data", "b64_json", "fraction", "partial_image_index"]), json_values))
def test_strange_events_do_no_harm(payload: dict[str, Any]) -> None:
    decoder = ImagesDecoder(1)
    list(decoder.feed("", payload))
    list(decoder.feed("x.partial_image", payload))
    list(decoder.feed("x.completed", payload))
    list(decoder.feed("x.progress", payload))

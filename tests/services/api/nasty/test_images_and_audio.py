"""Nasty but real, cases 36 to 43: pictures and sound. The cases about speech from text are in `test_the_list`."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from app.model.audio import Segment, TranscriptionOptions, TranscriptionRequest, TranscriptionResult
from app.model.chat import RequestAdjusted
from app.model.errors import BrokenAnswer, ServerTrouble, TooLarge
from app.model.images import FinishedImage, ImageFile, ImageRequest
from app.model.lessons import Lesson, LessonKind
from app.model.providers import KeyHeader
from tests.fakes.openai_particular import ParticularOpenAI, wants_file
from tests.fakes.openai_server import FakeOpenAI, png
from tests.services.api.asking import KEY, Outcome, collected, endpoint_of

PICTURE = png(8, 8)
ENCODED = base64.b64encode(PICTURE).decode()
REFERENCE = ImageFile("photo.png", "image/png", png(4, 4))


def drawn(server: FakeOpenAI, *references: ImageFile, **changes: Any) -> Outcome:
    request = ImageRequest("sd", "a cat", references=references)
    return collected(lambda api: api.images(endpoint_of(server, **changes), request))


def drawn_at(server: FakeOpenAI, url: str, **changes: Any) -> Outcome:
    """What comes of an answer that holds this address."""
    server.reply(200, {"data": [{"url": url}]}, path="/images/generations")
    return drawn(server, **changes)


def heard(server: FakeOpenAI, response_format: str) -> Outcome:
    request = TranscriptionRequest(
        "whisper-1", "talk.flac", "audio/flac", b"fLaC", TranscriptionOptions(), response_format
    )
    return collected(lambda api: api.transcribe(endpoint_of(server), request))


def test_case_36_a_picture_at_an_address(server: FakeOpenAI) -> None:
    private: dict[str, Any] = {"extra_headers": {"X-Secret": "1"}, "key_header": KeyHeader.API_KEY}
    for own in ("/v1/pictures/0.png", f"{server.base_url}/pictures/0.png", "pictures/0.png"):
        assert drawn_at(server, own, **private).last.data == png()
        headers = server.requests[-1].headers
        assert (headers["api-key"], headers["x-secret"]) == (KEY, "1")
    with FakeOpenAI() as other:
        url = f"{other.base_url}/pictures/0.png?signature=1"
        assert drawn_at(server, url, **private).last.data == png()
        assert not {"api-key", "authorization", "x-secret"} & other.requests[0].headers.keys()
        assert other.requests[0].query == {"signature": ["1"]}
    server.reply(410, b"", path="/gone.png", times=9)
    outcome = drawn_at(server, "/gone.png")
    assert outcome.error is not None
    assert len(server.posts()) == 5  # a picture that is gone is not paid for again


WAYS_TO_WRITE_A_PICTURE: dict[str, dict[str, Any]] = {
    "plain": {"b64_json": ENCODED},
    "with a prefix": {"b64_json": f"data:image/png;base64,{ENCODED}"},
    "over several lines": {"b64_json": "\n".join(ENCODED[at : at + 76] for at in range(0, len(ENCODED), 76)) + "\n"},
    "without padding": {"b64_json": ENCODED.rstrip("=")},
    "for addresses": {"b64_json": ENCODED.replace("+", "-").replace("/", "_")},
    "as an address": {"b64_json": None, "url": f"data:image/png;base64,{ENCODED}"},
    "without a revised prompt": {"url": f"data:image/png;base64,{ENCODED}", "revised_prompt": None},
}


@pytest.mark.parametrize("way", WAYS_TO_WRITE_A_PICTURE)
def test_case_37_a_picture_written_in_any_way_and_none(server: FakeOpenAI, way: str) -> None:
    server.reply(200, {"data": [WAYS_TO_WRITE_A_PICTURE[way]]})
    assert drawn(server).items == [FinishedImage(PICTURE, "image/png")]
    nothings: list[Any] = [{"data": None}, {"data": []}, {"data": [{}]}, {"created": 1}, []]
    for nothing in nothings:
        server.reply(200, nothing)
        assert type(drawn(server).error) is BrokenAnswer


@pytest.mark.parametrize(("count", "names"), [(1, ("image", "image[]")), (2, ("image[]", "image"))])
def test_case_38_the_other_name_for_the_files_of_an_edit(count: int, names: tuple[str, str]) -> None:
    learned: list[Lesson] = []

    async def remember(_: object, model_id: str, lessons: tuple[Lesson, ...]) -> None:
        assert model_id == "sd"
        learned.extend(lessons)

    with ParticularOpenAI(wants_file(names[1])) as server:
        for told in ([RequestAdjusted], []):  # the name of a file concerns nobody once it is known
            request = ImageRequest("sd", "bluer", references=(REFERENCE,) * count)
            endpoint = endpoint_of(server, lessons=tuple(learned))
            outcome = collected(
                lambda api, e=endpoint, r=request: api.images(e, r),  # type: ignore[misc]
                learned=remember,
            )
            assert (outcome.error, [type(item) for item in outcome.items]) == (None, [*told, FinishedImage])
    assert [post.files[0].name for post in server.posts()] == [*names, names[1]]
    assert learned == [Lesson(names[0], LessonKind.RENAMED, names[1])]


TRANSCRIPTS: dict[str, tuple[str, str, TranscriptionResult]] = {
    "verbose without times": ("verbose_json", '{"text": "hi", "language": "en"}', TranscriptionResult("hi", (), "en")),
    "verbose instead of json": (
        "json",
        '{"text": "hi", "segments": [{"start": 0, "end": 1, "text": " hi"}], "duration": 1}',
        TranscriptionResult("hi", (Segment(0, 1, "hi"),), duration_s=1.0),
    ),
    "plain text instead of json": ("json", "hi there\n", TranscriptionResult("hi there")),
    "plain text instead of verbose": ("verbose_json", "hi there", TranscriptionResult("hi there")),
    "json instead of subtitles": ("srt", '{"text": "hi"}', TranscriptionResult("hi")),
}


@pytest.mark.parametrize("name", TRANSCRIPTS)
def test_case_39_a_transcript_in_another_form_than_was_asked_for(server: FakeOpenAI, name: str) -> None:
    response_format, body, expected = TRANSCRIPTS[name]
    server.reply(200, body, {"Content-Type": "application/json"})
    assert heard(server, response_format).items == [expected]


def test_case_40_a_file_that_is_too_large(server: FakeOpenAI) -> None:
    words = "Maximum content size limit (26214400) exceeded (26306794 bytes read)"
    server.reply_error(413, None, "server_error", words, times=9)
    outcome = heard(server, "json")
    assert type(outcome.error) is TooLarge
    assert not isinstance(outcome.error, ServerTrouble)
    assert (outcome.error.server_words, outcome.pauses, len(server.posts())) == (words, [], 1)

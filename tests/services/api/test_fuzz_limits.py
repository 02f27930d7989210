"""Answers without an end, or with far more in them than they look like: refused in time, in little memory."""

from __future__ import annotations

import gzip
import itertools
import json
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import pytest

from app.model.errors import AppError, BrokenAnswer, WrongAddress
from app.model.server_errors import AnswerDamaged, AnswerTooLarge
from app.services.api.calls import LARGEST_ANSWER
from app.services.api.error_body import refusal_of_bytes
from app.services.api.events import LARGEST_EVENT, EventParser
from app.services.api.images_wire import media_type_of
from app.services.api.json_text import DEEPEST, MOST_PARTS, value_of
from app.services.api.models_wire import MOST_MODELS
from tests.services.api.hostile import Hostile, answered, readers

MB = 1 << 20
READERS = readers()
STREAM = {"Content-Type": "text/event-stream"}
LARGEST_WASTE = 3.5
"""Memory in sizes of what is read: the bytes, the text made of them, and what is on its way from one to the other."""


HANG_S = 20.0


@contextmanager
def memory_below(limit: float) -> Iterator[None]:
    """Fail when more than `limit` bytes are held at any moment."""
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < limit, f"{peak / MB:.0f} MB were held"


@contextmanager
def no_hang() -> Iterator[None]:
    """Fail when it takes far longer than is needed, and far less than a hang takes."""
    began = time.process_time()
    yield
    assert time.process_time() - began < HANG_S


def packed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(wbits=31)
    for piece in pieces:
        yield packer.compress(piece)


def endless(piece: bytes, beginning: bytes = b"") -> Iterator[bytes]:
    return itertools.chain([beginning], itertools.repeat(piece))


ENDLESS: dict[str, tuple[str, Callable[[], Hostile]]] = {
    "a whole answer": ("chat, whole", lambda: Hostile(endless(b"x" * MB, b'{"a":"'))),
    "a list of models": ("models", lambda: Hostile(endless(b"x" * MB, b'{"a":"'))),
    "a transcript": ("transcript as text", lambda: Hostile(endless(b"word " * 200_000))),
    "a transcript in cues": ("transcript as vtt", lambda: Hostile(endless(b"word " * 200_000, b"WEBVTT\n\n"))),
    "one event": ("chat, streamed", lambda: Hostile(endless(b"x" * MB, b'data: {"a":"'), headers=STREAM)),
    "an event of lines": ("chat, streamed", lambda: Hostile(endless(b"data: x\n" * 10_000), headers=STREAM)),
    "an event of empty lines": ("chat, streamed", lambda: Hostile(endless(b"data:\n" * 10_000), headers=STREAM)),
    "the name of an event": ("responses, streamed", lambda: Hostile(endless(b"x" * MB, b"event: "), headers=STREAM)),
    "comments": ("chat, streamed", lambda: Hostile(endless(b": " + b"x" * MB + b"\n\n"), headers=STREAM)),
    "white space": ("chat, streamed", lambda: Hostile(endless(b" \n" * MB))),
    "a packed answer": ("chat, whole", lambda: Hostile(packed(endless(bytes(MB))), 200, {"Content-Encoding": "gzip"})),
    "a packed event": (
        "chat, streamed",
        lambda: Hostile(packed(endless(b"x" * MB, b"data: ")), 200, STREAM | {"Content-Encoding": "gzip"}),
    ),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_what_never_ends_is_refused(name: str) -> None:
    reader, hostile = ENDLESS[name]
    with memory_below(LARGEST_WASTE * LARGEST_ANSWER):
        outcome = answered(READERS[reader], hostile())
    assert isinstance(outcome.error, AnswerTooLarge)
    assert outcome.error.server_words == ""
    assert outcome.error.arguments["most"] in ("67 MB", "537 MB")
    assert outcome.error.arguments["host"] == "h"


ODD_ANSWERS: dict[str, tuple[bytes, type[AppError], str]] = {
    "nothing": (b"", BrokenAnswer, ""),
    "blank lines": (b"\n\n\n", BrokenAnswer, ""),
    "a web page": (b"<html><title>My NAS</title><p>10.0.0.1</html>", WrongAddress, "My NAS"),
    "a sentence": (b"It works!", BrokenAnswer, "It works!"),
    "a number": (b"42", BrokenAnswer, "42"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\xff", BrokenAnswer, "PNG"),
}


ODD_READINGS = [
    *itertools.product(["models", "chat, streamed", "responses, whole", "pictures"], ODD_ANSWERS),
    *itertools.product(["transcript as json"], ["nothing", "blank lines", "a web page"]),  # any text is a transcript
]


@pytest.mark.parametrize(("reader", "name"), ODD_READINGS)
def test_what_is_no_answer_at_all_is_said_to_be_none(reader: str, name: str) -> None:
    body, kind, words = ODD_ANSWERS[name]
    outcome = answered(READERS[reader], Hostile([body], headers={"Content-Type": "application/octet-stream"}))
    assert isinstance(outcome.error, kind | WrongAddress)
    assert words in outcome.error.server_words or reader == "models"
    assert "10.0.0.1" not in outcome.error.server_words


def test_a_refusal_without_an_end_is_still_that_refusal() -> None:
    with memory_below(20 * MB):
        outcome = answered(READERS["chat, streamed"], Hostile(endless(b"no " * 20_000), 401))
    assert type(outcome.error).__name__ == "KeyNeeded"


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_a_small_answer_that_unpacks_to_gigabytes(layers: int) -> None:
    body = gzip.compress(bytes(100 * MB))
    for _ in range(layers - 1):
        body = gzip.compress(body)
    headers = {"Content-Encoding": ", ".join(["gzip"] * layers)}
    with memory_below(LARGEST_WASTE * LARGEST_ANSWER):
        outcome = answered(READERS["chat, whole"], Hostile([body], 200, headers))
    assert isinstance(outcome.error, BrokenAnswer)


PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "x-gzip": gzip.compress,
    "identity": bytes,
    "Deflate": lambda data: zlib.compress(data)[2:-4],
}


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_what_is_packed_is_read(packing: str, size: int) -> None:
    text = "word " * 50_000
    answer = {"choices": [{"message": {"content": text}, "finish_reason": "stop"}]}
    body = PACKINGS[packing](json.dumps(answer).encode())
    pieces = [body[at : at + size] for at in range(0, len(body), size)] if size > 1 else [body[:1], body[1:]]
    outcome = answered(READERS["chat, whole"], Hostile(pieces, 200, {"Content-Encoding": packing}))
    assert outcome.text == text


@pytest.mark.parametrize(
    "body",
    [b"plain", gzip.compress(b'{"a":1}')[:-9], gzip.compress(b"{}")[:5] + b"\xff" * 9],
    ids=["not at all", "cut off", "spoilt"],  # gzip writes the time into what it packs
)
def test_what_is_packed_badly_is_blamed_on_who_packed_it(body: bytes) -> None:
    outcome = answered(READERS["chat, whole"], Hostile([body], 200, {"Content-Encoding": "gzip"}))
    assert isinstance(outcome.error, AnswerDamaged)
    assert outcome.error.server_words == ""


def test_an_event_that_comes_byte_by_byte_takes_no_more_than_its_size() -> None:
    parser = EventParser()
    with memory_below(300_000):
        for _ in range(100_000):
            parser.feed(b"x")


def test_lines_of_megabytes_are_no_trouble() -> None:
    words = "wörter " * 300_000
    line = json.dumps({"choices": [{"delta": {"content": words}, "finish_reason": "stop"}]}, ensure_ascii=False)
    stream = f"data: {line}\n\ndata: [DONE]\n\n".encode()
    pieces = [stream[at : at + 16_384] for at in range(0, len(stream), 16_384)]
    with no_hang():
        outcome = answered(READERS["chat, streamed"], Hostile(pieces, headers=STREAM))
    assert (len(stream) > 2 * MB, outcome.text, outcome.error) == (True, words, None)


def test_an_event_just_below_the_limit_is_read() -> None:
    parser = EventParser()
    parser.feed(b"data: " + b"x" * (LARGEST_EVENT - 100))
    (event,) = parser.feed(b"\n\n")
    assert len(event.data) == LARGEST_EVENT - 100


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "[" * 3_000 + "]" * 3_000,
        '{"a":' * 200 + "1" + "}" * 200,
        "[" * (DEEPEST + 1) + "]" * 65,
        "9" * 9_999,
    ],
)
def test_json_that_would_exhaust_the_stack_is_no_json(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        value_of(text)


def test_json_of_more_parts_than_memory_is_no_json() -> None:
    text = "[" + "{}," * MOST_PARTS + "{}]"
    with memory_below(MB), pytest.raises(ValueError, match="parts"):
        value_of(text)


def test_json_that_is_deep_and_large_within_reason_is_read() -> None:
    deep = "[" * 60 + "1" + "]" * 60
    value = value_of(f'{{"a":{deep},"b":[{",".join(["0"] * 1000)}]}}')
    assert len(value["b"]) == 1000


def test_half_a_character_is_replaced_and_a_whole_one_kept() -> None:
    assert value_of(r'{"a":"\ud83d\ude00 \ud83d \ude00","\ud800":1}') == {"a": "😀 \ufffd \ufffd", "\ufffd": 1}
    assert value_of(r'"\\ud83d"') == r"\ud83d"


def nested(kind: str) -> bytes:
    value: object = "x"
    for _ in range(DEEPEST * 20):
        value = [{"type": "thinking", kind: value}]
    return json.dumps({"choices": [{"delta": {"content": value, "tool_calls": value}}], "detail": value}).encode()


@pytest.mark.parametrize("reader", READERS)
def test_deep_answers_are_refused_by_every_reader(reader: str) -> None:
    for body in (nested("thinking"), b"data: " + nested("text") + b"\n\ndata: [DONE]\n\n"):
        for status in (200, 400):
            answered(READERS[reader], Hostile([body], status))


@pytest.mark.parametrize(
    "page",
    [b"<html>" + b"<title>" * 28_000, b"<html>" + b"<h1" * 60_000, b"<html><title" + b" " * 199_000, b"<" * 200_000],
)
def test_a_page_made_to_keep_us_busy_is_read_at_once(page: bytes) -> None:
    with no_hang():
        refusal_of_bytes(page)


def test_a_picture_made_to_keep_us_busy_is_looked_at_at_once() -> None:
    with no_hang():
        assert media_type_of(b"<!---->" * 200) == ""
    assert media_type_of(b'<?xml version="1.0"?> <!-- a --> <!-- b -->\n<svg xmlns="x"/>') == "image/svg+xml"


def test_numbers_that_nothing_can_hold_are_none() -> None:
    huge = json.dumps({"usage": {"prompt_tokens": 10**300, "completion_tokens": 3}, "choices": [{"text": "a"}]})
    usage = answered(READERS["completions, whole"], Hostile([huge.encode()])).last.usage
    assert (usage.input_tokens, usage.output_tokens) == (None, 3)


def test_times_that_no_recording_has_are_left_out() -> None:
    segments = [{"start": start, "end": 2, "text": "a"} for start in (0, -1, 1e300, "NaN")]
    body = json.dumps({"text": "a", "segments": segments, "duration": 1e300})
    result = answered(READERS["transcript as verbose_json"], Hostile([body.encode()])).last
    assert ([segment.start_s for segment in result.segments], result.duration_s) == ([0], None)
    cue = f"{'9' * 5000}:00:01.000 --> 00:00:02.000\nhm\n".encode()
    assert answered(READERS["transcript as vtt"], Hostile([b"WEBVTT\n\n" + cue])).error is None


def test_a_list_of_more_models_than_anyone_has_is_cut() -> None:
    body = json.dumps({"data": [{"id": f"m{number}"} for number in range(MOST_MODELS + 5)]}).encode()
    assert len(answered(READERS["models"], Hostile([body])).items) == MOST_MODELS


def test_only_known_failures_are_errors() -> None:
    outcome = answered(READERS["models"], Hostile([b""]))
    assert isinstance(outcome.error, AppError)

"""The event stream parser: the nasty cases of framing, and the promise that cuts do not matter."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.model.errors import AppError, BrokenAnswer
from app.services.api.events import LARGEST_EVENT, Event, EventParser

WHOLE = '{"a":"b"}'

CASES = {
    "one event": (b"data: 1\n\n", [("", "1")]),
    "carriage returns": (b"data: 1\r\rdata: 2\r\r", [("", "1"), ("", "2")]),
    "both line ends": (b"data: 1\r\n\r\ndata: 2\r\n\r\n", [("", "1"), ("", "2")]),
    "mixed line ends": (b"data: 1\r\n\ndata: 2\n\r\ndata: 3\r\n\r\n", [("", "1"), ("", "2"), ("", "3")]),
    "a name": (b"event: done\ndata: {}\n\n", [("done", "{}")]),
    "the name is for one event only": (b"event: a\ndata: 1\n\ndata: 2\n\n", [("a", "1"), ("", "2")]),
    "no space": (b"data:1\n\n", [("", "1")]),
    "several data lines": (b'data: {"a":\ndata: 1}\n\n', [("", '{"a":\n1}')]),
    "empty data line, then data": (b"data:\ndata: 5\n\n", [("", "5")]),
    "comments": (b": OPENROUTER PROCESSING\n\n: keep-alive\ndata: 1\n\n:\n\n", [("", "1")]),
    "fields without data": (b"id: 7\n\nretry: 1000\n\nevent: ping\n\ndata:\n\ndata\n\n", []),
    "unknown fields": (b"foo: bar\ndata: 1\nnonsense\n\n", [("", "1")]),
    "JSON on a line of its own": (b'data:\n{"a": 1}\n\n', [("", '{"a": 1}')]),
    "JSON over several lines of its own": (b'data:\n{\n  "a": 1\n}\n\n', [("", '{\n  "a": 1\n}')]),
    "an error field": (b'error: {"code": 500}\n\n', [("error", '{"code": 500}')]),
    "a byte order mark": (b"\xef\xbb\xbfdata: 1\n\n", [("", "1")]),
    "line separators inside JSON": (
        'data: {"a":"x\u2028y\u2029z\u0085"}\n\n'.encode(),
        [("", '{"a":"x\u2028y\u2029z\u0085"}')],
    ),
    "characters of several bytes": ("data: 😀中é\n\n".encode(), [("", "😀中é")]),
    "a broken character": (b"data: a\xffb\n\n", [("", "a\ufffdb")]),
    "the last event unfinished but whole": (f"data: {WHOLE}".encode(), [("", WHOLE)]),
    "the last event without its blank line": (f"data: {WHOLE}\n".encode(), [("", WHOLE)]),
    "the last event cut": (b'data: {"a":"b', []),
    "the last [DONE] without anything": (b"data: [DONE]", [("", "[DONE]")]),
    "nothing": (b"", []),
    "only blank lines": (b"\n\n\r\n\r\r", []),
}


def parsed(pieces: list[bytes]) -> list[Event]:
    parser = EventParser()
    return [event for piece in pieces for event in parser.feed(piece)] + parser.finish()


@pytest.mark.parametrize("name", CASES)
def test_framing(name: str) -> None:
    data, expected = CASES[name]
    assert parsed([data]) == [Event(*event) for event in expected]


@pytest.mark.parametrize("name", CASES)
def test_framing_byte_by_byte(name: str) -> None:
    data, expected = CASES[name]
    assert parsed([bytes([byte]) for byte in data]) == [Event(*event) for event in expected]


FIELDS = [b"data:", b"data: ", b"event: x", b": c", b"error: ", b"id: 3", b'{"a":1}', b"[DONE]", b"{", b"}", b'"', b" "]
LINE_ENDS = [b"\r", b"\n", b"\r\n", b"\n\n"]
ODDITIES = ["é中😀\u2028".encode(), b"\xef\xbb\xbf", b"\xff"]
FRAGMENTS = st.sampled_from([*FIELDS, *LINE_ENDS, *ODDITIES])


@given(st.lists(FRAGMENTS, max_size=30), st.lists(st.integers(0, 200), max_size=12))
def test_cuts_do_not_matter(fragments: list[bytes], cuts: list[int]) -> None:
    data = b"".join(fragments)
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    pieces = [data[start:end] for start, end in pairwise(edges)]
    assert parsed(pieces) == parsed([data])


@given(st.lists(st.binary(max_size=80), max_size=10))
def test_random_bytes_do_no_harm(pieces: list[bytes]) -> None:
    for event in parsed(pieces):
        assert event.data


@given(st.lists(st.dictionaries(st.text(max_size=5), st.text(max_size=20), max_size=3), max_size=6))
def test_json_survives(values: list[dict[str, str]]) -> None:
    stream = b"".join(f"data: {json.dumps(value, ensure_ascii=False)}\n\n".encode() for value in values)
    assert [json.loads(event.data) for event in parsed([stream])] == values


def test_a_large_event_passes_in_small_pieces() -> None:
    parser = EventParser()
    piece = b"x" * 65536
    for data in (b'data: {"b64_json":"', *([piece] * 320), b'"}\n'):
        assert parser.feed(data) == []
    (event,) = parser.feed(b"\n")
    assert len(event.data) == 320 * 65536 + 15


@pytest.mark.parametrize("line_end", [b"", b"\n"])
def test_an_endless_event_is_refused(line_end: bytes) -> None:
    parser = EventParser()
    piece = b"data: " + b"x" * (1 << 20) + line_end

    def feed_for_ever() -> None:
        for _ in range(LARGEST_EVENT >> 19):
            parser.feed(piece)

    with pytest.raises(BrokenAnswer):
        feed_for_ever()


def test_comments_are_told_from_progress() -> None:
    parser = EventParser()
    pieces = [b": keep-alive\n\n", b": keep-al", b"ive\n\ndata: the beginning of", b" something large"]
    told = []
    for piece in pieces:
        parser.feed(piece)
        told.append(parser.only_comments)
    assert told == [True, True, False, False]


@settings(max_examples=20)
@given(st.binary(max_size=2000))
def test_only_app_errors_escape(data: bytes) -> None:
    try:
        parsed([data])
    except AppError as error:
        pytest.fail(f"refused {len(data)} bytes: {error}")

"""Nasty but real, cases 1 to 16: how bytes are framed, cut and ended."""

from __future__ import annotations

import gzip
from itertools import batched

import pytest

from app.model.errors import AnswerInterrupted
from app.model.providers import Timeouts
from app.model.server_errors import AnswerDamaged, AnswerTooLarge, OnlySignsOfLife
from app.services.api.deltas import MOST_TEXT
from app.services.api.events import LARGEST_EVENT
from tests.fakes.openai_server import Action, Chunk, FakeOpenAI
from tests.services.api.asking import QUICK, chat, collected, endpoint_of, question
from tests.services.api.nasty.bytes_of_chat import DONE, as_json, chunk, said, whole

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
JSON = {"Content-Type": "application/json"}


def test_case_01_comments_keep_an_answer_alive_but_not_for_ever(server: FakeOpenAI) -> None:
    pings = (b": OPENROUTER PROCESSING\n\n", b": keep-alive\n\n", b":\n")
    server.reply_bytes([*pings, said("Ha"), *pings, said("lf", "stop"), *pings, DONE])
    assert chat(server).text == "Half"

    ticks = iter(range(10_000))
    server.reply_bytes([said("Half"), *([b": keep-alive\n\n"] * 50), Action.STAY])
    endpoint = endpoint_of(server, timeouts=Timeouts(idle_s=5.0))
    outcome = collected(lambda api: api.chat(endpoint, question()), clock=lambda: float(next(ticks)))
    assert (outcome.text, type(outcome.error)) == ("Half", OnlySignsOfLife)


def test_case_02_blank_lines_stand_before_the_json(server: FakeOpenAI) -> None:
    server.reply_bytes([b"\n", b"\r\n\n", as_json(whole("late"))], JSON)
    assert chat(server, question(stream=False)).text == "late"

    ticks = iter(range(10_000))  # DeepSeek sends them while it makes one wait
    server.reply_bytes([*([b"\n"] * 50), Action.STAY], JSON)
    endpoint = endpoint_of(server, timeouts=Timeouts(idle_s=0.1))
    waited = collected(lambda api: api.chat(endpoint, question(stream=False)), clock=lambda: float(next(ticks)))
    assert type(waited.error) is OnlySignsOfLife


def test_case_03_data_without_a_space_or_over_several_lines(server: FakeOpenAI) -> None:
    first, second = as_json(chunk(content="one ")), as_json(chunk(content=" two")).replace(b', "', b',\ndata:  "')
    assert second.count(b"\n") > 1
    server.reply_bytes([b"data:" + first + b"\n\n", b"data:" + second + b"\n\n", said("", "stop"), DONE])
    assert chat(server).text == "one  two"  # of the space before the data one is taken away, and none of the words'


def test_case_04_json_on_a_line_without_its_field(server: FakeOpenAI) -> None:
    server.reply_bytes([b"data:\n", as_json(chunk("stop", content="hidden")) + b"\n\n", DONE])
    assert chat(server).text == "hidden"


def test_case_05_events_without_data(server: FakeOpenAI) -> None:
    empty = b"id: 7\n\nretry: 1000\n\nevent: ping\n\ndata:\n\ndata: \n\ndata\n\n"
    server.reply_bytes([empty, said("words", "stop"), empty, DONE])
    outcome = chat(server)
    assert (outcome.text, outcome.error) == ("words", None)


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
def test_case_06_every_kind_of_line_end_also_cut_in_two(server: FakeOpenAI, end: bytes) -> None:
    stream = (said("one ") + said("two", "stop") + DONE).replace(b"\n", end)
    server.reply_bytes([bytes(piece) for piece in batched(stream, 1)])
    assert chat(server).text == "one two"
    if end == b"\r\n":
        server.reply_bytes([said("one", "stop").replace(b"\n", end)[:-1], b"\n" + DONE.replace(b"\n", end)])
        assert chat(server).text == "one"


def test_case_07_unicode_line_ends_inside_json(server: FakeOpenAI) -> None:
    text = "a\u2028b\u2029c\u0085d\x0be"
    server.reply_bytes([b"data: " + as_json(chunk("stop", content=text)) + b"\n\n", DONE])
    assert chat(server).text == text


def test_case_08_a_character_split_between_packets(server: FakeOpenAI) -> None:
    text = "Grüße 世界 😀"
    stream = b"data: " + as_json(chunk("stop", content=text)) + b"\n\n" + DONE
    server.reply_bytes([bytes(piece) for piece in batched(stream, 1)])
    assert chat(server).text == text


@pytest.mark.parametrize("charset", ["; charset=iso-8859-1", "; charset=utf-16", "; charset=nonsense", ""])
def test_case_09_utf_8_whatever_the_header_says(server: FakeOpenAI, charset: str) -> None:
    server.reply_bytes([said("Grüße", "stop"), DONE], {"Content-Type": f"text/event-stream{charset}"})
    assert chat(server).text == "Grüße"
    server.reply(200, as_json(whole("Grüße")), {"Content-Type": f"application/json{charset}"})
    assert chat(server, question(stream=False)).text == "Grüße"


def test_case_10_a_line_of_many_megabytes_but_not_without_end(server: FakeOpenAI) -> None:
    large = "x" * MOST_TEXT
    stream = said(large, "stop") + DONE
    server.reply_bytes([bytes(stream[at : at + 65536]) for at in range(0, len(stream), 65536)])
    assert len(chat(server, timeouts=QUICK).text) == len(large)

    piece = b"x" * (1 << 20)
    server.reply_bytes([said("Half"), b"data: ", *([piece] * ((LARGEST_EVENT >> 20) + 1)), Action.STAY])
    outcome = chat(server)
    assert (outcome.text, type(outcome.error)) == ("Half", AnswerTooLarge)
    server.wait_for_departures()


def test_case_11_compressed_as_nobody_asked_or_damaged(server: FakeOpenAI) -> None:
    packed = {"Content-Encoding": "gzip", "Content-Type": "text/event-stream"}
    server.reply(200, gzip.compress(said("packed", "stop") + DONE), packed)
    assert chat(server).text == "packed"
    server.reply(200, said("plain", "stop") + DONE, packed)
    outcome = chat(server)
    assert type(outcome.error) is AnswerDamaged


@pytest.mark.parametrize(
    "cut",
    [
        [HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"%x\r\n%s\r\n" % (len(said("Half")), said("Half"))],
        [HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"ffff\r\n", said("Half")],
        [HEAD + b"Content-Length: 9999\r\n\r\n", said("Half")],
        [HEAD + b"Connection: close\r\n\r\n", said("Half"), Action.RESET],
    ],
    ids=["between chunks", "in a chunk", "less than promised", "reset"],
)
def test_case_12_a_truncated_stream_keeps_what_came(server: FakeOpenAI, cut: list[Chunk]) -> None:
    server.reply_raw(cut)
    outcome = chat(server)
    assert (outcome.text, type(outcome.error)) == ("Half", AnswerInterrupted)
    assert (len(server.posts()), outcome.pauses) == (1, [])


@pytest.mark.parametrize("ending", [[], [Action.CUT], [Action.RESET]])
def test_case_13_an_end_without_done(server: FakeOpenAI, ending: list[Chunk]) -> None:
    server.reply_bytes([said("All"), said("", "stop"), *ending])
    outcome = chat(server)
    assert (outcome.text, outcome.error, outcome.last.finish_reason) == ("All", None, "stop")

    server.reply_bytes([said("Half"), *ending])
    outcome = chat(server)
    assert (outcome.text, type(outcome.error)) == ("Half", AnswerInterrupted)


def test_case_14_a_connection_that_stays_open_is_closed_by_us(server: FakeOpenAI) -> None:
    server.reply_bytes([said("All", "stop"), DONE, Action.STAY])
    outcome = chat(server)
    assert (outcome.text, outcome.error) == ("All", None)
    server.wait_for_departures()
    server.reply_bytes([said("All", "stop"), Action.STAY])  # without [DONE] the end is not waited for as long
    assert chat(server, timeouts=Timeouts(idle_s=6.0)).error is None
    server.wait_for_departures(2)


def test_case_15_the_last_event_without_its_blank_line(server: FakeOpenAI) -> None:
    server.reply_bytes([said("one "), said("two", "stop").rstrip()])
    outcome = chat(server)
    assert (outcome.text, outcome.error) == ("one two", None)
    server.reply_bytes([said("one "), said("two", "stop")[:-20]])
    outcome = chat(server)
    assert (outcome.text, type(outcome.error)) == ("one ", AnswerInterrupted)


def test_case_16_json_instead_of_a_stream_and_the_reverse(server: FakeOpenAI) -> None:
    for media_type in ("application/json", "text/plain", "text/event-stream"):
        server.reply(200, as_json(whole("whole")), {"Content-Type": media_type})
        outcome = chat(server)
        assert (outcome.text, outcome.error) == ("whole", None)
    for media_type in ("application/json", "text/event-stream"):
        server.reply_bytes([said("streamed", "stop"), DONE], {"Content-Type": media_type})
        assert chat(server, question(stream=False)).text == "streamed"

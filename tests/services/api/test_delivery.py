"""Calls brought to their end over loopback: tried again, interrupted, cancelled."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from typing import Any

import pytest

from app.model.chat import RetryPending
from app.model.errors import (
    AccountLimit,
    AnswerInterrupted,
    BrokenAnswer,
    ConnectionFailed,
    RateLimited,
    RequestRefused,
    ServerTrouble,
    TimedOut,
    TooLarge,
)
from app.model.providers import Endpoint, Timeouts
from app.model.server_errors import AnswerTooLarge, NothingArrived
from app.services.api.client import ApiService
from app.services.api.deltas import MOST_TEXT
from tests.fakes.openai_server import Action, FakeOpenAI, event
from tests.services.api.asking import chat, collected, endpoint_of, question, run

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"


def delta(text: str, finish: str | None = None) -> bytes:
    return event({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": finish}]})


def test_a_rate_limit_is_waited_out_with_a_countdown(server: FakeOpenAI) -> None:
    server.reply_error(429, "rate_limit_exceeded", headers={"Retry-After": "20"})
    outcome = chat(server)
    assert outcome.items[0] == RetryPending(20.0, 1, RateLimited.title)
    assert outcome.waits == [20.0]
    assert outcome.text == "You said: hi"
    assert len(server.posts()) == 2


def test_only_two_more_attempts(server: FakeOpenAI) -> None:
    server.reply_error(500, times=9)
    outcome = chat(server)
    assert isinstance(outcome.error, ServerTrouble)
    assert [pause.attempt for pause in outcome.pauses] == [1, 2]
    assert outcome.waits == [0.5, 1.0]
    assert len(server.posts()) == 3


@pytest.mark.parametrize(
    ("status", "code", "kind", "expected"),
    [
        (429, "insufficient_quota", "insufficient_quota", AccountLimit),
        (429, "credit_balance_exhausted", "insufficient_quota", AccountLimit),
        (413, None, "server_error", TooLarge),
        (400, "unsupported_value", "invalid_request_error", RequestRefused),
    ],
)
def test_never_tried_again(server: FakeOpenAI, status: int, code: str, kind: str, expected: type[Exception]) -> None:
    server.reply_error(status, code, kind, headers={"Retry-After": "1"}, times=9)
    outcome = chat(server)
    assert isinstance(outcome.error, expected)
    assert outcome.items == []
    assert len(server.posts()) == 1


def test_a_long_delay_is_not_waited_for(server: FakeOpenAI) -> None:
    server.reply_error(429, "rate_limit_exceeded", headers={"Retry-After": "121"}, times=9)
    assert isinstance(chat(server).error, RateLimited)
    assert len(server.posts()) == 1


def test_a_dead_port_is_tried_three_times() -> None:
    with FakeOpenAI() as gone:
        endpoint = endpoint_of(gone)
    outcome = collected(lambda api: api.chat(endpoint, question()))
    assert isinstance(outcome.error, ConnectionFailed)
    assert outcome.error.arguments["host"] == endpoint.base_url.removeprefix("http://").removesuffix("/v1")
    assert len(outcome.pauses) == 2


def test_a_host_that_does_not_exist() -> None:
    outcome = collected(lambda api: api.chat(Endpoint("http://nowhere.invalid/v1"), question()))
    assert type(outcome.error) is ConnectionFailed


def test_a_connection_dropped_before_the_answer_is_tried_again(server: FakeOpenAI) -> None:
    server.reply_raw([Action.CUT])
    server.reply_raw([Action.RESET])
    outcome = chat(server)
    assert outcome.text == "You said: hi"
    assert len(outcome.pauses) == 2


def test_an_error_at_the_start_of_a_stream_is_tried_again(server: FakeOpenAI) -> None:
    server.reply_bytes([event({"error": {"message": "busy", "code": 503}})])
    outcome = chat(server)
    assert outcome.text == "You said: hi"
    assert [pause.reason for pause in outcome.pauses] == [ServerTrouble.title]


@pytest.mark.parametrize(
    ("ending", "expected"),
    [
        ([event({"error": {"message": "busy", "code": 429}})], RateLimited),
        ([Action.CUT], AnswerInterrupted),
        ([Action.RESET], AnswerInterrupted),
        ([], AnswerInterrupted),
    ],
)
def test_nothing_is_sent_again_once_words_were_shown(
    server: FakeOpenAI, ending: list[Any], expected: type[Exception]
) -> None:
    server.reply_bytes([delta("Half"), *ending])
    outcome = chat(server)
    assert outcome.text == "Half"
    assert type(outcome.error) is expected
    assert outcome.pauses == []
    assert len(server.posts()) == 1


def test_words_held_back_are_shown_when_the_answer_breaks_off(server: FakeOpenAI) -> None:
    server.reply_bytes([delta("<thin"), Action.CUT])
    outcome = chat(server)
    assert outcome.text == "<thin"
    assert isinstance(outcome.error, AnswerInterrupted)


def test_a_whole_answer_that_breaks_off(server: FakeOpenAI) -> None:
    server.reply_raw([b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n", b'{"choi'])
    assert type(chat(server, question(stream=False)).error) is NothingArrived


def test_silence_ends_in_time_out(server: FakeOpenAI) -> None:
    server.reply_bytes([delta("Half"), Action.STAY])
    outcome = chat(server, timeouts=Timeouts(idle_s=0.05))
    assert outcome.text == "Half"
    assert isinstance(outcome.error, TimedOut)
    assert outcome.error.arguments["seconds"] == "0.05"


def test_silence_before_the_answer_is_tried_again(server: FakeOpenAI) -> None:
    server.reply_raw([Action.STAY], times=9)
    outcome = chat(server, timeouts=Timeouts(idle_s=0.05))
    assert isinstance(outcome.error, TimedOut)
    assert len(server.posts()) == 3


def test_a_failure_in_the_middle_names_the_request(server: FakeOpenAI) -> None:
    server.reply_bytes([delta("Half"), Action.CUT])
    outcome = chat(server)
    assert outcome.error is not None
    assert outcome.error.request_id == "req_fake"


def test_closing_the_generator_closes_the_connection_at_once(server: FakeOpenAI) -> None:
    server.answer("one two three", hold_after=1)

    async def use(api: ApiService) -> str:
        async with aclosing(api.chat(endpoint_of(server), question())) as answer:
            async for item in answer:
                return str(getattr(item, "text", ""))
        return ""

    assert run(use) == "one "
    server.wait_for_departures()


@pytest.mark.parametrize("words_first", [True, False])
def test_cancelling_closes_the_connection_at_once(server: FakeOpenAI, words_first: bool) -> None:
    server.reply_bytes([delta("one"), Action.STAY] if words_first else [Action.STAY])
    began = asyncio.Event()

    async def listen(api: ApiService) -> None:
        async with aclosing(api.chat(endpoint_of(server), question())) as answer:
            async for _ in answer:
                began.set()

    async def use(api: ApiService) -> None:
        listening = asyncio.ensure_future(listen(api))
        if words_first:
            await began.wait()
        await asyncio.to_thread(server.wait_for_requests, 1)
        listening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await listening
        await asyncio.to_thread(server.wait_for_departures, 1)

    run(use)


def test_cancelling_during_a_pause(server: FakeOpenAI) -> None:
    server.reply_error(429, "rate_limit_exceeded", headers={"Retry-After": "100"})
    paused = asyncio.Event()

    async def listen(api: ApiService) -> None:
        async with aclosing(api.chat(endpoint_of(server), question())) as answer:
            async for _ in answer:
                paused.set()

    async def use(api: ApiService) -> None:
        listening = asyncio.ensure_future(listen(api))
        await paused.wait()
        await asyncio.sleep(0)
        listening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await listening

    run(use)
    assert len(server.posts()) == 1


def test_many_answers_at_once(server: FakeOpenAI) -> None:
    async def one(api: ApiService, number: int) -> str:
        async with aclosing(api.chat(endpoint_of(server), question(f"number {number}"))) as answer:
            return "".join([getattr(item, "text", "") async for item in answer])

    async def use(api: ApiService) -> list[str]:
        return await asyncio.gather(*(one(api, number) for number in range(30)))

    assert run(use) == [f"You said: number {number}" for number in range(30)]


def test_words_before_broken_json_are_kept(server: FakeOpenAI) -> None:
    server.reply_bytes([delta("Ha") + delta("lf") + b"data: {oops\n\n" + delta("never shown")])
    outcome = chat(server)
    assert outcome.text == "Half"
    assert type(outcome.error) is BrokenAnswer
    assert outcome.error.server_words == "{oops"


def test_nesting_without_end(server: FakeOpenAI) -> None:
    server.reply_bytes([b"data: " + b"[" * 200_000 + b"\n\n"])
    assert type(chat(server).error) is BrokenAnswer


def test_half_a_surrogate_pair_can_be_sent(server: FakeOpenAI) -> None:
    assert chat(server, question("broken \ud83d paste")).error is None
    assert "broken ? paste" in json.dumps(server.posts()[0].json)


def test_an_answer_that_is_whole_though_more_was_promised(server: FakeOpenAI) -> None:
    body = b'{"choices":[{"message":{"content":"all of it"},"finish_reason":"stop"}]}'
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 999\r\n\r\n"
    server.reply_raw([head, body])
    outcome = chat(server, question(stream=False))
    assert (outcome.text, outcome.error) == ("all of it", None)


def test_nothing_is_said_to_be_kept_where_nothing_came(server: FakeOpenAI) -> None:
    server.reply_raw([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nda"], times=3)
    assert type(chat(server).error) is NothingArrived


def test_an_answer_of_endless_text_is_ended_and_what_came_is_given(server: FakeOpenAI) -> None:
    piece = "word " * 20_000
    server.reply_bytes([*([delta(piece)] * (MOST_TEXT // len(piece) + 1)), Action.STAY])
    outcome = chat(server)
    assert type(outcome.error) is AnswerTooLarge
    assert MOST_TEXT // 2 < len(outcome.text) <= MOST_TEXT
    server.wait_for_departures()

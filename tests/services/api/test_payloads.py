"""Characters that a server cut in two: put together over loopback, byte by byte; a half alone is replaced once."""

from __future__ import annotations

import json

import pytest

from app.model.audio import TranscriptionRequest
from app.model.chat import FunctionCall
from app.model.errors import AnswerInterrupted, BrokenAnswer
from app.model.providers import Dialect
from app.services.api.payloads import Payload, PayloadReader
from tests.fakes.openai_server import Action, FakeOpenAI, event
from tests.services.api.asking import chat, collected, endpoint_of
from tests.services.api.nasty.bytes_of_chat import DONE, chunk

FIRST, SECOND = "\ud83d", "\ude00"
"""The two halves of 😀; `json.dumps` writes them as the six bytes each that such servers send."""


def data(value: object) -> bytes:
    """An event as a server writes it that escapes whatever is not ASCII."""
    return event(json.dumps(value))


def said(text: str, finish: str | None = None) -> bytes:
    return data(chunk(finish, content=text))


def deltas(*pieces: str) -> list[bytes]:
    return [said(piece) for piece in pieces]


def test_the_bytes_are_those_of_two_halves() -> None:
    assert b'"a\\ud83d"' in deltas(f"a{FIRST}")[0]


@pytest.mark.parametrize("end", [[said("", "stop"), DONE], [said("", "stop")]], ids=["done", "no-done"])
@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        ((f"Hi {FIRST}", f"{SECOND}!"), "Hi 😀!"),
        ((FIRST, SECOND, FIRST, SECOND), "😀😀"),
        ((f"a{FIRST}", f"{SECOND}b{FIRST}", f"{SECOND}c"), "a😀b😀c"),
        (("x😀", "y"), "x😀y"),
        ((f"Hi {FIRST}", "there"), "Hi \ufffdthere"),
        ((f"Hi {SECOND}", "there"), "Hi \ufffdthere"),
        ((FIRST, FIRST, SECOND), "\ufffd😀"),
        ((f"{SECOND}{FIRST}", "."), "\ufffd\ufffd."),
        ((f"Hi {FIRST}",), "Hi \ufffd"),
    ],
)
def test_a_chat(server: FakeOpenAI, pieces: tuple[str, ...], text: str, end: list[bytes]) -> None:
    server.reply_bytes([*deltas(*pieces), *end])
    outcome = chat(server)
    assert (outcome.text, outcome.error) == (text, None)

    server.reply_bytes([b"".join([*deltas(*pieces), *end])])  # all in one packet
    assert chat(server).text == text


def test_a_half_at_the_very_end_is_one_replacement_character(server: FakeOpenAI) -> None:
    server.reply_bytes(deltas(f"Hi {FIRST}"))
    outcome = chat(server)
    assert (outcome.text, type(outcome.error)) == ("Hi \ufffd", AnswerInterrupted)

    server.reply_bytes([*deltas(f"Hi {FIRST}"), Action.CUT])
    outcome = chat(server)
    assert (outcome.text, type(outcome.error)) == ("Hi \ufffd", AnswerInterrupted)

    server.reply_bytes([*deltas(f"Hi {FIRST}"), b"data: no json\n\n"])
    outcome = chat(server)
    assert (outcome.text, type(outcome.error)) == ("Hi \ufffd", BrokenAnswer)


def test_a_half_in_the_last_words_does_not_wait(server: FakeOpenAI) -> None:
    server.reply_bytes([said(f"Hi {FIRST}", "stop"), Action.STAY])
    outcome = chat(server)
    assert (outcome.text, outcome.error) == ("Hi \ufffd", None)


def test_thoughts_and_arguments_of_functions(server: FakeOpenAI) -> None:
    def piece(delta: object) -> bytes:
        return data({"choices": [{"delta": delta}]})

    def arguments(text: str) -> bytes:
        return piece({"tool_calls": [{"index": 0, "id": "c1", "function": {"name": "f", "arguments": text}}]})

    server.reply_bytes(
        [
            piece({"reasoning_content": f"hm {FIRST}"}),
            piece({"reasoning_content": SECOND}),
            arguments(f'{{"a":"{FIRST}'),
            arguments(f'{SECOND}"}}'),
            said("", "tool_calls"),
            DONE,
        ]
    )
    outcome = chat(server)
    assert outcome.reasoning == "hm 😀"
    assert outcome.deltas[-1].function_calls == (FunctionCall("c1", "f", '{"a":"😀"}'),)


def test_responses(server: FakeOpenAI) -> None:
    pieces = [{"type": "response.output_text.delta", "delta": text} for text in (f"a{FIRST}", f"{SECOND}b")]
    end = {"type": "response.completed", "response": {"status": "completed", "output": []}}
    server.reply_bytes([data(piece) for piece in (*pieces, end)])
    assert chat(server, dialect=Dialect.RESPONSES).text == "a😀b"


def test_a_transcript(server: FakeOpenAI) -> None:
    pieces = [{"type": "transcript.text.delta", "delta": text} for text in (f"a{FIRST}", f"{SECOND}b")]
    end = {"type": "transcript.text.done", "text": "a😀b"}
    server.reply_bytes([data(piece) for piece in (*pieces, end)])
    outcome = collected(
        lambda api: api.transcribe(
            endpoint_of(server), TranscriptionRequest("m", "a.wav", "audio/wav", b"RIFF", stream=True)
        )
    )
    assert "".join(item.text for item in outcome.items[:-1]) == "a😀b"
    assert outcome.last.text == "a😀b"


def test_only_what_may_go_on_waits() -> None:
    reader = PayloadReader()
    whole = {"type": "response.completed", "text": f"a{FIRST}", FIRST: 1}
    assert reader.read("", json.dumps(whole)) == [
        Payload("", {"type": "response.completed", "text": "a\ufffd", "\ufffd": 1})
    ]
    assert reader.finish() == []
    assert reader.read("x", json.dumps({"delta": f"a{FIRST}"})) == []
    assert reader.finish() == [Payload("x", {"delta": "a\ufffd"})]
    assert reader.finish() == []

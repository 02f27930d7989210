"""Responses requests as they are sent; their streams are among the golden ones."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.model.chat import (
    ChatMessage,
    ChatParameters,
    ChatRequest,
    InlineImage,
    ReasoningEffort,
    ResponseFormat,
    Role,
    Verbosity,
)
from app.model.errors import RequestRefused
from app.model.providers import Dialect, Endpoint
from app.services.api.responses_wire import ResponsesDecoder, responses_call
from tests.fakes.openai_server import FakeOpenAI
from tests.services.api.asking import chat, question
from tests.services.api.test_chat_wire import DIALOGUE, json_values

HERE = Endpoint("http://127.0.0.1:1/v1", dialect=Dialect.RESPONSES)
OLD_MODEL = "gpt-4o"


def test_the_smallest_request_stores_nothing() -> None:
    assert responses_call(HERE, question("hi", model_id=OLD_MODEL)).body == {
        "model": OLD_MODEL,
        "input": [{"role": "user", "content": "hi"}],
        "store": False,
        "stream": True,
    }


def test_a_dialogue_with_instructions_and_pictures() -> None:
    picture = InlineImage("image/jpeg", b"\xff\xd8\xff")
    request = ChatRequest(OLD_MODEL, (*DIALOGUE, ChatMessage(Role.USER, "See", (picture,))))
    body = responses_call(HERE, request).body
    assert body["instructions"] == "Be brief."
    assert body["input"][1] == {"role": "assistant", "content": [{"type": "output_text", "text": "Hello"}]}
    text, image = body["input"][3]["content"]
    assert text == {"type": "input_text", "text": "See"}
    assert (image["type"], image["image_url"]) == ("input_image", "data:image/jpeg;base64,/9j/")


def test_everything_that_can_be_set() -> None:
    parameters = ChatParameters(
        temperature=0.5,
        top_p=0.9,
        max_tokens=5,
        stop=("END",),
        seed=7,
        response_format=ResponseFormat.SCHEMA,
        json_schema='{"type": "object"}',
        reasoning_effort=ReasoningEffort.HIGH,
        verbosity=Verbosity.LOW,
    )
    body = responses_call(HERE, question(parameters=parameters)).body
    assert body["max_output_tokens"] == 16  # the smallest that the API takes
    assert body["reasoning"] == {"effort": "high", "summary": "auto"}
    assert body["text"]["format"] == {"type": "json_schema", "name": "answer", "schema": {"type": "object"}}
    assert body["text"]["verbosity"] == "low"
    assert not {"stop", "seed"} & body.keys()  # this dialect has neither


@pytest.mark.parametrize(
    ("model", "effort", "expected"),
    [
        ("gpt-6-luna", None, {"summary": "auto"}),
        ("openai/o3-pro", None, {"summary": "auto"}),
        ("gpt-4o", None, None),
        ("gpt-5-chat-latest", None, None),
        ("gpt-6-luna", ReasoningEffort.NONE, {"effort": "none"}),
    ],
)
def test_a_summary_is_asked_for_where_there_can_be_one(
    model: str, effort: ReasoningEffort | None, expected: dict[str, str] | None
) -> None:
    parameters = ChatParameters(reasoning_effort=effort)
    assert responses_call(HERE, question(model_id=model, parameters=parameters)).body.get("reasoning") == expected


def test_a_refused_summary_is_left_out(server: FakeOpenAI) -> None:
    words = "Your organization must be verified to generate reasoning summaries."
    server.reply_error(400, "unsupported_value", "invalid_request_error", words, param="reasoning.summary")
    request = question(parameters=ChatParameters(reasoning_effort=ReasoningEffort.LOW))
    outcome = chat(server, request, dialect=Dialect.RESPONSES)
    assert (outcome.error, outcome.text) == (None, "You said: hi")
    assert [post.json["reasoning"] for post in server.posts()] == [
        {"effort": "low", "summary": "auto"},
        {"effort": "low"},
    ]


def test_a_bad_schema_is_refused() -> None:
    parameters = ChatParameters(response_format=ResponseFormat.SCHEMA, json_schema="")
    with pytest.raises(RequestRefused):
        responses_call(HERE, question(parameters=parameters))


kinds = st.sampled_from(
    ["response.completed", "response.output_item.done", "response.output_text.delta", "response.output_text.done", ""]
)
fields = st.sampled_from(["response", "item", "output_index", "content_index", "delta", "text", "output", "object"])


@given(st.lists(st.tuples(kinds, st.dictionaries(fields, json_values)), max_size=4))
def test_strange_events_do_no_harm(events: list[tuple[str, dict[str, Any]]]) -> None:
    decoder = ResponsesDecoder()
    for kind, payload in events:
        list(decoder.feed(kind, payload))
    list(decoder.finish())


@given(st.dictionaries(st.sampled_from(["type", "summary", "content", "call_id", "arguments"]), json_values))
def test_strange_items_do_no_harm(item: dict[str, Any]) -> None:
    decoder = ResponsesDecoder()
    list(decoder.feed("", {"object": "response", "output": [item, {"type": "function_call", **item}]}))
    list(decoder.finish())

"""Chat requests as they are sent, and answers that come whole."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.model.chat import (
    ChatMessage,
    ChatParameters,
    ChatRequest,
    FunctionCall,
    InlineImage,
    ReasoningEffort,
    ResponseFormat,
    Role,
    Usage,
    Verbosity,
)
from app.model.errors import UnsupportedContent
from app.model.providers import Dialect, Endpoint
from app.model.server_errors import SchemaUnusable
from app.services.api.chat_wire import COMPLETION_TOKENS, ChatDecoder, chat_call, completion_call
from tests.fakes.openai_server import FakeOpenAI, png
from tests.services.api.asking import MODEL, chat, question

HERE = Endpoint("http://127.0.0.1:1/v1")
OPENAI = Endpoint("https://api.openai.com/v1", is_openai=True)
DIALOGUE = (
    ChatMessage(Role.SYSTEM, "Be brief."),
    ChatMessage(Role.USER, "Hi"),
    ChatMessage(Role.ASSISTANT, "Hello"),
    ChatMessage(Role.USER, "More"),
)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


def test_the_smallest_request_holds_nothing_that_was_not_set() -> None:
    call = chat_call(HERE, question("hi"))
    assert call.body == {
        "model": MODEL,
        "messages": [{"role": "user", "content": "hi"}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_everything_that_can_be_set() -> None:
    parameters = ChatParameters(
        temperature=0.0,
        top_p=0.9,
        max_tokens=50,
        stop=("END",),
        frequency_penalty=0.5,
        presence_penalty=-0.5,
        seed=7,
        response_format=ResponseFormat.JSON,
        reasoning_effort=ReasoningEffort.LOW,
        verbosity=Verbosity.HIGH,
        extra_body={"top_k": 3, "stream_options": {"more": 1}},
    )
    endpoint = Endpoint(HERE.base_url, extra_body={"top_k": 1, "ttl": 60})
    body = chat_call(endpoint, ChatRequest(MODEL, DIALOGUE, parameters)).body
    assert [message["role"] for message in body["messages"]] == ["system", "user", "assistant", "user"]
    expected = {"temperature": 0.0, "top_p": 0.9, "max_tokens": 50, "stop": ["END"], "seed": 7, "verbosity": "high"}
    assert expected.items() <= body.items()
    assert body["response_format"] == {"type": "json_object"}
    assert body["reasoning_effort"] == "low"
    assert (body["top_k"], body["ttl"]) == (3, 60)
    assert body["stream_options"] == {"include_usage": True, "more": 1}


def test_the_limit_has_two_names() -> None:
    request = question(parameters=ChatParameters(max_tokens=50))
    assert chat_call(HERE, request).body["max_tokens"] == 50
    body = chat_call(OPENAI, request).body
    assert body["max_completion_tokens"] == 50
    assert "max_tokens" not in body


def test_usage_is_not_asked_for_where_it_is_refused() -> None:
    assert "stream_options" not in chat_call(Endpoint("http://h/v1", sends_usage=False), question()).body
    assert "stream_options" not in chat_call(HERE, question(stream=False)).body


def test_pictures_travel_as_data_urls() -> None:
    picture = InlineImage("image/png", png(2, 2))
    request = ChatRequest(MODEL, (ChatMessage(Role.USER, "What?", (picture,)), ChatMessage(Role.USER, "", (picture,))))
    first, second = chat_call(HERE, request).body["messages"]
    assert first["content"][0] == {"type": "text", "text": "What?"}
    assert first["content"][1]["image_url"]["url"].startswith("data:image/png;base64,iVBOR")
    assert [part["type"] for part in second["content"]] == ["image_url"]


def test_a_json_schema_gets_a_name_unless_it_has_one() -> None:
    bare = ChatParameters(response_format=ResponseFormat.SCHEMA, json_schema='{"type": "object"}')
    wrapped = ChatParameters(
        response_format=ResponseFormat.SCHEMA, json_schema='{"name": "x", "schema": {"type": "object"}, "strict": true}'
    )
    sent = [chat_call(HERE, question(parameters=p)).body["response_format"]["json_schema"] for p in (bare, wrapped)]
    assert sent[0] == {"name": "answer", "schema": {"type": "object"}}
    assert sent[1] == {"name": "x", "schema": {"type": "object"}, "strict": True}


def test_a_schema_that_is_no_json_is_refused_before_sending() -> None:
    parameters = ChatParameters(response_format=ResponseFormat.SCHEMA, json_schema="{oops")
    with pytest.raises(SchemaUnusable) as refusal:
        chat_call(HERE, question(parameters=parameters))
    assert refusal.value.arguments == {"line": "1", "column": "2"}


def test_legacy_completions_continue_a_lone_prompt() -> None:
    body = completion_call(HERE, question("Once upon")).body
    assert (body["prompt"], body["max_tokens"]) == ("Once upon", COMPLETION_TOKENS)
    assert "stop" not in body


def test_legacy_completions_write_a_dialogue_out() -> None:
    body = completion_call(HERE, ChatRequest(MODEL, DIALOGUE)).body
    assert body["prompt"] == "Be brief.\n\nUser: Hi\n\nAssistant: Hello\n\nUser: More\n\nAssistant:"
    assert body["stop"] == ["\nUser:"]


def test_legacy_completions_cannot_take_pictures() -> None:
    request = ChatRequest(MODEL, (ChatMessage(Role.USER, "", (InlineImage("image/png", b"x"),)),))
    with pytest.raises(UnsupportedContent):
        completion_call(HERE, request)


@pytest.mark.parametrize("dialect", [Dialect.CHAT, Dialect.COMPLETIONS, Dialect.RESPONSES])
def test_a_whole_answer_is_one_delta_and_an_end(server: FakeOpenAI, dialect: Dialect) -> None:
    server.answer("All at once")
    outcome = chat(server, question(stream=False), dialect=dialect)
    assert outcome.error is None
    assert outcome.text == "All at once"
    assert outcome.last.usage == Usage(7, 3, 0, 2)
    assert outcome.last.finish_reason == "stop"
    assert server.posts()[0].json["stream"] is False


def test_a_whole_answer_with_everything(server: FakeOpenAI) -> None:
    calls = (("c1", "f", "{}"), ("c2", "g", "{}"))
    server.answer("Text", reasoning="Thought", refusal="No", calls=calls)
    outcome = chat(server, question(stream=False))
    assert (outcome.text, outcome.reasoning) == ("Text", "Thought")
    assert outcome.deltas[0].refusal == "No"
    assert outcome.last.function_calls == tuple(FunctionCall(*call) for call in calls)


def test_calls_without_any_number_in_a_whole_answer_stay_apart() -> None:
    decoder = ChatDecoder()
    calls = [{"function": {"name": name, "arguments": "{}"}} for name in "fg"]
    message = {"role": "assistant", "content": None, "tool_calls": calls}
    assert not list(decoder.feed("", {"choices": [{"message": message, "finish_reason": "tool_calls"}]}))
    assert [call.name for call in next(decoder.finish()).function_calls] == ["f", "g"]


@given(st.lists(st.dictionaries(st.sampled_from(["choices", "model", "usage"]), json_values), max_size=4))
def test_strange_payloads_do_no_harm(payloads: list[dict[str, Any]]) -> None:
    decoder = ChatDecoder()
    for payload in payloads:
        list(decoder.feed("", payload))
    list(decoder.finish())


@given(
    st.dictionaries(
        st.sampled_from(["content", "reasoning", "reasoning_details", "tool_calls", "function_call", "refusal"]),
        json_values,
    ),
    st.sampled_from(["delta", "message"]),
    json_values,
)
def test_strange_deltas_do_no_harm(message: dict[str, Any], kind: str, finish: Any) -> None:
    decoder = ChatDecoder()
    list(decoder.feed("", {"choices": [{"index": 0, kind: message, "finish_reason": finish}]}))
    list(decoder.finish())

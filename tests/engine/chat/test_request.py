from typing import Any

import pytest

from app.engine.chat.request import DEFAULT_TEMPERATURE, parse_chat, parse_completion
from app.engine.openai_errors import ApiError

MESSAGES = [{"role": "user", "content": "hi"}]


def chat(**changes: Any) -> dict[str, Any]:
    return {"messages": MESSAGES, **changes}


def test_the_plainest_request_gets_defaults() -> None:
    request = parse_chat(chat())
    assert request.messages == ({"role": "user", "content": "hi"},)
    assert request.options.temperature == DEFAULT_TEMPERATURE
    assert request.options.max_tokens is None
    assert not request.stream


def test_everything_a_client_may_set_arrives() -> None:
    request = parse_chat(
        chat(
            stream=True,
            stream_options={"include_usage": True},
            stop=["a", "b"],
            max_tokens=7,
            temperature=0,
            top_p=1,
            presence_penalty=-1,
            frequency_penalty=0.5,
            seed=42,
            logprobs=True,
            top_logprobs=3,
        )
    )
    options = request.options
    assert (request.stream, request.include_usage) == (True, True)
    assert (options.stop, options.max_tokens, options.temperature, options.top_p) == (("a", "b"), 7, 0.0, 1.0)
    assert (options.presence_penalty, options.frequency_penalty) == (-1.0, 0.5)
    assert (options.seed, options.top_logprobs) == (42, 3)


def test_the_new_name_of_the_token_limit_wins() -> None:
    assert parse_chat(chat(max_tokens=5, max_completion_tokens=9)).options.max_tokens == 9


def test_parts_of_text_are_joined_and_developers_are_the_system() -> None:
    parts = [{"type": "text", "text": "one "}, {"type": "text", "text": "two"}]
    request = parse_chat(
        {"messages": [{"role": "developer", "content": "be kind"}, {"role": "user", "content": parts}]}
    )
    assert request.messages == ({"role": "system", "content": "be kind"}, {"role": "user", "content": "one two"})


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"messages": []}, "messages"),
        ({"messages": "hi"}, "messages"),
        ({"messages": [{"content": "hi"}]}, "messages[0].role"),
        ({"messages": [*MESSAGES, {"role": "king", "content": "hi"}]}, "messages[1].role"),
        ({"messages": [{"role": "user", "content": 5}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": [{"type": "text"}]}]}, "messages[0].content[0]"),
        ({"n": 2}, "n"),
        ({"temperature": 2.1}, "temperature"),
        ({"temperature": "hot"}, "temperature"),
        ({"temperature": True}, "temperature"),
        ({"top_p": -0.1}, "top_p"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_tokens": 1.5}, "max_tokens"),
        ({"max_completion_tokens": -1}, "max_completion_tokens"),
        ({"presence_penalty": 3}, "presence_penalty"),
        ({"frequency_penalty": -3}, "frequency_penalty"),
        ({"seed": "x"}, "seed"),
        ({"stop": ["a"] * 5}, "stop"),
        ({"stop": [1]}, "stop"),
        ({"stop": 3}, "stop"),
        ({"top_logprobs": 3}, "top_logprobs"),
        ({"logprobs": True, "top_logprobs": 21}, "top_logprobs"),
        ({"stream_options": "usage"}, "stream_options"),
        ({"tools": [{"type": "function"}]}, "tools"),
        ({"logit_bias": {"1": 5}}, "logit_bias"),
        ({"response_format": {"type": "xml"}}, "response_format"),
        ({"response_format": "json"}, "response_format"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], param: str) -> None:
    with pytest.raises(ApiError) as refused:
        parse_chat(chat(**changes))
    assert (refused.value.status, refused.value.param) == (400, param)


def test_a_picture_is_refused_with_a_way_out() -> None:
    part = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}
    with pytest.raises(ApiError, match="cannot see pictures") as refused:
        parse_chat({"messages": [{"role": "user", "content": [part]}]})
    assert refused.value.code == "unsupported_content"


def test_a_completion_gets_its_own_defaults() -> None:
    request = parse_completion({"prompt": "Once", "logprobs": 2, "echo": True})
    assert (request.prompt, request.echo) == ("Once", True)
    assert (request.options.max_tokens, request.options.top_logprobs) == (16, 2)


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"prompt": ""}, "prompt"),
        ({"prompt": [1, 2]}, "prompt"),
        ({"prompt": ["a", "b"]}, "prompt"),
        ({"suffix": "end"}, "suffix"),
        ({"best_of": 3}, "best_of"),
        ({"logprobs": 6}, "logprobs"),
    ],
)
def test_what_a_completion_cannot_do_is_named(changes: dict[str, Any], param: str) -> None:
    with pytest.raises(ApiError) as refused:
        parse_completion({"prompt": "Once", **changes})
    assert refused.value.param == param

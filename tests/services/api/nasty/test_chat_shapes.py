"""Nasty but real, cases 17 to 35: the shapes of a chat's chunks and answers."""

from __future__ import annotations

from typing import Any

import pytest

from app.model.chat import FunctionCall, Usage
from app.model.errors import AppError, BrokenAnswer, ContextTooLong, RateLimited, RequestRefused, ServerTrouble
from app.model.providers import Dialect
from app.model.server_errors import TroubleInAnswer
from tests.fakes.openai_server import Chunk, FakeOpenAI, event
from tests.services.api.asking import Outcome, chat, question
from tests.services.api.nasty.bytes_of_chat import DONE, as_json, chunk, whole


def streamed(server: FakeOpenAI, *chunks: Any, done: bool = True) -> Outcome:
    """What comes of a stream of these chunks; bytes are sent as they are."""
    events: list[Chunk] = [one if isinstance(one, bytes) else event(one) for one in chunks]
    server.reply_bytes([*events, DONE] if done else events)
    return chat(server)


def answered(server: FakeOpenAI, body: Any, *, times: int = 1) -> Outcome:
    """What comes of this body as a whole answer."""
    server.reply(200, as_json(body), {"Content-Type": "application/json"}, times=times)
    return chat(server, question(stream=False))


def test_case_17_a_first_chunk_with_filter_results_only(server: FakeOpenAI) -> None:
    filters = {"choices": [], "created": 0, "id": "", "model": "", "prompt_filter_results": [{"prompt_index": 0}]}
    named = {**chunk("stop", content="Fine."), "id": "chatcmpl-9", "model": "gpt-4o-2024-08-06"}
    outcome = streamed(server, filters, named)
    assert (outcome.text, outcome.error, outcome.last.model_id) == ("Fine.", None, "gpt-4o-2024-08-06")


def test_case_18_usage_comes_last_and_alone_or_in_every_chunk(server: FakeOpenAI) -> None:
    def used(tokens: int) -> dict[str, Any]:
        return {"usage": {"prompt_tokens": 5, "completion_tokens": tokens}}

    outcome = streamed(server, chunk("stop", content="Hi") | {"usage": None}, {"choices": [], **used(3)})
    assert (outcome.text, outcome.last.usage) == ("Hi", Usage(5, 3))
    growing = [chunk(content="a") | used(1), chunk(content="b") | used(2), chunk("stop") | used(2)]
    assert streamed(server, *growing).last.usage == Usage(5, 2)  # the last one wins, nothing is added up


@pytest.mark.parametrize("body", [{"choices": None}, {"choices": []}, {"id": "x"}, [], 5, "text"])
def test_case_19_status_200_without_choices(server: FakeOpenAI, body: Any) -> None:
    outcome = answered(server, body)
    assert type(outcome.error) is BrokenAnswer
    assert as_json(body).decode()[:10] in outcome.error.server_words
    empty = streamed(server, {"choices": None}) if isinstance(body, dict) else streamed(server)
    assert type(empty.error) is BrokenAnswer


@pytest.mark.parametrize("error", [{"message": "boom", "code": 502}, "boom"])
def test_case_20_status_200_with_an_error(server: FakeOpenAI, error: Any) -> None:
    outcome = answered(server, {"error": error, "choices": None}, times=3)
    assert type(outcome.error) is (TroubleInAnswer if error == "boom" else ServerTrouble)
    assert outcome.error.server_words == "boom"
    assert outcome.error.status == (None if error == "boom" else 502)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ({"message": "no", "code": 429}, RateLimited),
        ({"message": "no", "code": "rate_limit_exceeded"}, RateLimited),
        (
            {"object": "error", "message": "no", "type": "InternalServerError", "param": None, "code": 500},
            ServerTrouble,
        ),
        ({"message": "no", "type": "invalid_request_error", "code": None}, RequestRefused),
        ("no", TroubleInAnswer),
    ],
)
@pytest.mark.parametrize("done", [True, False])
def test_case_21_an_error_in_the_middle(server: FakeOpenAI, error: Any, expected: type[AppError], done: bool) -> None:
    outcome = streamed(server, chunk(content="Half"), {"error": error}, done=done)
    assert (outcome.text, type(outcome.error)) == ("Half", expected)
    assert outcome.error is not None
    assert outcome.error.server_words == "no"
    with_choices = {**chunk("error", content=""), "error": error}
    assert type(streamed(server, chunk(content="Half"), with_choices, done=done).error) is expected
    assert len(server.posts()) == 2


def test_case_22_an_error_as_a_field_of_its_own(server: FakeOpenAI) -> None:
    error = b'error: {"code":400,"message":"the request exceeds the available context size","type":"x"}\n\n'
    outcome = streamed(server, chunk(content="Half"), error, done=False)
    assert (outcome.text, type(outcome.error)) == ("Half", ContextTooLong)


def test_case_23_reasoning_and_never_an_answer(server: FakeOpenAI) -> None:
    outcome = streamed(server, chunk(content=None, reasoning_content="I think"), chunk("length", content=None))
    assert (outcome.text, outcome.reasoning, outcome.error) == ("", "I think", None)
    assert outcome.last.finish_reason == "length"
    outcome = answered(server, whole("", reasoning="I think") | {"model": "m"})
    assert (outcome.text, outcome.reasoning, outcome.error) == ("", "I think", None)


def test_case_24_reasoning_and_words_in_one_chunk(server: FakeOpenAI) -> None:
    outcome = streamed(
        server, chunk(reasoning_content="last thought", content="First word"), chunk("stop", content="s")
    )
    assert (outcome.text, outcome.reasoning) == ("First words", "last thought")


def test_case_25_the_same_reasoning_in_two_fields(server: FakeOpenAI) -> None:
    outcome = streamed(server, chunk(reasoning="same", reasoning_content="same"), chunk("stop", content="Yes"))
    assert (outcome.text, outcome.reasoning) == ("Yes", "same")


def test_case_26_content_as_a_list_of_parts(server: FakeOpenAI) -> None:
    thinking = [{"type": "thinking", "thinking": [{"type": "text", "text": "Let me see."}]}]
    text = [{"type": "text", "text": "Forty"}, "-", {"type": "text", "text": "two"}]
    outcome = streamed(server, chunk(content=thinking), chunk("stop", content=text))
    assert (outcome.text, outcome.reasoning) == ("Forty-two", "Let me see.")
    outcome = answered(server, whole("", content=[*thinking, *text]))
    assert (outcome.text, outcome.reasoning) == ("Forty-two", "Let me see.")


def call(**fields: Any) -> dict[str, Any]:
    function = {name: fields.pop(name) for name in ("name", "arguments") if name in fields}
    return chunk(tool_calls=[{**fields, "function": function}])


TOOL_CALLS: dict[str, tuple[list[dict[str, Any]], list[FunctionCall]]] = {
    "without an index": (
        [call(id="a", name="f", arguments='{"x":'), call(name="", arguments="1}"), call(id="b", name="g")],
        [FunctionCall("a", "f", '{"x":1}'), FunctionCall("b", "g", "")],
    ),
    "one index for two calls": (
        [call(index=0, id="a", name="f", arguments="{}"), call(index=0, id="b", name="g", arguments="{}")],
        [FunctionCall("a", "f", "{}"), FunctionCall("b", "g", "{}")],
    ),
    "arguments before the name": (
        [call(index=0, arguments="{}"), call(index=0, id="a", name="f")],
        [FunctionCall("a", "f", "{}")],
    ),
    "id and name repeated": (
        [call(index=0, id="a", name="f", arguments="{"), call(index=0, id="a", name="f", arguments="}")],
        [FunctionCall("a", "f", "{}")],
    ),
    "an empty name repeated": (
        [call(index=0, id="a", name="f", arguments="{"), call(index=0, id="", name="", arguments="}")],
        [FunctionCall("a", "f", "{}")],
    ),
}


@pytest.mark.parametrize("name", TOOL_CALLS)
def test_case_27_function_calls_in_careless_pieces(server: FakeOpenAI, name: str) -> None:
    pieces, expected = TOOL_CALLS[name]
    assert streamed(server, *pieces, chunk("tool_calls")).last.function_calls == tuple(expected)


@pytest.mark.parametrize(
    ("arguments", "kept"), [("{oops", "{oops"), ("", ""), ({"y": 2}, '{"y": 2}'), ('{"unknown": 1}', '{"unknown": 1}')]
)
def test_case_28_arguments_that_are_no_good_json_are_kept(server: FakeOpenAI, arguments: Any, kept: str) -> None:
    outcome = streamed(server, call(index=0, id="a", name="f", arguments=arguments), chunk("tool_calls"))
    assert outcome.last.function_calls == (FunctionCall("a", "f", kept),)
    calls = [{"id": "a", "type": "function", "function": {"name": "f", "arguments": arguments}}]
    assert answered(server, whole("", tool_calls=calls)).last.function_calls == (FunctionCall("a", "f", kept),)


@pytest.mark.parametrize("reason", ["error", "eos", "abort", "", None, 5])
def test_case_29_an_unknown_finish_reason(server: FakeOpenAI, reason: Any) -> None:
    outcome = streamed(server, chunk(reason, content="All"))
    assert (outcome.text, outcome.error) == ("All", None)
    assert outcome.last.finish_reason == (reason if isinstance(reason, str) else "")


def test_case_30_numbers_that_json_does_not_have(server: FakeOpenAI) -> None:
    """Log probabilities and embeddings are not asked for; where a server sends them all the same they do no harm."""
    probable = chunk("stop", content="All")
    probable["choices"][0]["logprobs"] = {"content": [{"logprob": float("-inf")}, {"logprob": float("nan")}]}
    outcome = streamed(server, probable | {"usage": {"prompt_tokens": float("nan"), "completion_tokens": 1}})
    assert (outcome.text, outcome.error, outcome.last.usage) == ("All", None, Usage(None, 1))


@pytest.mark.parametrize("role", [{}, {"role": "assistant"}])
def test_case_31_a_role_in_no_chunk_or_in_each_and_no_delta(server: FakeOpenAI, role: dict[str, str]) -> None:
    hollow = [{"choices": [{"index": 0, "delta": None}]}, {"choices": [{"index": 0}]}]
    outcome = streamed(server, *hollow, chunk(content="one ", **role), chunk("stop", content="two", **role))
    assert (outcome.text, outcome.error) == ("one two", None)


def test_case_32_ids_that_collide_and_another_model(server: FakeOpenAI) -> None:
    shell = {"id": "chatcmpl-123", "created": 0, "model": "something-else"}
    first = streamed(server, chunk("stop", content="one") | shell)
    second = streamed(server, chunk("stop", content="two") | shell)
    assert [outcome.text for outcome in (first, second)] == ["one", "two"]
    assert first.last.model_id == "something-else"


def test_case_33_keys_that_nobody_knows(server: FakeOpenAI) -> None:
    extra = {
        "obfuscation": "Ab3",
        "moderation": {"input": None},
        "timings": {"predicted_n": 3},
        "stats": {},
        "provider": "X",
        "system_fingerprint": None,
    }
    odd = chunk("stop", content="All", unknown={"a": [1]}) | extra
    odd["choices"][0] |= {"stop_reason": None, "native_finish_reason": "STOP"}
    outcome = streamed(server, odd)
    assert (outcome.text, outcome.error) == ("All", None)


def test_case_34_a_refusal_instead_of_words(server: FakeOpenAI) -> None:
    outcome = streamed(server, chunk(content=None, refusal="I can't "), chunk("stop", refusal="do that."))
    assert "".join(delta.refusal for delta in outcome.deltas) == "I can't do that."
    outcome = answered(server, whole("", content=None, refusal="No."))
    assert (outcome.text, outcome.deltas[0].refusal, outcome.error) == ("", "No.", None)


def test_case_35_a_completed_response_without_output(server: FakeOpenAI) -> None:
    delta = {"type": "response.output_text.delta", "output_index": 0, "content_index": 0, "delta": "Hi"}
    response = {"id": "resp_1", "object": "response", "status": "completed", "output": None, "usage": None}
    completed = {"type": "response.completed", "response": response}
    server.reply_bytes([event(delta, "response.output_text.delta"), event(completed, "response.completed")])
    outcome = chat(server, dialect=Dialect.RESPONSES)
    assert (outcome.text, outcome.error, outcome.last.finish_reason) == ("Hi", None, "stop")

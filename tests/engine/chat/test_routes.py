"""The text endpoints with the real small model, through the official client."""

from __future__ import annotations

import json
import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam
from openai.types.shared_params import ResponseFormatJSONSchema

from tests.engine.conftest import CHAT, LONG_CHAT, RunningEngine

pytestmark = pytest.mark.engine

QUESTION: list[ChatCompletionMessageParam] = [
    {"role": "user", "content": "What is the capital of France? Answer briefly."}
]
ENDLESS: ResponseFormatJSONSchema = {
    "type": "json_schema",
    "json_schema": {"name": "endless", "schema": {"type": "array", "items": {"type": "integer"}, "minItems": 1900}},
}
"""An answer that is never over."""
STORY: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Write a very long story about a dragon."}]


def test_a_question_is_answered(engine: RunningEngine) -> None:
    answer = engine.client.chat.completions.create(model=CHAT, messages=QUESTION, temperature=0)
    choice = answer.choices[0]
    assert "Paris" in (choice.message.content or "")
    assert choice.finish_reason == "stop"
    assert answer.usage is not None
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens > 20


def test_an_answer_that_has_begun_is_gone_on_with(engine: RunningEngine) -> None:
    begun: list[ChatCompletionMessageParam] = [*QUESTION, {"role": "assistant", "content": "The capital of France is"}]
    answer = engine.client.chat.completions.create(model=CHAT, messages=begun, temperature=0)
    words = answer.choices[0].message.content or ""
    assert words.startswith(" Paris"), "not a new answer, and with the space that is due"


def test_a_stream_says_the_same_piece_by_piece(engine: RunningEngine) -> None:
    whole = engine.client.chat.completions.create(model=CHAT, messages=QUESTION, temperature=0, seed=1)
    with engine.client.chat.completions.create(
        model=CHAT, messages=QUESTION, temperature=0, seed=1, stream=True, stream_options={"include_usage": True}
    ) as stream:
        chunks = list(stream)
    choices = [chunk.choices[0] for chunk in chunks if chunk.choices]
    assert choices[0].delta.role == "assistant"
    assert "".join(choice.delta.content or "" for choice in choices) == whole.choices[0].message.content
    assert [choice.finish_reason for choice in choices if choice.finish_reason] == ["stop"]
    assert len({chunk.id for chunk in chunks}) == 1
    assert [chunk.usage is not None for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
    assert chunks[-1].usage is not None
    assert whole.usage is not None
    assert chunks[-1].usage.completion_tokens == whole.usage.completion_tokens


def test_usage_is_not_sent_unasked(engine: RunningEngine) -> None:
    with engine.client.chat.completions.create(model=CHAT, messages=QUESTION, max_tokens=2, stream=True) as stream:
        assert all(chunk.choices and chunk.usage is None for chunk in stream)


def test_the_token_limit_is_kept_and_told(engine: RunningEngine) -> None:
    answer = engine.client.chat.completions.create(model=CHAT, messages=STORY, max_completion_tokens=5)
    assert answer.choices[0].finish_reason == "length"
    assert answer.usage is not None
    assert answer.usage.completion_tokens == 5


def test_without_a_limit_the_answer_ends_when_the_context_is_full(engine: RunningEngine) -> None:
    messages: list[ChatCompletionMessageParam] = [{"role": "user", "content": "word " * 440}]
    answer = engine.client.chat.completions.create(model=CHAT, messages=messages, response_format=ENDLESS)
    assert answer.choices[0].finish_reason == "length"
    assert answer.usage is not None
    assert answer.usage.total_tokens == 512


def test_stop_strings_end_the_answer_before_them(engine: RunningEngine) -> None:
    messages: list[ChatCompletionMessageParam] = [
        {"role": "user", "content": "Count from 1 to 10 separated by commas."}
    ]

    def count(**options: Any) -> Any:
        return engine.client.chat.completions.create(
            model=CHAT, messages=messages, temperature=0, max_tokens=60, seed=1, **options
        ).choices[0]

    free = count()
    text = free.message.content
    stop = text[4:9]  # lies across tokens
    stopped = count(stop=stop)
    assert stopped.message.content == text[: text.index(stop)]
    assert stopped.finish_reason == "stop"
    assert count(stop=["never there", stop]).message.content == stopped.message.content


def test_the_same_seed_gives_the_same_answer(engine: RunningEngine) -> None:
    def tell(seed: int) -> str | None:
        answer = engine.client.chat.completions.create(
            model=CHAT, messages=STORY, temperature=1.2, max_tokens=24, seed=seed
        )
        return answer.choices[0].message.content

    assert tell(7) == tell(7)
    assert len({tell(seed) for seed in (1, 2, 3)}) > 1


def test_json_mode_gives_an_object(engine: RunningEngine) -> None:
    messages: list[ChatCompletionMessageParam] = [
        {"role": "user", "content": "Give a JSON object with the keys name and age."}
    ]
    answer = engine.client.chat.completions.create(
        model=CHAT, messages=messages, response_format={"type": "json_object"}, temperature=0, max_tokens=200
    )
    assert answer.choices[0].finish_reason == "stop"
    assert isinstance(json.loads(answer.choices[0].message.content or ""), dict)


def test_a_schema_is_followed(engine: RunningEngine) -> None:
    schema = {
        "type": "object",
        "properties": {
            "city": {"type": "string", "maxLength": 20},
            "size": {"enum": ["small", "large"]},
            "people": {"type": "integer"},
        },
        "required": ["city", "size", "people"],
        "additionalProperties": False,
    }
    answer = engine.client.chat.completions.create(
        model=CHAT,
        messages=[{"role": "user", "content": "Describe Paris."}],
        response_format={"type": "json_schema", "json_schema": {"name": "city", "schema": schema}},
        max_tokens=120,
        presence_penalty=0.1,
    )
    city = json.loads(answer.choices[0].message.content or "")
    assert list(city) == ["city", "size", "people"]
    assert city["size"] in ("small", "large")
    assert isinstance(city["people"], int)


def test_a_schema_that_makes_no_grammar_is_refused(engine: RunningEngine) -> None:
    schema: dict[str, object] = {"type": "string", "minLength": 50_000}
    with pytest.raises(openai.BadRequestError) as refused:
        engine.client.chat.completions.create(
            model=CHAT,
            messages=QUESTION,
            response_format={"type": "json_schema", "json_schema": {"name": "x", "schema": schema}},
        )
    assert refused.value.code == "invalid_json_schema"


def test_logprobs_are_probabilities_of_what_was_said(engine: RunningEngine) -> None:
    answer = engine.client.chat.completions.create(
        model=CHAT, messages=QUESTION, temperature=0, logprobs=True, top_logprobs=3, max_tokens=6
    )
    logprobs = answer.choices[0].logprobs
    assert logprobs is not None
    content = logprobs.content or []
    assert b"".join(bytes(token.bytes or []) for token in content).decode() == answer.choices[0].message.content
    for token in content:
        assert token.logprob <= 0
        assert token.top_logprobs[0].token == token.token  # greedy takes the likeliest
        assert sum(math.exp(top.logprob) for top in token.top_logprobs) <= 1.001


def test_the_beginning_of_a_conversation_is_not_read_twice(engine: RunningEngine) -> None:
    first = engine.client.chat.completions.create(model=CHAT, messages=QUESTION, max_tokens=8)
    said: list[ChatCompletionMessageParam] = [
        *QUESTION,
        {"role": "assistant", "content": first.choices[0].message.content or ""},
        {"role": "user", "content": "And of Italy?"},
    ]
    second = engine.client.chat.completions.create(model=CHAT, messages=said, max_tokens=8)
    assert first.usage is not None
    assert second.usage is not None
    assert second.usage.prompt_tokens_details is not None
    assert (second.usage.prompt_tokens_details.cached_tokens or 0) >= first.usage.prompt_tokens - 1


def test_a_prompt_beyond_the_context_is_refused_in_words(engine: RunningEngine) -> None:
    with pytest.raises(openai.BadRequestError, match="maximum context length is 512 tokens") as refused:
        engine.client.chat.completions.create(model=CHAT, messages=[{"role": "user", "content": "word " * 900}])
    assert refused.value.code == "context_length_exceeded"


def test_requests_wait_for_one_another(engine: RunningEngine) -> None:
    def ask(number: int) -> str | None:
        answer = engine.client.chat.completions.create(
            model=CHAT, messages=[{"role": "user", "content": f"Say {number}."}], max_tokens=8
        )
        return answer.choices[0].finish_reason

    with ThreadPoolExecutor(3) as pool:
        assert set(pool.map(ask, range(3))) <= {"stop", "length"}


def test_a_client_that_hangs_up_frees_the_model(engine: RunningEngine) -> None:
    with engine.client.chat.completions.create(
        model=LONG_CHAT, messages=STORY, stream=True, response_format=ENDLESS
    ) as stream:
        next(iter(stream))
    assert "Paris" in ask_soon_after(engine)


def test_a_client_that_leaves_before_the_first_word_is_noticed(engine: RunningEngine) -> None:
    impatient = engine.client.with_options(timeout=0.5)
    with pytest.raises(openai.APITimeoutError):
        impatient.chat.completions.create(model=LONG_CHAT, messages=[{"role": "user", "content": "word " * 7000}])
    assert "Paris" in ask_soon_after(engine)


def ask_soon_after(engine: RunningEngine) -> str:
    """Long before the abandoned work could have come to its end."""
    hurried = engine.client.with_options(timeout=15)
    answer = hurried.chat.completions.create(model=LONG_CHAT, messages=QUESTION, temperature=0)
    return answer.choices[0].message.content or ""


@pytest.mark.parametrize(
    ("model", "error", "code"),
    [
        ("nowhere", openai.NotFoundError, "model_not_found"),
        ("whisper-base", openai.BadRequestError, "model_not_supported"),
        ("broken", openai.InternalServerError, "model_file_broken"),
        ("gone", openai.InternalServerError, "model_file_missing"),
    ],
)
def test_a_model_that_cannot_answer_says_why(
    engine: RunningEngine, model: str, error: type[openai.APIStatusError], code: str
) -> None:
    with pytest.raises(error) as refused:
        engine.client.chat.completions.create(model=model, messages=QUESTION)
    assert refused.value.code == code


def test_a_wrong_body_is_refused(engine: RunningEngine) -> None:
    for body in (b"{bad", b"[]", b"\xff"):
        answer = engine.http.post("/v1/chat/completions", content=body)
        assert answer.status_code == 400
        assert answer.json()["error"]["type"] == "invalid_request_error"


def test_a_text_is_continued(engine: RunningEngine) -> None:
    answer = engine.client.completions.create(
        model=CHAT, prompt="The capital of France is", temperature=0, max_tokens=4, logprobs=2, echo=True
    )
    choice = answer.choices[0]
    assert choice.text.startswith("The capital of France is Paris")
    assert choice.finish_reason == "length"
    assert choice.logprobs is not None
    assert choice.logprobs.text_offset == [24, *(choice.logprobs.text_offset or [])[1:]]
    assert len(choice.logprobs.tokens or []) == 4
    assert all(len(top) == 2 for top in choice.logprobs.top_logprobs or [])


def test_a_continuation_streams(engine: RunningEngine) -> None:
    with engine.client.completions.create(
        model=CHAT,
        prompt="The capital of France is",
        temperature=0,
        stop=".",
        stream=True,
        stream_options={"include_usage": True},
    ) as stream:
        chunks = list(stream)
    assert "".join(chunk.choices[0].text for chunk in chunks if chunk.choices).startswith(" Paris")
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens <= 16


def test_an_answer_does_not_repeat_itself_for_ever(engine: RunningEngine) -> None:
    begun: list[ChatCompletionMessageParam] = [*STORY, {"role": "assistant", "content": "A fox, a fox, a fox, a fox,"}]
    answer = engine.client.chat.completions.create(model=CHAT, messages=begun, temperature=0, max_tokens=120)
    words = (answer.choices[0].message.content or "").split()
    assert len(set(words)) > len(words) / 4

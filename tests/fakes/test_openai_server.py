"""The fake server against the official client: what passes here may be trusted to behave like OpenAI."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import openai
import pytest

from tests.fakes.openai_pictures import png, png_size
from tests.fakes.openai_server import FakeOpenAI

KEY = "sk-test-0123456789"


@pytest.fixture
def server() -> Iterator[FakeOpenAI]:
    with FakeOpenAI(key=KEY) as running:
        yield running


@pytest.fixture
def client(server: FakeOpenAI) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=server.base_url, api_key=KEY, max_retries=0) as made:
        yield made


def test_models_are_listed(client: openai.OpenAI) -> None:
    assert "gpt-6-luna" in [model.id for model in client.models.list()]


def test_chat_streams_with_usage(server: FakeOpenAI, client: openai.OpenAI) -> None:
    server.answer("Good morning to you", reasoning="be kind")
    chunks = list(
        client.chat.completions.create(
            model="gpt-6-luna",
            messages=[{"role": "user", "content": "hi"}],
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == "Good morning to you"
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens == 4


def test_chat_echoes_when_nothing_was_scripted(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(model="gpt-6-luna", messages=[{"role": "user", "content": "hi"}])
    assert answer.choices[0].message.content == "You said: hi"


def test_chat_holds_until_released(server: FakeOpenAI, client: openai.OpenAI) -> None:
    server.answer("one two three", hold_after=1)
    stream = client.chat.completions.create(
        model="gpt-6-luna", messages=[{"role": "user", "content": "count"}], stream=True
    )
    pieces = (chunk.choices[0].delta.content for chunk in stream)
    assert [next(pieces), next(pieces)] == ["", "one "]
    server.release()
    assert list(pieces) == ["two ", "three", None]


def test_a_client_that_leaves_is_noticed(server: FakeOpenAI, client: openai.OpenAI) -> None:
    server.answer("one two", hold_after=1)
    stream = client.chat.completions.create(
        model="gpt-6-luna", messages=[{"role": "user", "content": "count"}], stream=True
    )
    next(iter(stream))
    stream.close()
    server.wait_for_departures()


def test_responses_stream(server: FakeOpenAI, client: openai.OpenAI) -> None:
    server.answer("Good morning", reasoning="think", calls=(("call_1", "look", "{}"),))
    with client.responses.stream(model="gpt-6-luna", input="hi") as stream:
        final = stream.get_final_response()
    assert final.output_text == "Good morning"
    assert [item.type for item in final.output] == ["reasoning", "message", "function_call"]


def test_completions(server: FakeOpenAI, client: openai.OpenAI) -> None:
    server.answer("and so on")
    assert client.completions.create(model="gpt-4o", prompt="Once").choices[0].text == "and so on"


def test_pictures_stream_with_previews(client: openai.OpenAI) -> None:
    events = list(
        client.images.generate(model="gpt-image-2", prompt="a cat", size="1024x1024", stream=True, partial_images=2)
    )
    kinds = [event.type for event in events]
    assert kinds == ["image_generation.partial_image"] * 2 + ["image_generation.completed"]


def test_edits_take_files(server: FakeOpenAI, client: openai.OpenAI) -> None:
    answer = client.images.edit(model="gpt-image-2", prompt="bluer", image=[("a.png", png()), ("b.png", png())], n=2)
    assert answer.data is not None
    assert len(answer.data) == 2
    request = server.posts("/images/edits")[0]
    assert [part.file_name for part in request.files] == ["a.png", "b.png"]
    assert request.files[0].data == png()
    assert request.fields["prompt"] == ["bluer"]


@pytest.mark.parametrize("wanted", ["json", "verbose_json", "text", "srt", "vtt"])
def test_transcripts_in_every_format(client: openai.OpenAI, wanted: str) -> None:
    answer = client.audio.transcriptions.create(
        model="whisper-1",
        file=("a.wav", b"RIFF"),
        response_format=wanted,  # type: ignore[call-overload] # the format is one of the allowed ones
    )
    assert "Hello from the fake server." in (answer if isinstance(answer, str) else answer.text)


def test_transcripts_stream(client: openai.OpenAI) -> None:
    events = client.audio.transcriptions.create(model="gpt-transcribe", file=("a.wav", b"RIFF"), stream=True)
    assert [event.type for event in events] == ["transcript.text.delta"] * 2 + ["transcript.text.done"]


def test_wrong_key(server: FakeOpenAI) -> None:
    with (
        openai.OpenAI(base_url=server.base_url, api_key="sk-wrong", max_retries=0) as client,
        pytest.raises(openai.AuthenticationError) as caught,
    ):
        client.models.list()
    assert caught.value.code == "invalid_api_key"


def test_unknown_model(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        client.chat.completions.create(model="gpt-none", messages=[{"role": "user", "content": "hi"}])
    assert caught.value.code == "model_not_found"


def test_scripted_replies_come_in_order(server: FakeOpenAI, client: openai.OpenAI) -> None:
    server.reply_error(429, "rate_limit_exceeded", "requests", headers={"Retry-After": "3"})
    server.reply(502, "<html><title>Bad gateway</title></html>")
    with pytest.raises(openai.RateLimitError) as limited:
        client.chat.completions.create(model="gpt-6-luna", messages=[{"role": "user", "content": "hi"}])
    assert limited.value.response.headers["retry-after"] == "3"
    with pytest.raises(openai.InternalServerError):
        client.chat.completions.create(model="gpt-6-luna", messages=[{"role": "user", "content": "hi"}])
    assert client.models.list().data


def test_pictures_by_url_can_be_fetched(server: FakeOpenAI, client: openai.OpenAI) -> None:
    server.pictures_by_url = True
    answer = client.images.generate(model="gpt-image-2", prompt="a cat")
    assert answer.data is not None
    assert answer.data[0].url is not None
    fetched = httpx.get(answer.data[0].url, headers={"Authorization": f"Bearer {KEY}"}, trust_env=False)
    assert png_size(fetched.content) == (64, 64)

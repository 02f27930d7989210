"""Each preset against its server's dialect, from the profile to what people get, and the requests that are sent."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest

from app.model.audio import TranscriptionOptions, TranscriptionRequest, TranscriptionResult
from app.model.chat import ChatMessage, ChatParameters, ChatRequest, Role, TextDelta
from app.model.errors import AppError, KeyRejected
from app.model.images import FinishedImage, ImageRequest, ImageSettings
from app.model.providers import Endpoint, ModelReference, Provider, Verdict
from app.paths import Paths
from app.workers.providers.knowledge import presets
from tests.services.api.dialects.replaying import ABSENT, NAMES, ReplayingServer, expected_of
from tests.workers.providing import Providing, provided

SPEECH = b"RIFF\x24\x00\x00\x00WAVEfmt "
NEVER_SENT = {"store", "metadata", "service_tier", "safety_identifier", "verbosity", "prompt_cache_key", "user"}
"""Fields that only OpenAI understands, and that nobody asked for."""


def told(server: ReplayingServer, paths: Paths, story: Callable[[Providing, Provider], Awaitable[None]]) -> None:
    """Run a story with a profile as the preset makes it, at this server instead of the real one."""

    async def with_profile(made: Providing) -> None:
        profile = replace(made.worker.profiles.new(server.preset), base_url=server.base_url)
        await made.worker.profiles.save(profile)
        await made.worker.profiles.set_key(profile.id, server.key)
        await story(made, profile)

    provided(paths, with_profile)


@pytest.fixture(params=NAMES)
def server(request: pytest.FixtureRequest) -> Any:
    with ReplayingServer(request.param) as running:
        yield running


def having(*what: str) -> pytest.MarkDecorator:
    """The dialects whose `expected.json` speaks of all of `what`."""
    names = [name for name in NAMES if all(part in expected_of(name) for part in what)]
    assert names
    return pytest.mark.parametrize("server", names, indirect=True)


async def endpoint_of(made: Providing, profile: Provider, model: str) -> Endpoint:
    return await made.worker.endpoint_for(ModelReference(profile.id, model))


async def collected(answer: AsyncGenerator[Any]) -> list[Any]:
    async with aclosing(answer) as items:
        return [item async for item in items]


def question(model: str, **parameters: Any) -> ChatRequest:
    messages = (ChatMessage(Role.SYSTEM, "Be brief."), ChatMessage(Role.USER, "hi"))
    return ChatRequest(model, messages, ChatParameters(**parameters))


def test_every_preset_that_is_a_dialect_of_its_own_is_here() -> None:
    # OpenAI's is the fake server's; Mistral's and DeepSeek's streams are among the recorded ones.
    assert {preset.id for preset in presets()} - set(NAMES) == {"openai", "mistral", "deepseek", "custom"}


def test_the_models_and_what_they_can_do(server: ReplayingServer, paths: Paths) -> None:
    async def story(made: Providing, profile: Provider) -> None:
        answer = await made.worker.models.ask(profile)
        assert answer.error is None
        assert {model.id: sorted(model.capabilities) for model in answer.models} == server.expected["models"]
        facts = {model.id: model for model in answer.models}
        for model_id, tokens in server.expected.get("context_tokens", {}).items():
            assert facts[model_id].context_tokens == tokens
        for model_id, date in server.expected.get("shutdown", {}).items():
            assert facts[model_id].shutdown_date == date
        assert made.worker.models.known_of(profile).models == answer.models  # what it told is remembered

    told(server, paths, story)
    _header_is_right(server)


@having("chat")
def test_a_chat(server: ReplayingServer, paths: Paths) -> None:
    expected = server.expected["chat"]

    async def story(made: Providing, profile: Provider) -> None:
        endpoint = await endpoint_of(made, profile, expected["model"])
        items = await collected(made.api.chat(endpoint, question(expected["model"], max_tokens=99)))
        deltas = [item for item in items if isinstance(item, TextDelta)]
        assert items == deltas
        assert "".join(delta.text for delta in deltas) == expected["text"]
        assert "".join(delta.reasoning for delta in deltas) == expected["reasoning"]
        last = deltas[-1]
        assert last.finish_reason == expected["finish_reason"]
        assert last.usage is not None
        assert [last.usage.input_tokens, last.usage.output_tokens] == expected["usage"]

    told(server, paths, story)
    (sent,) = server.posts()
    body = sent.json
    assert sent.path.endswith("/chat/completions")
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert all(isinstance(message["content"], str) for message in body["messages"])
    limit = expected.get("limit_name", "max_tokens")
    assert (body.pop(limit), body["model"], body["stream"]) == (99, expected["model"], True)
    assert body["stream_options"]["include_usage"] is True
    assert set(body) == {"model", "messages", "stream", "stream_options"}
    _header_is_right(server)


@having("refused")
def test_a_refusal_in_the_servers_words(server: ReplayingServer, paths: Paths) -> None:
    expected = server.expected["refused"]

    async def story(made: Providing, profile: Provider) -> None:
        endpoint = await endpoint_of(made, profile, ABSENT)
        if expected.get("route") == "transcript":
            answer: AsyncGenerator[Any] = made.api.transcribe(endpoint, _speech(ABSENT))
        else:
            answer = made.api.chat(endpoint, question(ABSENT))
        with pytest.raises(AppError) as caught:
            await collected(answer)
        assert type(caught.value).__name__ == expected["error"]
        assert expected["words"] in caught.value.server_words

    told(server, paths, story)
    assert len(server.requests) == 1


def test_the_test_button_finds_that_it_works(server: ReplayingServer, paths: Paths) -> None:
    async def story(made: Providing, profile: Provider) -> None:
        result = await made.worker.test(profile)
        assert (result.verdict, len(result.models)) == (Verdict.WORKS, len(server.expected["models"]))

    told(server, paths, story)
    assert not any(b'"model"' in post.body for post in server.posts())


@having("key")
@pytest.mark.parametrize(("key", "verdict"), [("sk-wrong-0123456789", Verdict.KEY), ("", Verdict.NO_KEY)])
def test_a_wrong_key(server: ReplayingServer, paths: Paths, key: str, verdict: Verdict) -> None:
    async def story(made: Providing, profile: Provider) -> None:
        await made.worker.profiles.set_key(profile.id, key)
        assert (await made.worker.test(profile)).verdict is verdict
        # And where it is used: every route here asks for the key, whether this server has it or not.
        endpoint = await endpoint_of(made, profile, "any")
        with pytest.raises(KeyRejected):
            await collected(made.api.transcribe(endpoint, _speech("any")))

    told(server, paths, story)


def test_an_address_without_its_path_is_corrected(server: ReplayingServer, paths: Paths) -> None:
    async def story(made: Providing, profile: Provider) -> None:
        result = await made.worker.test(replace(profile, base_url=server.origin))
        assert (result.verdict, result.corrected_url) == (Verdict.WRONG_ADDRESS, server.base_url)

    told(server, paths, story)


@having("cases")
def test_what_else_this_server_says(server: ReplayingServer, paths: Paths) -> None:
    async def story(made: Providing, profile: Provider) -> None:
        for file, case in server.expected["cases"].items():
            server.answer_next(case["route"], file)
            if case["route"] == "models":
                assert (await made.worker.test(profile)).verdict == case["verdict"]
                continue
            endpoint = await endpoint_of(made, profile, "any")
            with pytest.raises(AppError) as caught:
                await collected(made.api.chat(endpoint, question("any")))
            assert type(caught.value).__name__ == case["error"]

    told(server, paths, story)


@having("image")
def test_a_picture(server: ReplayingServer, paths: Paths) -> None:
    expected = server.expected["image"]

    async def story(made: Providing, profile: Provider) -> None:
        endpoint = await endpoint_of(made, profile, expected["model"])
        settings = ImageSettings(size="512x512", output_format="png")
        request = ImageRequest(expected["model"], "a cat", settings=settings, stream=False)
        (picture,) = await collected(made.api.images(endpoint, request))
        assert isinstance(picture, FinishedImage)
        assert picture.media_type == "image/png"

    told(server, paths, story)
    (sent,) = server.posts("/images/generations")
    assert (sent.json["model"], sent.json["prompt"], sent.json["size"]) == (expected["model"], "a cat", "512x512")
    assert expected["fields"].items() <= sent.json.items()
    assert not set(expected["without"]) & set(sent.json)
    _header_is_right(server)


@having("transcript")
def test_a_transcript(server: ReplayingServer, paths: Paths) -> None:
    _transcribed(server, paths, server.expected["transcript"], translate=False)


@having("translation")
def test_a_translation(server: ReplayingServer, paths: Paths) -> None:
    _transcribed(server, paths, server.expected["translation"], translate=True)


def _transcribed(server: ReplayingServer, paths: Paths, expected: dict[str, Any], *, translate: bool) -> None:
    async def story(made: Providing, profile: Provider) -> None:
        endpoint = await endpoint_of(made, profile, expected["model"])
        request = _speech(expected["model"], language="en", word_times="words" in expected, translate=translate)
        (result,) = await collected(made.api.transcribe(endpoint, request))
        assert isinstance(result, TranscriptionResult)
        assert result.text == expected["text"]
        assert [[s.start_s, s.end_s, s.text] for s in result.segments] == expected["segments"]
        words = [word.text for segment in result.segments for word in segment.words]
        assert words == expected.get("words", [])

    told(server, paths, story)
    (sent,) = server.posts("/audio/translations" if translate else "/audio/transcriptions")
    fields = {"model": [expected["model"]], "response_format": ["verbose_json"]}
    fields |= {} if translate else {"language": ["en"]}
    fields |= {"timestamp_granularities[]": ["word", "segment"]} if "words" in expected else {}
    assert sent.fields == fields
    (file,) = sent.files
    assert (file.name, file.file_name, file.media_type, file.data) == ("file", "a.wav", "audio/wav", SPEECH)
    _header_is_right(server)


def _speech(model: str, **options: Any) -> TranscriptionRequest:
    return TranscriptionRequest(model, "a.wav", "audio/wav", SPEECH, TranscriptionOptions(**options))


def _header_is_right(server: ReplayingServer) -> None:
    """The key goes in the header that this server reads, in its form, and in no other; without a key in none."""
    name = server.expected.get("key_header", "authorization")
    for request in server.requests:
        found = {
            header: request.headers[header] for header in ("authorization", "api-key") if header in request.headers
        }
        assert found == ({name: server.expected["key"]} if "key" in server.expected else {})
        assert not NEVER_SENT & set(request.json if request.body[:1] == b"{" else {})

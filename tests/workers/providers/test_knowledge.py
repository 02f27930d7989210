"""What is known before anyone is asked: presets that make sense, and guesses from ids as servers really list them."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from app.model.providers import Capability, Dialect, KeyHeader, Provider
from app.workers.providers.knowledge import guess, is_openai, preset_of, presets

CHAT = {Capability.CHAT}
SEES = {Capability.CHAT, Capability.VISION}
THINKS = {Capability.CHAT, Capability.REASONING}
ALL = {Capability.CHAT, Capability.VISION, Capability.REASONING}
DRAWS = {Capability.IMAGE}
EDITS = {Capability.IMAGE, Capability.IMAGE_EDIT}
HEARS = {Capability.TRANSCRIPTION}
TRANSLATES = {Capability.TRANSCRIPTION, Capability.TRANSLATION}

GUESSES = [
    ("gpt-4o", SEES),
    ("gpt-4o-mini-2024-07-18", SEES),
    ("gpt-4.1-nano", SEES),
    ("gpt-4-turbo", SEES),
    ("gpt-4", CHAT),
    ("gpt-3.5-turbo", CHAT),
    ("gpt-5-mini", ALL),
    ("openai/gpt-5.2", ALL),
    ("o3", ALL),
    ("o4-mini", ALL),
    ("openai/gpt-oss-20b", THINKS),
    ("gpt-image-1", EDITS),
    ("dall-e-3", set()),
    ("whisper-1", TRANSLATES),
    ("whisper-large-v3-turbo", HEARS),
    ("Systran/faster-distil-whisper-large-v3", HEARS),
    ("gpt-4o-transcribe", HEARS),
    ("gpt-4o-mini-tts", {Capability.SPEECH}),
    ("tts-1-hd", {Capability.SPEECH}),
    ("hexgrad/Kokoro-82M", {Capability.SPEECH}),
    ("text-embedding-3-small", {Capability.EMBEDDING}),
    ("nomic-embed-text:latest", {Capability.EMBEDDING}),
    ("BAAI/bge-m3", {Capability.EMBEDDING}),
    ("omni-moderation-latest", set()),
    ("gpt-realtime", set()),
    ("sora-2", set()),
    ("black-forest-labs/FLUX.1-schnell", DRAWS),
    ("flux.1-kontext-dev", EDITS),
    ("stable-diffusion-xl-base-1.0", DRAWS),
    ("sd-turbo", DRAWS),
    ("RealESRGAN_x4plus", {Capability.UPSCALE}),
    ("llama3.2:3b", CHAT),
    ("llama3.2-vision:11b", SEES),
    ("llava:13b", SEES),
    ("qwen2.5vl:7b", SEES),
    ("Qwen/Qwen2.5-VL-7B-Instruct", SEES),
    ("qwen2.5-coder:0.5b", CHAT),
    ("qwen3:8b", THINKS),
    ("deepseek-reasoner", THINKS),
    ("deepseek-r1:7b", THINKS),
    ("deepseek-chat", CHAT),
    ("mistral-small-3.1", SEES),
    ("pixtral-12b", SEES),
    ("codestral-latest", CHAT),
    ("anthropic/claude-sonnet-4", SEES),
    ("google/gemini-2.5-pro", SEES),
    ("gemma3:4b", SEES),
    ("gemma2:9b", CHAT),
    ("phi4", CHAT),
    ("HuggingFaceTB/SmolLM2-135M-Instruct", CHAT),
]


@pytest.mark.parametrize(("model_id", "expected"), GUESSES, ids=[model_id for model_id, _ in GUESSES])
def test_what_a_model_can_do_is_guessed_from_its_id(model_id: str, expected: set[Capability]) -> None:
    assert set(guess(model_id).capabilities or ()) == expected
    assert guess(model_id).capabilities is not None


@pytest.mark.parametrize("model_id", ["my-model", "default", "model.gguf", ""])
def test_of_an_unknown_name_nothing_is_claimed(model_id: str) -> None:
    assert guess(model_id).capabilities is None


@pytest.mark.parametrize(
    ("model_id", "expected"),
    [
        ("gpt-4o", Dialect.CHAT),
        ("gpt-5", Dialect.CHAT),
        ("gpt-5-pro", Dialect.RESPONSES),
        ("o3-deep-research", Dialect.RESPONSES),
        ("gpt-3.5-turbo-instruct", Dialect.COMPLETIONS),
        ("davinci-002", Dialect.COMPLETIONS),
        ("my-model", Dialect.CHAT),
    ],
)
def test_the_protocol_follows_from_the_id_where_chat_would_not_work(model_id: str, expected: Dialect) -> None:
    assert guess(model_id).dialect is expected


def test_every_preset_can_be_used_as_it_is() -> None:
    assert [preset.id for preset in presets()][-1] == "custom"
    assert len({preset.id for preset in presets()}) == len(presets())
    for preset in presets():
        address = urlsplit(preset.base_url)
        assert preset.id == "custom" or (address.scheme in ("http", "https") and address.hostname)
        assert preset.key in ("needed", "optional", "none")
        is_far = address.scheme == "https"
        assert preset.key == "needed" if is_far else preset.key != "needed", preset.id


def test_azure_wants_its_key_in_a_header_of_its_own() -> None:
    azure = next(preset for preset in presets() if preset.id == "azure")
    assert azure.key_header is KeyHeader.API_KEY


@pytest.mark.parametrize(
    ("preset", "address", "expected"),
    [
        ("openai", "https://api.openai.com/v1", True),
        ("custom", "https://eu.api.openai.com/v1", True),
        ("custom", "https://team.openai.azure.com/openai/v1", True),
        ("openai", "https://gateway.example.com/v1", True),
        ("custom", "https://notopenai.com/v1", False),
        ("custom", "http://[::1/v1", False),
        ("ollama", "http://localhost:11434/v1", False),
    ],
)
def test_openai_is_known_by_preset_or_address(preset: str, address: str, expected: bool) -> None:
    assert is_openai(Provider(id="p", name="P", preset=preset, base_url=address)) is expected


def test_a_preset_that_a_newer_version_had_counts_as_custom() -> None:
    assert preset_of(Provider(id="p", name="P", preset="from-the-future", base_url="")).id == "custom"

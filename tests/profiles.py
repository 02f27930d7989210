"""Profiles for stories, as earlier sessions would have left them on the disk: providers, chosen models, model files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from app.model.providers import BUILT_IN_ID, ModelReference, Provider
from app.model.settings import ChosenModels
from app.paths import Paths
from app.services.settings import SettingsStore

ROOT = Path(__file__).parent.parent
PROVIDER = "loopback"
"""Id of the provider that `connect` sets up."""
CHAT_MODEL, IMAGE_MODEL, SPEECH_MODEL = "gpt-4o", "gpt-image-2", "whisper-1"
SMALL_MODELS = (
    "smollm2-135m-instruct-q4_1.gguf",
    "ggml-whisper-base-q8_0.bin",
    "ggml-silero-v6.2.0.bin",
    "realesrgan-x4plus-anime.safetensors",
)
"""What `make test` fetches."""


def models_folder() -> Path:
    """Where `make test` and `make run` put the models of a checkout, unless the environment names another folder."""
    return Path(os.environ.get("TRIPTYCH_TEST_MODELS", ROOT / "build" / "models"))


def add_models(paths: Paths, names: Sequence[str] = SMALL_MODELS) -> None:
    """Let the profile have these model files without copying them."""
    for name in names:
        (paths.models / name).symlink_to(models_folder() / name)


def connect(paths: Paths, base_url: str, *, name: str = "Loopback", chat_model: str = CHAT_MODEL) -> None:
    """Set up a provider and choose its models in every tab."""
    store = SettingsStore(paths.settings_file)
    provider = Provider(id=PROVIDER, name=name, preset="custom", base_url=base_url)
    chat, image, audio = (ModelReference(PROVIDER, model) for model in (chat_model, IMAGE_MODEL, SPEECH_MODEL))
    chosen = ChosenModels(chat, image, audio)
    store.write(replace(store.read(), providers=(provider,), chosen=chosen))


def choose_built_in(paths: Paths, chat_model: str) -> None:
    """Choose a chat model of the built-in engine."""
    store = SettingsStore(paths.settings_file)
    chosen = replace(store.read().chosen, chat=ModelReference(BUILT_IN_ID, chat_model))
    store.write(replace(store.value, chosen=chosen))

"""The models: which there are, which is loaded, and the thread that owns each kind; not what they compute."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from app.engine.configuration import ModelEntry, ModelKind, read_configuration
from app.engine.memory import available_bytes
from app.engine.model_files import check_file
from app.engine.openai_errors import ApiError, not_installed
from app.engine.work import ModelThread, Work

if TYPE_CHECKING:
    from app.engine.chat.runtime import ChatModel
    from app.engine.speech.runtime import SpeechModel

log = logging.getLogger(__name__)

WAYS_OUT = {
    ModelKind.CHAT: "Download a chat model or add a GGUF file of your own in Settings, Models.",
    ModelKind.TRANSCRIPTION: "Download a speech model in Settings, Models.",
    ModelKind.UPSCALE: "Download a model for enlarging in Settings, Models.",
    ModelKind.IMAGE: "Add a Stable Diffusion file of your own in Settings, Models, or choose a provider that draws.",
}


class Closable(Protocol):
    def close(self) -> None:
        """Release the native memory."""


class ModelSlot[M: Closable]:
    """At most one model of a kind in memory, loaded, used and dropped only on its own thread."""

    def __init__(
        self, load: Callable[[ModelEntry], M], *, clock: Callable[[], float], available: Callable[[], int | None]
    ) -> None:
        self._load = load
        self._clock = clock
        self._available = available
        self._model: M | None = None
        self._thread = ModelThread(load.__name__)
        self._used_at = clock()
        self.loaded: ModelEntry | None = None

    def start[T](self, entry: ModelEntry, compute: Callable[[M, Work[T]], None]) -> Work[T]:
        """Queue a computation with `entry`'s model, which is loaded first if another one is in memory."""

        def with_model(work: Work[T]) -> None:
            try:
                compute(self._model_of(entry), work)
            finally:
                self._used_at = self._clock()

        return self._thread.start(with_model)

    def unload_if_idle(self, idle_s: float) -> None:
        """Queue the check, so that it never runs beside a computation."""

        def check() -> None:
            if self._clock() - self._used_at >= idle_s:
                self._unload()

        if self.loaded is not None:
            self._thread.do(check)

    def keep_only(self, entries: tuple[ModelEntry, ...]) -> None:
        """Drop the loaded model when it is not among `entries` any more."""

        def check() -> None:
            if self.loaded not in entries:
                self._unload()

        self._thread.do(check)

    def close(self) -> None:
        self._thread.do(self._unload).result()
        self._thread.close()

    def _model_of(self, entry: ModelEntry) -> M:
        if self._model is None or self.loaded != entry:
            self._unload()
            check_file(entry, self._available())
            started = time.monotonic()
            self._model = self._load(entry)
            self.loaded = entry
            log.info("loaded %s in %.2f s", entry.id, time.monotonic() - started)
        return self._model

    def _unload(self) -> None:
        if self._model is not None and self.loaded is not None:
            log.info("unloaded %s", self.loaded.id)
            self._model.close()
        self._model = self.loaded = None


class Registry:
    """Finds the model of a request and the slot it runs in."""

    def __init__(
        self,
        file: Path,
        threads: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        available: Callable[[], int | None] = available_bytes,
    ) -> None:
        self._file = file
        self.entries = read_configuration(file)
        self.chat = ModelSlot(_chat_loader(threads), clock=clock, available=available)
        self.speech = ModelSlot(_speech_loader(threads), clock=clock, available=available)

    @property
    def loaded(self) -> list[str]:
        """Ids of the models in this process's memory."""
        return [slot.loaded.id for slot in (self.chat, self.speech) if slot.loaded is not None]

    def reload(self) -> None:
        """Read the list of models again and drop what is gone from it.

        Raises:
            ConfigurationError: the old list stays.
        """
        self.entries = read_configuration(self._file)
        self.chat.keep_only(self.entries)
        self.speech.keep_only(self.entries)

    def find(self, name: object, kind: ModelKind) -> ModelEntry:
        """The model a request names.

        Raises:
            ApiError: none of this kind is installed, no such model, or one of another kind.
        """
        if not any(entry.kind is kind for entry in self.entries):
            raise not_installed(f"No model for this is installed. {WAYS_OUT[kind]}")
        if not isinstance(name, str) or not name:
            raise ApiError(400, "The request must name a model.", param="model", code="missing_required_parameter")
        entry = next((entry for entry in self.entries if entry.answers_to(name)), None)
        if entry is None:
            raise ApiError(404, f"The model '{name}' is not installed.", code="model_not_found", param="model")
        if entry.kind is not kind:
            message = f"The model '{name}' is for {entry.kind}, not for {kind}."
            raise ApiError(400, message, code="model_not_supported", param="model")
        return entry

    def first_of(self, kind: ModelKind) -> str | None:
        """The model to take when a request for one kind names none."""
        return next((entry.id for entry in self.entries if entry.kind is kind), None)

    def unload_idle(self, idle_s: float) -> None:
        """Drop models that nobody used for `idle_s` seconds."""
        self.chat.unload_if_idle(idle_s)
        self.speech.unload_if_idle(idle_s)

    def close(self) -> None:
        self.chat.close()
        self.speech.close()


def _chat_loader(threads: int) -> Callable[[ModelEntry], ChatModel]:
    def load_chat(entry: ModelEntry) -> ChatModel:
        from app.engine.chat.runtime import ChatModel  # numpy and llama.cpp: not before a model is wanted

        return ChatModel(entry, threads)

    return load_chat


def _speech_loader(threads: int) -> Callable[[ModelEntry], SpeechModel]:
    def load_speech(entry: ModelEntry) -> SpeechModel:
        from app.engine.speech.runtime import SpeechModel  # numpy, FFmpeg and whisper.cpp

        return SpeechModel(entry, threads)

    return load_speech

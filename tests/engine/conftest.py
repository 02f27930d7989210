"""The real engine in its own process with the small models, started once for all tests that need it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from openai import OpenAI

from tests.fakes.tiny_checkpoint import make_checkpoint

ROOT = Path(__file__).parents[2]
KEY = "a key for the tests"
CHAT = "smollm2-135m-instruct"
LONG_CHAT = "smollm2-long"
"""The same model with so much room that filling it takes minutes."""
SPEECH = "whisper-base"
UPSCALE = "realesrgan-x4plus-anime"
PAINT = "tiny"
ANSWER_WITHIN_S = 120.0
"""Many programs may share the machine with the tests; only an engine that hangs ever takes so long."""


@dataclass(frozen=True, slots=True)
class RunningEngine:
    """An engine and two ways to talk to it: the official client and plain HTTP."""

    process: subprocess.Popen[bytes]
    address: str
    client: OpenAI
    http: httpx.Client

    def close(self) -> None:
        self.client.close()
        self.http.close()
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(ANSWER_WITHIN_S)
        self.process.stdout.close()


def start_engine(models_file: Path, *arguments: str) -> RunningEngine:
    """Start it like the window does and wait for its first line."""
    environment = {**os.environ, "ENGINE_API_KEY": KEY, "OMP_WAIT_POLICY": "PASSIVE", "GGML_NO_BACKTRACE": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "app.engine", "serve", "--models", str(models_file), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        env=environment,
    )
    assert process.stdout is not None
    ready = json.loads(process.stdout.readline())
    address = f"http://127.0.0.1:{ready['port']}"
    client = OpenAI(base_url=f"{address}/v1", api_key=KEY, max_retries=0, timeout=ANSWER_WITHIN_S)
    headers = {"Authorization": f"Bearer {KEY}"}
    http = httpx.Client(base_url=address, headers=headers, timeout=ANSWER_WITHIN_S, trust_env=False)
    return RunningEngine(process, address, client, http)


@pytest.fixture(scope="session")
def models_folder() -> Path:
    """Where `make test` put the small models."""
    folder = Path(os.environ.get("TRIPTYCH_TEST_MODELS", ROOT / "build" / "models"))
    if not (folder / "smollm2-135m-instruct-q4_1.gguf").exists():
        pytest.skip(f"no models in {folder}: run `make test` once, which fetches them")
    return folder


@pytest.fixture(scope="session")
def models_file(models_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The list of models: the small ones, a painter with random weights, and two that cannot work."""
    folder = tmp_path_factory.mktemp("engine")
    checkpoint, decoder = make_checkpoint(folder)
    broken = folder / "broken.gguf"
    broken.write_bytes((models_folder / "smollm2-135m-instruct-q4_1.gguf").read_bytes()[:5_000_000])
    vad = str(models_folder / "ggml-silero-v6.2.0.bin")
    entries: list[dict[str, Any]] = [
        {"id": CHAT, "kind": "chat", "path": models_folder / "smollm2-135m-instruct-q4_1.gguf", "context": 512},
        {"id": LONG_CHAT, "kind": "chat", "path": models_folder / "smollm2-135m-instruct-q4_1.gguf", "context": 8192},
        {"id": SPEECH, "kind": "transcription", "path": models_folder / "ggml-whisper-base-q8_0.bin", "vad": vad},
        {"id": UPSCALE, "kind": "upscale", "path": models_folder / "realesrgan-x4plus-anime.safetensors"},
        {"id": PAINT, "kind": "image", "path": checkpoint, "decoder": str(decoder)},
        {"id": "broken", "kind": "chat", "path": broken},
        {"id": "gone", "kind": "chat", "path": folder / "gone.gguf"},
    ]
    file = folder / "models.json"
    file.write_text(json.dumps({"models": entries}, default=str))
    return file


@pytest.fixture(scope="session")
def engine(models_file: Path) -> Iterator[RunningEngine]:
    running = start_engine(models_file)
    yield running
    running.close()

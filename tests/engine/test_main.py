"""The command line, as the window and the model store call it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from app.engine.__main__ import NOT_AVAILABLE, UNSUITABLE_PROCESSOR, UNUSABLE
from tests.engine.conftest import ROOT


def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app.engine", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture
def models_list(tmp_path: Path) -> Path:
    file = tmp_path / "models.json"
    file.write_text('{"models": []}')
    return file


def test_an_old_processor_gets_a_sentence(models_list: Path) -> None:
    ended = run("serve", "--models", models_list, "--cpu-flags", "sse2 avx fma")
    assert ended.returncode == UNSUITABLE_PROCESSOR
    assert ended.stderr.strip().endswith("Everything else works, with a provider on the network.")
    told = json.loads(ended.stdout)
    assert (told["event"], told["code"]) == ("failed", UNSUITABLE_PROCESSOR)
    assert "AVX2, BMI2, F16C" in told["message"]


def test_the_codes_differ() -> None:
    assert len({0, UNUSABLE, 2, UNSUITABLE_PROCESSOR, NOT_AVAILABLE}) == 5  # 2 is argparse's


def test_a_list_of_models_that_cannot_be_read_gets_a_sentence(tmp_path: Path) -> None:
    ended = run("serve", "--models", tmp_path / "nothing.json")
    assert ended.returncode == UNUSABLE
    assert "cannot be read" in json.loads(ended.stdout)["message"]


def test_a_port_that_is_taken_gets_a_sentence(models_list: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = run("serve", "--models", models_list, "--port", port)
    assert ended.returncode == UNUSABLE
    assert f"cannot listen on port {port}" in json.loads(ended.stdout)["message"]


def test_started_by_hand_it_makes_a_key_of_its_own(models_list: Path) -> None:
    ended = run("serve", "--models", models_list, ENGINE_API_KEY="")
    ready = json.loads(ended.stdout)
    assert ready["event"] == "ready"
    assert len(ready["key"]) > 30
    assert ended.returncode == 0


def test_the_key_is_told_nowhere_else(models_list: Path) -> None:
    ended = run("serve", "--models", models_list, ENGINE_API_KEY="very secret")
    assert "very secret" not in ended.stdout + ended.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="only GNU's OpenMP can be asked what it has read")
def test_openmp_threads_sleep_instead_of_spinning() -> None:
    program = "import app.engine.__main__, app.engine.native as native; native.llama()"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OMP_")}
    told = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**environment, "OMP_DISPLAY_ENV": "TRUE"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "OMP_WAIT_POLICY = 'PASSIVE'" in told.stderr


def test_a_file_is_inspected(tmp_path: Path) -> None:
    vad = tmp_path / "voice.bin"
    vad.write_bytes(b"lmgg\x10\x00\x00\x00silero-16k" + bytes(100))
    ended = run("inspect", vad)
    assert json.loads(ended.stdout) == {"kind": "vad", "name": "voice", "size_bytes": 118, "context": None}
    assert ended.returncode == 0


def test_a_file_that_is_no_model_gets_a_sentence(tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear Jane")
    ended = run("inspect", letter)
    assert (ended.returncode, ended.stdout) == (UNUSABLE, "")
    assert ended.stderr.strip() == "letter.txt is neither a GGUF, ggml nor safetensors file."


@pytest.mark.parametrize("step", [["whisper", "nowhere", "out"], ["esrgan", "a.param", "a.bin", "out"]])
def test_a_conversion_without_its_source_gets_a_sentence(tmp_path: Path, step: list[str]) -> None:
    ended = run("convert", step[0], *(tmp_path / name for name in step[1:]))
    assert ended.returncode == UNUSABLE
    assert ended.stderr.strip().endswith("is missing.")
    assert list(tmp_path.iterdir()) == []

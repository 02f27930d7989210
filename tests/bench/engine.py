"""The built-in engine: how soon it answers, and what the way around the transcription itself adds to it."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
import wave
from pathlib import Path
from statistics import median

from app.paths import Paths
from tests.bench.environment import as_installed
from tests.bench.figure import Figure
from tests.profiles import ROOT, SMALL_MODELS, add_models

READY_ROUNDS = 9
TRANSCRIBE_ROUNDS = 3
SPEECH = ROOT / "tests" / "data" / "speech" / "dashwood.wav"
REPEATED = 7
"""Fifty seconds: two windows of Whisper's."""
_KEY = "bench"


def measure_ready() -> dict[str, Figure]:
    """The quickest of the rounds counts: it is the one that the machine disturbed least."""
    engine, imports = list[float](), list[float]()
    with tempfile.TemporaryDirectory() as folder:
        models = Path(folder) / "serve.json"
        models.write_text('{"models": []}')
        for number in range(READY_ROUNDS + 1):
            imported_s, ready_s = _seconds_to_import(), _seconds_to_answer(models)
            if number:  # the first one compiled bytecode
                imports.append(imported_s)
                engine.append(ready_s)
    raw = {"ready_s": min(engine), "imports_s": min(imports), "ready_median_s": median(engine)}
    raw["imports_median_s"] = median(imports)
    return {"engine_ready_ratio": Figure(raw["ready_s"] / raw["imports_s"], 2.0, raw=raw)}


def measure_transcribing() -> dict[str, Figure]:
    """From the click to the stored text, with an engine that has its model loaded, against cyllama alone."""
    ours, alone = list[float](), list[float]()
    with tempfile.TemporaryDirectory() as folder:
        sound, profile = Path(folder) / "speech.wav", Path(folder) / "profile"
        _repeat(SPEECH, sound)
        paths = Paths.under(profile)
        paths.ensure()
        add_models(paths, SMALL_MODELS)
        for _round in range(TRANSCRIBE_ROUNDS):
            ours.append(_run("program", str(profile), str(sound)))
            alone.append(_run("alone", str(paths.models), str(sound)))
    raw = {"program_s": min(ours), "alone_s": min(alone), "program_median_s": median(ours)}
    raw["alone_median_s"] = median(alone)
    return {"transcribe_ratio": Figure(raw["program_s"] / raw["alone_s"], 1.15, raw=raw)}


def _seconds_to_import() -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import starlette, uvicorn"], check=True, cwd=ROOT, env=as_installed())
    return time.perf_counter() - started


def _seconds_to_answer(models: Path) -> float:
    """From the start of the process until `/v1/models` has answered."""
    command = [sys.executable, "-m", "app.engine", "serve", "--models", str(models)]
    started = time.perf_counter()
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT,
        env=as_installed(ENGINE_API_KEY=_KEY),
    )  # fmt: skip
    try:
        assert process.stdout is not None
        port = json.loads(process.stdout.readline())["port"]
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/v1/models", headers={"Authorization": f"Bearer {_KEY}"}
        )
        with contextlib.closing(urllib.request.urlopen(request)) as answer:
            answer.read()
        return time.perf_counter() - started
    finally:
        process.kill()
        process.wait()


def _run(who: str, where: str, sound: str) -> float:
    command = [sys.executable, "-m", "tests.bench.transcribing", who, where, sound]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=ROOT, env=as_installed())
    return float(done.stdout.splitlines()[-1])


def _repeat(source: Path, target: Path) -> None:
    with wave.open(str(source)) as once, wave.open(str(target), "wb") as often:
        often.setparams(once.getparams())
        frames = once.readframes(once.getnframes())
        for _time in range(REPEATED):
            often.writeframes(frames)

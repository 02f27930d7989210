"""One transcription in a process of its own, by the program or by cyllama alone; prints the seconds it took.

What only the first one needs, such as loading the model, is not counted in either.
"""

from __future__ import annotations

import asyncio
import sys
import time
import wave
from contextlib import aclosing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.assembly import Assembly
from app.model.audio import Recording, TranscriptionOptions
from app.model.errors import AppError
from app.model.providers import BUILT_IN_ID, ModelReference
from app.paths import Paths
from app.services.history.store import History
from app.services.settings import SettingsStore
from app.workers.audio import AudioWorker

MODEL = "whisper-base"
_FILE = "ggml-whisper-base-q8_0.bin"


async def program(profile: str, sound: str) -> float:
    """From adding the file to the stored transcript."""
    paths = Paths.under(Path(profile))
    settings = SettingsStore(paths.settings_file)
    settings.read()
    assembly = Assembly(paths, settings, await History.open(paths))
    worker = assembly.audio()
    try:
        await assembly.models.installed()
        await _transcribe(worker, _beginning(sound))
        started = time.perf_counter()
        await _transcribe(worker, Path(sound))
        return time.perf_counter() - started
    finally:
        await worker.aclose()
        await assembly.aclose()


async def alone(models: str, sound: str) -> float:
    """With as many threads as the engine takes."""
    import cyllama.whisper.whisper_cpp as whisper

    from app.engine.native import default_threads

    whisper.disable_logging()
    whisper.ggml_backend_load_all()
    of_context = whisper.WhisperContextParams()
    of_context.use_gpu = False
    context = whisper.WhisperContext(str(Path(models) / _FILE), of_context)

    def hear(file: Path) -> None:
        parameters = whisper.WhisperFullParams()
        parameters.n_threads = default_threads()
        parameters.print_progress = False
        parameters.no_context = True
        parameters.language = "auto"
        context.full(_samples(file), parameters)

    hear(_beginning(sound))
    started = time.perf_counter()
    hear(Path(sound))
    return time.perf_counter() - started


async def _transcribe(worker: AudioWorker, file: Path) -> None:
    async with aclosing(worker.queue.add([file])) as added:
        async for recording in added:
            if isinstance(recording, AppError):
                raise recording
            await _write_down(worker, recording)


async def _write_down(worker: AudioWorker, recording: Recording) -> None:
    model = ModelReference(BUILT_IN_ID, MODEL)
    async with aclosing(worker.transcriber.transcribe(recording, model, TranscriptionOptions())) as events:
        async for _event in events:
            pass


def _beginning(sound: str) -> Path:
    """The first two seconds, to warm up with."""
    target = Path(sound).with_name("beginning.wav")
    with wave.open(sound) as whole, wave.open(str(target), "wb") as part:
        part.setparams(whole.getparams())
        part.writeframes(whole.readframes(2 * whole.getframerate()))
    return target


def _samples(file: Path) -> NDArray[np.float32]:
    with wave.open(str(file)) as opened:
        assert (opened.getframerate(), opened.getnchannels(), opened.getsampwidth()) == (16_000, 1, 2)
        return np.frombuffer(opened.readframes(opened.getnframes()), np.int16).astype(np.float32) / np.float32(32_768)


if __name__ == "__main__":
    print(asyncio.run({"program": program, "alone": alone}[sys.argv[1]](*sys.argv[2:])))

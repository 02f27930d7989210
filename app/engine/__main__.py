"""The engine's command line: `python -m app.engine serve | images | convert | inspect`."""

from __future__ import annotations

import os

# Before any native library is loaded. OpenMP threads that spin at barriers make a busy machine ten times slower;
# ggml would start a debugger when it aborts.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GGML_NO_BACKTRACE", "1")

import argparse
import importlib.util
import json
import logging
import secrets
import sys
from pathlib import Path
from typing import TextIO

UNSUITABLE_PROCESSOR = 3
"""Exit code: the processor cannot run the native code."""
NOT_AVAILABLE = 4
"""Exit code: the native libraries do not exist for this system."""
UNUSABLE = 1
"""Exit code: a file is broken or cannot be written."""


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    match options.command:
        case "serve":
            return _serve(options)
        case "images":
            return _images(options)
        case "inspect":
            return _inspect(options.file)
        case _:
            return _convert(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="app.engine", description="Runs models on this computer.")
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="answer OpenAI's API on loopback until the standard input closes")
    serve.add_argument("--models", type=Path, required=True, help="JSON file that lists the models")
    serve.add_argument("--port", type=int, default=0, help="0 takes a free one")
    serve.add_argument("--idle-minutes", type=float, default=10.0, help="unload models after so long without use")
    serve.add_argument("--cpu-flags", help="features of the processor, to try out another one")
    images = commands.add_parser("images", help="work on pictures from the standard input (started by serve)")
    for command in (serve, images):
        command.add_argument("--threads", type=int, default=0, help="0 takes half the processors")
    _add_convert(commands.add_parser("convert", help="make a file for the engine from published weights"))
    inspect = commands.add_parser("inspect", help="tell what kind of model a file is")
    inspect.add_argument("file", type=Path)
    return parser


def _add_convert(convert: argparse.ArgumentParser) -> None:
    steps = convert.add_subparsers(dest="step", required=True)
    whisper = steps.add_parser("whisper", help="a folder with CTranslate2's model.bin and tokenizer.json to ggml")
    whisper.add_argument("source", type=Path)
    whisper.add_argument("result", type=Path)
    whisper.add_argument("--quantize", choices=["q8_0"], help="half the size, and faster")
    esrgan = steps.add_parser("esrgan", help="Real-ESRGAN for ncnn to safetensors")
    esrgan.add_argument("param", type=Path)
    esrgan.add_argument("bin", type=Path)
    esrgan.add_argument("result", type=Path)


def _serve(options: argparse.Namespace) -> int:
    key = os.environ.pop("ENGINE_API_KEY", "")
    output = _claim_stdout()
    problem = _why_not(options.cpu_flags)
    if problem is not None:
        return _refuse(output, *problem)
    from app.engine.configuration import ConfigurationError
    from app.engine.native import default_threads
    from app.engine.server import ServerOptions, serve

    server = ServerOptions(
        models_file=options.models,
        key=key or secrets.token_urlsafe(32),
        tell_key=not key,
        port=options.port,
        threads=options.threads or default_threads(),
        idle_s=options.idle_minutes * 60,
    )
    try:
        serve(server, output)
    except ConfigurationError as error:
        return _refuse(output, UNUSABLE, str(error))
    except OSError as error:
        return _refuse(output, UNUSABLE, f"The engine cannot listen on port {options.port}: {error.strerror}.")
    return 0


def _images(options: argparse.Namespace) -> int:
    output = _claim_stdout()
    from app.engine.images.program import run
    from app.engine.native import default_threads

    run(options.threads or default_threads(), output.buffer)
    return 0


def _why_not(cpu_flags: str | None) -> tuple[int, str] | None:
    """Exit code and sentence when the native code cannot run here."""
    from app.engine.processor import explanation, missing_features, processor_flags

    if importlib.util.find_spec("cyllama") is None:
        return NOT_AVAILABLE, "The built-in engine does not exist for this kind of computer yet."
    flags = processor_flags() if cpu_flags is None else frozenset(cpu_flags.split())
    missing = missing_features(flags)
    return (UNSUITABLE_PROCESSOR, explanation(missing)) if missing else None


def _refuse(output: TextIO, code: int, sentence: str) -> int:
    print(json.dumps({"event": "failed", "code": code, "message": sentence}), file=output)
    print(sentence, file=sys.stderr)
    return code


def _claim_stdout() -> TextIO:
    """A private copy of the standard output. C code prints to the original, which now leads to standard error."""
    private = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(private, "w", encoding="utf-8", buffering=1)


def _inspect(file: Path) -> int:
    from app.engine.inspection import NotAModel, inspect

    try:
        print(json.dumps(inspect(file)))
    except NotAModel as error:
        print(error, file=sys.stderr)
        return UNUSABLE
    return 0


def _convert(options: argparse.Namespace) -> int:
    from app.engine.convert.esrgan import convert_esrgan
    from app.engine.convert.source import BrokenSource
    from app.engine.convert.whisper import convert_whisper

    try:
        if options.step == "whisper":
            convert_whisper(options.source, options.result, quantize=options.quantize is not None)
        else:
            convert_esrgan(options.param, options.bin, options.result)
    except BrokenSource as error:
        print(error, file=sys.stderr)
        return UNUSABLE
    except OSError as error:
        print(f"The model cannot be converted: {error}", file=sys.stderr)
        return UNUSABLE
    return 0


if __name__ == "__main__":
    sys.exit(main())

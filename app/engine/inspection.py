"""Tells what kind of model a file is, from its head alone, before any native code sees it."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from app.engine.configuration import ModelKind
from app.engine.convert.safetensors import read_header
from app.engine.gguf import MAGIC as GGUF_MAGIC
from app.engine.gguf import GgufHead, read_gguf

GGML_MAGIC = struct.pack("<I", 0x67676D6C)
WHISPER_BANDS = (80, 128)
VOICE_DETECTION = "vad"
NO_CHAT = frozenset({"bert", "nomic-bert", "jina-bert-v2", "t5encoder", "clip", "whisper", "wavtokenizer-dec"})
"""Architectures of GGUF files that llama.cpp reads but that do not write text."""
DIFFUSION = "model.diffusion_model."
TEXT_ENCODERS = ("cond_stage_model.", "conditioner.", "text_encoders.", "te.")
ESRGAN = ("conv_first.weight", "body.0.rdb1.conv1.weight")


class NotAModel(Exception):
    """The engine cannot run this file; the text is one sentence for the user."""


def inspect(file: Path) -> dict[str, Any]:
    """`{"kind", "name", "size_bytes", "context"}`; kind is one of `ModelKind` or "vad", context in tokens or null.

    Raises:
        NotAModel: with the reason.
    """
    try:
        with file.open("rb") as stream:
            magic = stream.read(4)
        kind, name, context = _look(file, magic)
        size_bytes = file.stat().st_size
    except OSError as error:
        raise NotAModel(f"{file.name} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotAModel(f"{file.name} is damaged or not a model file: {error}.") from error
    return {"kind": kind, "name": name or file.stem, "size_bytes": size_bytes, "context": context}


def _look(file: Path, magic: bytes) -> tuple[str, str, int | None]:
    """Kind, name and context of a file that begins with `magic`."""
    if magic == GGUF_MAGIC:
        return _look_into_gguf(file, read_gguf(file))
    if magic == GGML_MAGIC:
        return _look_into_ggml(file), "", None
    if file.suffix == ".safetensors":
        return _kind_of_tensors(file, read_header(file)), "", None
    if magic[:2] in (b"PK", b"\x80\x02"):
        raise NotAModel(
            f"{file.name} is a PyTorch file, which could run any program when it is opened. "
            "Use the same model as safetensors or GGUF."
        )
    raise NotAModel(f"{file.name} is neither a GGUF, ggml nor safetensors file.")


def _look_into_gguf(file: Path, head: GgufHead) -> tuple[str, str, int | None]:
    name = str(head.metadata.get("general.name", ""))
    if any(tensor.startswith(DIFFUSION) for tensor in head.tensors):
        return _kind_of_tensors(file, head.tensors), name, None
    architecture = str(head.metadata.get("general.architecture", ""))
    context = head.metadata.get(f"{architecture}.context_length")
    if not architecture or architecture in NO_CHAT or not isinstance(context, int):
        raise NotAModel(f"{file.name} is a GGUF file, but not of a model that chats ({architecture or 'unnamed'}).")
    return ModelKind.CHAT, name, context


def _look_into_ggml(file: Path) -> str:
    """Whisper's files begin with eleven numbers, Silero's with its name."""
    with file.open("rb") as stream:
        head = stream.read(48)
    if b"silero" in head:
        return VOICE_DETECTION
    numbers = struct.unpack("<11i", head[4:48]) if len(head) == 48 else (0,) * 11
    if numbers[9] in WHISPER_BANDS and numbers[1] > 0 and numbers[0] > 50_000:
        return ModelKind.TRANSCRIPTION
    raise NotAModel(f"{file.name} is a ggml file, but not of Whisper.")


def _kind_of_tensors(file: Path, names: Iterable[str]) -> str:
    found = list(names)
    if all(name in found for name in ESRGAN):
        return ModelKind.UPSCALE
    if not any(name.startswith(DIFFUSION) for name in found):
        raise NotAModel(f"{file.name} is neither a Stable Diffusion nor a Real-ESRGAN model.")
    if not any(name.startswith(TEXT_ENCODERS) for name in found):
        raise NotAModel(
            f"{file.name} is only a part of a Stable Diffusion model: it lacks the text encoder. "
            "Choose a complete checkpoint."
        )
    return ModelKind.IMAGE

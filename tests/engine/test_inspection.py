"""What kind of model a file is, with heads written here byte by byte."""

from __future__ import annotations

import contextlib
import json
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.gguf import read_gguf
from app.engine.inspection import NotAModel, inspect


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value.encode())) + value.encode()


def gguf(metadata: dict[str, Any], tensors: tuple[str, ...] = ()) -> bytes:
    """A head with strings, 32-bit numbers and lists of strings."""
    data = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(metadata))
    for name, value in metadata.items():
        data += text(name)
        match value:
            case str():
                data += struct.pack("<I", 8) + text(value)
            case int():
                data += struct.pack("<II", 4, value)
            case list():
                data += struct.pack("<IIQ", 9, 8, len(value)) + b"".join(map(text, value))
    for tensor in tensors:
        data += text(tensor) + struct.pack("<IQIQ", 1, 32, 0, 0)
    return data


CHAT = gguf(
    {
        "tokenizer.ggml.tokens": ["<s>", "a"],
        "general.architecture": "llama",
        "general.name": "Small Model",
        "llama.context_length": 2048,
    },
    ("token_embd.weight",),
)
WHISPER = struct.pack("<I11i", 0x67676D6C, 51865, 1500, 512, 8, 6, 448, 512, 8, 6, 80, 1)


def safetensors(*names: str) -> bytes:
    table = {name: {"dtype": "F16", "shape": [0], "data_offsets": [0, 0]} for name in names}
    header = json.dumps(table).encode()
    return struct.pack("<Q", len(header)) + header


DIFFUSION = "model.diffusion_model.out.2.weight"
TEXT_ENCODER = "cond_stage_model.transformer.text_model.final_layer_norm.weight"


@pytest.mark.parametrize(
    ("name", "data", "kind", "title", "context"),
    [
        ("m.gguf", CHAT, "chat", "Small Model", 2048),
        ("whisper.bin", WHISPER, "transcription", "whisper", None),
        ("sd.safetensors", safetensors(DIFFUSION, TEXT_ENCODER), "image", "sd", None),
        ("sd.gguf", gguf({"general.name": "SD"}, (DIFFUSION, TEXT_ENCODER)), "image", "SD", None),
        ("e.safetensors", safetensors("conv_first.weight", "body.0.rdb1.conv1.weight"), "upscale", "e", None),
    ],
)
def test_models_are_recognised(
    tmp_path: Path, name: str, data: bytes, kind: str, title: str, context: int | None
) -> None:
    file = tmp_path / name
    file.write_bytes(data)
    assert inspect(file) == {"kind": kind, "name": title, "size_bytes": len(data), "context": context}


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("empty.gguf", b"", "neither a GGUF"),
        ("letter.txt", b"Dear Jane", "neither a GGUF"),
        ("m.gguf", CHAT[:60], "damaged"),
        ("old.gguf", b"GGUF" + struct.pack("<IQQ", 1, 0, 0), "version 1"),
        ("bert.gguf", gguf({"general.architecture": "bert", "bert.context_length": 512}), "not of a model that chats"),
        ("bare.gguf", gguf({}), "not of a model that chats"),
        ("x.bin", WHISPER[:4] + bytes(60), "not of Whisper"),
        ("x.ckpt", b"PK\x03\x04archive/data.pkl", "PyTorch"),
        ("x.pt", b"\x80\x02}q\x00", "PyTorch"),
        ("x.safetensors", b"\xff" * 40, "damaged"),
        ("unet.safetensors", safetensors(DIFFUSION), "only a part"),
        ("other.safetensors", safetensors("weight"), "neither a Stable Diffusion"),
    ],
)
def test_other_files_are_refused_with_the_reason(tmp_path: Path, name: str, data: bytes, words: str) -> None:
    file = tmp_path / name
    file.write_bytes(data)
    with pytest.raises(NotAModel, match=words):
        inspect(file)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotAModel, match="cannot be read"):
        inspect(tmp_path / "nothing.gguf")


@given(st.integers(4, len(CHAT) - 1))
def test_a_head_cut_off_anywhere_is_an_error_and_never_a_crash(
    tmp_path_factory: pytest.TempPathFactory, length: int
) -> None:
    file = tmp_path_factory.mktemp("gguf") / "x.gguf"
    file.write_bytes(CHAT[:length])
    with pytest.raises(ValueError, match=r".+"):
        read_gguf(file)


@given(st.binary(max_size=200))
def test_a_hostile_head_is_an_error_and_never_a_crash(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    file = tmp_path_factory.mktemp("gguf") / "x.gguf"
    file.write_bytes(b"GGUF" + struct.pack("<I", 3) + data)
    with contextlib.suppress(NotAModel):  # anything else fails the test
        inspect(file)

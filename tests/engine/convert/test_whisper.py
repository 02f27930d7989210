"""A tiny Whisper in CTranslate2's format, converted and read back the way whisper.cpp does it."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from app.engine.convert.mel import mel_filters
from app.engine.convert.source import BrokenSource
from app.engine.convert.whisper import convert_whisper, quantize_q8_0

STATE, BANDS, WORDS, SOUND, TEXT = 64, 80, 100, 30, 12


def variables() -> dict[str, NDArray[Any]]:
    random = np.random.default_rng(0)
    made: dict[str, NDArray[Any]] = {}

    def layer(name: str, *shape: int) -> None:
        made[f"{name}/weight"] = random.standard_normal(shape).astype(np.float16)
        made[f"{name}/bias"] = random.standard_normal(shape[0]).astype(np.float16)

    def norm(name: str) -> None:
        made[f"{name}/gamma"] = np.ones(STATE, np.float16)
        made[f"{name}/beta"] = np.zeros(STATE, np.float16)

    layer("encoder/conv1", STATE, BANDS, 3)
    layer("encoder/conv2", STATE, STATE, 3)
    made["encoder/position_encodings/encodings"] = np.ones((SOUND, STATE), np.float16)
    made["decoder/position_encodings/encodings"] = np.ones((TEXT, STATE), np.float16)
    made["decoder/embeddings/weight"] = random.standard_normal((WORDS, STATE)).astype(np.float16)
    for side in ("encoder", "decoder"):
        norm(f"{side}/layer_norm")
        block = f"{side}/layer_0"
        for attention in ("self_attention", "attention") if side == "decoder" else ("self_attention",):
            norm(f"{block}/{attention}/layer_norm")
        layer(f"{block}/self_attention/linear_0", 3 * STATE, STATE)
        layer(f"{block}/self_attention/linear_1", STATE, STATE)
        if side == "decoder":
            layer(f"{block}/attention/linear_0", STATE, STATE)
            layer(f"{block}/attention/linear_1", 2 * STATE, STATE)
            layer(f"{block}/attention/linear_2", STATE, STATE)
        norm(f"{block}/ffn/layer_norm")
        layer(f"{block}/ffn/linear_0", 4 * STATE, STATE)
        layer(f"{block}/ffn/linear_1", STATE, 4 * STATE)
    return made


def model_bin(tensors: dict[str, NDArray[Any]], specification: str = "WhisperSpec") -> bytes:
    def text(value: str) -> bytes:
        data = value.encode() + b"\0"
        return struct.pack("<H", len(data)) + data

    data = struct.pack("<I", 6) + text(specification) + struct.pack("<II", 3, len(tensors))
    for name, tensor in tensors.items():
        data += text(name) + struct.pack(f"<B{tensor.ndim}I", tensor.ndim, *tensor.shape)
        data += struct.pack("<BI", 4 if tensor.dtype == np.float16 else 0, tensor.nbytes) + tensor.tobytes()
    return data


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "model.bin").write_bytes(model_bin(variables()))
    vocabulary = {"!": 0, "Ġthe": 1, "ä½": 2}
    (folder / "tokenizer.json").write_text(json.dumps({"model": {"vocab": vocabulary}}), "utf-8")
    return folder


def read_ggml(file: Path) -> tuple[tuple[int, ...], list[bytes], dict[str, tuple[tuple[int, ...], int, bytes]]]:
    """Numbers, vocabulary, and tensors as (shape, type, bytes)."""
    with file.open("rb") as stream:
        numbers = unpack(stream, "<12i")
        bands, width = unpack(stream, "<2i")
        stream.read(4 * bands * width)
        (count,) = unpack(stream, "<i")
        tokens = [stream.read(unpack(stream, "<i")[0]) for _ in range(count)]
        tensors = {}
        while header := stream.read(12):
            rank, length, kind = struct.unpack("<3i", header)
            shape = unpack(stream, f"<{rank}i")[::-1]
            name = stream.read(length).decode()
            size = int(np.prod(shape)) * {0: 4, 1: 2}.get(kind, 0) or int(np.prod(shape)) // 32 * 34
            tensors[name] = (shape, kind, stream.read(size))
    return numbers, tokens, tensors


def unpack(stream: BinaryIO, layout: str) -> tuple[int, ...]:
    return struct.unpack(layout, stream.read(struct.calcsize(layout)))


@pytest.mark.parametrize(("quantize", "file_kind", "matrix_kind"), [(False, 1, 1), (True, 2007, 8)])
def test_everything_arrives_where_whisper_cpp_looks_for_it(
    source: Path, tmp_path: Path, quantize: bool, file_kind: int, matrix_kind: int
) -> None:
    result = tmp_path / "whisper.bin"
    convert_whisper(source, result, quantize=quantize)
    numbers, tokens, tensors = read_ggml(result)
    assert numbers == (0x67676D6C, WORDS, SOUND, STATE, 1, 1, TEXT, STATE, 1, 1, BANDS, file_kind)
    assert tokens[:3] == [b"!", b" the", b"\xe4\xbd"]
    assert len(tokens) == 50256
    assert tensors["encoder.blocks.0.attn.key.weight"][:2] == ((STATE, STATE), matrix_kind)
    assert "encoder.blocks.0.attn.key.bias" not in tensors
    assert tensors["encoder.conv1.bias"][:2] == ((STATE, 1), 0)
    assert tensors["encoder.conv1.weight"][:2] == ((STATE, BANDS, 3), 1)
    assert tensors["decoder.positional_embedding"][:2] == ((TEXT, STATE), 0)
    original = variables()["decoder/layer_0/attention/linear_1/bias"]
    value = np.frombuffer(tensors["decoder.blocks.0.cross_attn.value.bias"][2], np.float32)
    assert np.array_equal(value, original[STATE:].astype(np.float32))


def test_the_same_source_gives_the_same_bytes(source: Path, tmp_path: Path) -> None:
    for name in ("a.bin", "b.bin"):
        convert_whisper(source, tmp_path / name, quantize=True)
    assert (tmp_path / "a.bin").read_bytes() == (tmp_path / "b.bin").read_bytes()


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("model.bin", b"a letter, not a model", "not a Whisper model"),
        ("model.bin", b"", "damaged or not"),
        ("model.bin", model_bin(variables())[:-100], "damaged"),
        ("model.bin", model_bin(variables(), "TransformerSpec"), "not a Whisper model"),
        ("model.bin", model_bin({}), "not a complete Whisper model"),
        ("tokenizer.json", b"{", "damaged"),
        ("tokenizer.json", b"[]", "damaged"),
    ],
)
def test_a_broken_source_is_told_and_leaves_nothing(
    source: Path, tmp_path: Path, file: str, content: bytes, words: str
) -> None:
    (source / file).write_bytes(content)
    with pytest.raises(BrokenSource, match=words):
        convert_whisper(source, tmp_path / "whisper.bin", quantize=True)
    assert list(tmp_path.iterdir()) == [source]


@pytest.mark.parametrize("file", ["model.bin", "tokenizer.json"])
def test_a_missing_file_is_told(source: Path, tmp_path: Path, file: str) -> None:
    (source / file).unlink()
    with pytest.raises(BrokenSource, match=f"{file} is missing"):
        convert_whisper(source, tmp_path / "whisper.bin", quantize=False)


@given(arrays(np.float32, (3, 64), elements=st.floats(-1000, 1000, width=32)))
def test_quantized_values_are_close(values: NDArray[np.float32]) -> None:
    blocks = np.frombuffer(quantize_q8_0(values), np.uint8).reshape(-1, 34)
    scales = blocks[:, :2].copy().view(np.float16).astype(np.float32)
    restored = (blocks[:, 2:].view(np.int8) * scales).reshape(values.shape)
    largest = np.abs(values.reshape(-1, 32)).max(axis=1).repeat(32).reshape(values.shape)
    assert np.all(np.abs(restored - values) <= largest / 127 + 1e-4)


def test_rows_that_do_not_fit_into_blocks_are_refused() -> None:
    with pytest.raises(BrokenSource, match="blocks of 32"):
        quantize_q8_0(np.ones((2, 33), np.float16))


def test_the_filter_bank_covers_all_frequencies_with_equal_areas() -> None:
    filters = mel_filters(80)
    assert filters.shape == (80, 201)
    assert (filters >= 0).all()
    assert filters[:, 1:200].any(axis=1).all()
    areas = filters.sum(axis=1) * 40  # 40 Hz between frequencies
    assert np.allclose(areas[20:], 1.0, atol=0.12)

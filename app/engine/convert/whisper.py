"""Converts Whisper from CTranslate2's folder to whisper.cpp's ggml file, optionally with weights of 8 bits.

The result is laid out as whisper.cpp reads it (`whisper_model_load`): numbers, mel filters, vocabulary, tensors.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from app.engine.convert.ctranslate2 import Tensor, read_variables
from app.engine.convert.mel import mel_filters
from app.engine.convert.source import BrokenSource, written_whole

MAGIC = 0x67676D6C
FILE_F16, FILE_Q8_0 = 1, 2007
TENSOR_F32, TENSOR_F16, TENSOR_Q8_0 = 0, 1, 8
HEAD_SIZE = 64
MULTILINGUAL_VOCABULARY = 51865
BLOCK = 32
SMALLEST_SCALE = 1e-37
"""Its inverse would overflow; 16 bits cannot store it anyway."""
SINGLE_VALUES = ("encoder.conv1.bias", "encoder.conv2.bias")
"""These biases are columns, not rows."""


def convert_whisper(source: Path, result: Path, *, quantize: bool) -> None:
    """Make `result` from the folder `source`, which holds `model.bin` and `tokenizer.json`.

    Raises:
        BrokenSource: a file is missing, damaged, or of another model.
        OSError: the result cannot be written.
    """
    variables = _read(source / "model.bin")
    vocabulary = _read_vocabulary(source / "tokenizer.json")
    try:
        tensors = dict(_tensors(variables))
        numbers = _numbers(variables, quantize)
    except (KeyError, ValueError) as error:
        raise BrokenSource(f"{source / 'model.bin'} is not a complete Whisper model (missing {error}).") from error
    with written_whole(result) as file:
        file.write(struct.pack("<12i", MAGIC, *numbers))
        _write_filters(file, numbers[9])
        _write_vocabulary(file, vocabulary, numbers[0])
        for name, tensor in tensors.items():
            _write_tensor(file, name, tensor, quantize)


def _read(file: Path) -> dict[str, Tensor]:
    if not file.is_file():
        raise BrokenSource(f"{file} is missing.")
    return read_variables(file)


def _read_vocabulary(file: Path) -> dict[int, str]:
    try:
        content = json.loads(file.read_text("utf-8"))
        return {number: token for token, number in content["model"]["vocab"].items()}
    except OSError as error:
        raise BrokenSource(f"{file} is missing.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BrokenSource(f"{file} is damaged ({error}).") from error


def _numbers(variables: Mapping[str, Tensor], quantize: bool) -> list[int]:
    """whisper.cpp's hyperparameters in its order."""
    words, state = variables["decoder/embeddings/weight"].shape
    heads = state // HEAD_SIZE
    sound_context = variables["encoder/position_encodings/encodings"].shape[0]
    text_context = variables["decoder/position_encodings/encodings"].shape[0]
    bands = variables["encoder/conv1/weight"].shape[1]
    encoder, decoder = _layers(variables, "encoder"), _layers(variables, "decoder")
    kind = FILE_Q8_0 if quantize else FILE_F16
    return [words, sound_context, state, heads, encoder, text_context, state, heads, decoder, bands, kind]


def _layers(variables: Mapping[str, Tensor], side: str) -> int:
    found = (re.match(rf"{side}/layer_(\d+)/", name) for name in variables)
    numbers = [int(match.group(1)) for match in found if match]
    if not numbers:
        raise KeyError(f"{side}/layer_0")
    return 1 + max(numbers)


def _tensors(variables: Mapping[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
    """All tensors under OpenAI's names, in the order of whisper.cpp's own converter."""
    for layer in ("conv1", "conv2"):
        yield from _linear(variables, f"encoder.{layer}", f"encoder/{layer}")
    for side in ("encoder", "decoder"):
        yield f"{side}.positional_embedding", variables[f"{side}/position_encodings/encodings"]
    yield "decoder.token_embedding.weight", variables["decoder/embeddings/weight"]
    yield from _norm(variables, "encoder.ln_post", "encoder/layer_norm")
    yield from _norm(variables, "decoder.ln", "decoder/layer_norm")
    for side in ("encoder", "decoder"):
        for index in range(_layers(variables, side)):
            yield from _block(variables, f"{side}.blocks.{index}", f"{side}/layer_{index}", side == "decoder")


def _block(variables: Mapping[str, Tensor], name: str, source: str, decoder: bool) -> Iterator[tuple[str, Tensor]]:
    yield from _norm(variables, f"{name}.attn_ln", f"{source}/self_attention/layer_norm")
    yield from _attention(variables, f"{name}.attn", f"{source}/self_attention/linear_0", ("query", "key", "value"))
    yield from _linear(variables, f"{name}.attn.out", f"{source}/self_attention/linear_1")
    if decoder:
        yield from _norm(variables, f"{name}.cross_attn_ln", f"{source}/attention/layer_norm")
        yield from _linear(variables, f"{name}.cross_attn.query", f"{source}/attention/linear_0")
        yield from _attention(variables, f"{name}.cross_attn", f"{source}/attention/linear_1", ("key", "value"))
        yield from _linear(variables, f"{name}.cross_attn.out", f"{source}/attention/linear_2")
    yield from _norm(variables, f"{name}.mlp_ln", f"{source}/ffn/layer_norm")
    yield from _linear(variables, f"{name}.mlp.0", f"{source}/ffn/linear_0")
    yield from _linear(variables, f"{name}.mlp.2", f"{source}/ffn/linear_1")


def _attention(
    variables: Mapping[str, Tensor], name: str, source: str, parts: tuple[str, ...]
) -> Iterator[tuple[str, Tensor]]:
    """CTranslate2 stacks the projections in one matrix; Whisper's keys have no bias."""
    weights = np.split(variables[f"{source}/weight"], len(parts))
    biases = np.split(variables[f"{source}/bias"], len(parts))
    for part, weight, bias in zip(parts, weights, biases, strict=True):
        yield f"{name}.{part}.weight", weight
        if part != "key":
            yield f"{name}.{part}.bias", bias


def _linear(variables: Mapping[str, Tensor], name: str, source: str) -> Iterator[tuple[str, Tensor]]:
    yield f"{name}.weight", variables[f"{source}/weight"]
    yield f"{name}.bias", variables[f"{source}/bias"]


def _norm(variables: Mapping[str, Tensor], name: str, source: str) -> Iterator[tuple[str, Tensor]]:
    yield f"{name}.weight", variables[f"{source}/gamma"]
    yield f"{name}.bias", variables[f"{source}/beta"]


def _write_filters(file: BinaryIO, bands: int) -> None:
    filters = mel_filters(bands)
    file.write(struct.pack("<2i", *filters.shape))
    file.write(filters.tobytes())


def _write_vocabulary(file: BinaryIO, vocabulary: Mapping[int, str], words: int) -> None:
    """The text tokens as bytes; marks and times follow from their number."""
    count = 50257 if words >= MULTILINGUAL_VOCABULARY else 50256
    byte_of = _byte_of_character()
    file.write(struct.pack("<i", count))
    for number in range(count):
        token = bytes(byte_of[character] for character in vocabulary.get(number, ""))
        file.write(struct.pack("<i", len(token)))
        file.write(token)


def _byte_of_character() -> dict[str, int]:
    """GPT-2's byte-level vocabulary: printable bytes stand for themselves, the others follow from 256 on."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    table = {chr(byte): byte for byte in printable}
    return table | {chr(256 + position): byte for position, byte in enumerate(others)}


def _write_tensor(file: BinaryIO, name: str, tensor: Tensor, quantize: bool) -> None:
    tensor = tensor.reshape(-1, 1) if name in SINGLE_VALUES else tensor
    exact = tensor.ndim < 2 or name.endswith("positional_embedding") or name in SINGLE_VALUES
    if exact:
        kind, data = TENSOR_F32, np.ascontiguousarray(tensor, dtype=np.float32).tobytes()
    elif quantize and tensor.ndim == 2:
        kind, data = TENSOR_Q8_0, quantize_q8_0(tensor)
    else:
        kind, data = TENSOR_F16, np.ascontiguousarray(tensor, dtype=np.float16).tobytes()
    encoded = name.encode()
    file.write(struct.pack("<3i", tensor.ndim, len(encoded), kind))
    file.write(struct.pack(f"<{tensor.ndim}i", *reversed(tensor.shape)))
    file.write(encoded)
    file.write(data)


def quantize_q8_0(tensor: NDArray[Any]) -> bytes:
    """ggml's Q8_0: blocks of 32 values as a 16-bit scale and 32 signed bytes; the last dimension must fit.

    Raises:
        BrokenSource: it does not.
    """
    if tensor.shape[-1] % BLOCK:
        raise BrokenSource(f"A tensor of shape {tensor.shape} cannot be stored in blocks of {BLOCK}.")
    values = tensor.astype(np.float32).reshape(-1, BLOCK)
    scales = np.abs(values).max(axis=1, keepdims=True) / 127
    inverse = np.divide(1, scales, out=np.zeros_like(scales), where=scales > SMALLEST_SCALE)
    blocks = np.empty((len(values), 2 + BLOCK), np.uint8)
    blocks[:, :2] = scales.astype(np.float16).view(np.uint8)
    blocks[:, 2:] = np.round(values * inverse).astype(np.int8).view(np.uint8)
    return blocks.tobytes()

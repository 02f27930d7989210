"""Converts Real-ESRGAN from ncnn's `.param` and `.bin` to safetensors, as stable-diffusion.cpp reads it.

ncnn's formats as its wiki describes them ("param and model file structure"): one layer a line, then `id=value`
pairs; weights in the order of the layers, each with a tag that tells 16 from 32 bits.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.engine.convert.safetensors import HalfTensor, write_safetensors
from app.engine.convert.source import BrokenSource, written_whole

TAG_FLOAT32, TAG_FLOAT16 = 0, 0x01306B47
OUTPUTS, KERNEL, WEIGHTS = "0", "1", "6"
"""ncnn's ids of a convolution's parameters."""
DENSE_BLOCKS = 3
DENSE_LAYERS = 5
OUTER_LAYERS = ("conv_first", "conv_body", "conv_up1", "conv_up2", "conv_hr", "conv_last")


@dataclass(frozen=True, slots=True)
class _Convolution:
    outputs: int
    inputs: int
    kernel: int


def convert_esrgan(param: Path, weights: Path, result: Path) -> None:
    """Make `result` from a Real-ESRGAN ×4 network of any depth.

    Raises:
        BrokenSource: a file is missing, damaged, or of another network.
        OSError: the result cannot be written.
    """
    try:
        layers = list(_convolutions(param.read_text("ascii")))
        data = weights.read_bytes()
    except FileNotFoundError as error:
        raise BrokenSource(f"{error.filename} is missing.") from error
    except (ValueError, KeyError, IndexError) as error:
        raise BrokenSource(f"{param} is not a network of ncnn ({error}).") from error
    names = _names(len(layers))
    tensors = dict(_tensors(names, layers, data, weights))
    with written_whole(result) as file:
        write_safetensors(file, tensors)


def _convolutions(text: str) -> Iterator[_Convolution]:
    for line in text.splitlines():
        words = line.split()
        if not words or words[0] != "Convolution":
            continue
        first_pair = 4 + int(words[2]) + int(words[3])
        values = dict(word.split("=") for word in words[first_pair:])
        outputs, kernel, weights = int(values[OUTPUTS]), int(values[KERNEL]), int(values[WEIGHTS])
        yield _Convolution(outputs, weights // (outputs * kernel * kernel), kernel)


def _names(count: int) -> list[str]:
    """The layers' names in the order of ncnn's file, for as many blocks as there are."""
    blocks, rest = divmod(count - len(OUTER_LAYERS), DENSE_BLOCKS * DENSE_LAYERS)
    if rest or blocks < 1:
        raise BrokenSource(f"This is not a Real-ESRGAN ×4 network: it has {count} convolutions.")
    body = [
        f"body.{block}.rdb{dense}.conv{layer}"
        for block in range(blocks)
        for dense in range(1, DENSE_BLOCKS + 1)
        for layer in range(1, DENSE_LAYERS + 1)
    ]
    return [OUTER_LAYERS[0], *body, *OUTER_LAYERS[1:]]


def _tensors(
    names: list[str], layers: list[_Convolution], data: bytes, weights: Path
) -> Iterator[tuple[str, HalfTensor]]:
    offset = 0
    try:
        for name, layer in zip(names, layers, strict=True):
            values, offset = _weights(data, offset, layer.outputs * layer.inputs * layer.kernel**2)
            yield f"{name}.weight", values.reshape(layer.outputs, layer.inputs, layer.kernel, layer.kernel)
            yield f"{name}.bias", np.frombuffer(data, np.float32, layer.outputs, offset).astype(np.float16)
            offset += 4 * layer.outputs
    except (struct.error, ValueError) as error:
        raise BrokenSource(f"{weights} is damaged or does not belong to its network ({error}).") from error
    if offset != len(data):
        raise BrokenSource(f"{weights} does not belong to its network: it has {len(data) - offset} bytes too many.")


def _weights(data: bytes, offset: int, count: int) -> tuple[HalfTensor, int]:
    """The weights at `offset` and where they end; 16-bit ones are padded to four bytes."""
    (tag,) = struct.unpack_from("<I", data, offset)
    offset += 4
    if tag == TAG_FLOAT16:
        return np.frombuffer(data, np.float16, count, offset), offset + (2 * count + 3) // 4 * 4
    if tag == TAG_FLOAT32:
        return np.frombuffer(data, np.float32, count, offset).astype(np.float16), offset + 4 * count
    raise ValueError(f"weights of an unknown type {tag:#x}")

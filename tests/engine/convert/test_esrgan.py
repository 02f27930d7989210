"""A tiny Real-ESRGAN for ncnn, one block deep, converted and looked into."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from app.engine.convert.esrgan import convert_esrgan
from app.engine.convert.safetensors import read_header
from app.engine.convert.source import BrokenSource

LAYERS = [(2, 3)] + [(2, 2)] * 15 + [(2, 2)] * 4 + [(3, 2)]
"""Outputs and inputs of each convolution of a network with one block."""


def param(layers: list[tuple[int, int]], kernel: int = 3) -> str:
    lines = ["7767517", "3 3", "Input data 0 1 data"]
    for number, (outputs, inputs) in enumerate(layers):
        weights = outputs * inputs * kernel * kernel
        lines.append(f"Convolution conv{number} 1 1 in{number} out{number} 0={outputs} 1={kernel} 5=1 6={weights}")
        lines.append(f"ReLU act{number} 1 1 out{number} in{number + 1} -23310=1,2.000000e-01")
    return "\n".join(lines) + "\n"


def weights(layers: list[tuple[int, int]], half: bool) -> bytes:
    data = b""
    for number, (outputs, inputs) in enumerate(layers):
        values = np.full(outputs * inputs * 9, number, np.float16 if half else np.float32)
        tensor = struct.pack("<I", 0x01306B47 if half else 0) + values.tobytes()
        data += tensor + b"\0" * (-len(tensor) % 4) + np.full(outputs, -number, np.float32).tobytes()
    return data


def write(folder: Path, text: str, data: bytes) -> tuple[Path, Path, Path]:
    files = folder / "x.param", folder / "x.bin", folder / "x.safetensors"
    files[0].write_text(text)
    files[1].write_bytes(data)
    return files


@pytest.mark.parametrize("half", [True, False])
def test_layers_get_the_names_of_the_original(tmp_path: Path, half: bool) -> None:
    source, data, result = write(tmp_path, param(LAYERS), weights(LAYERS, half))
    convert_esrgan(source, data, result)
    header = read_header(result)
    names = [name.removesuffix(".weight") for name in header if name.endswith(".weight")]
    assert names[:2] == ["conv_first", "body.0.rdb1.conv1"]
    assert names[15:] == ["body.0.rdb3.conv5", "conv_body", "conv_up1", "conv_up2", "conv_hr", "conv_last"]
    assert header["conv_first.weight"]["shape"] == [2, 3, 3, 3]
    assert header["conv_last.bias"]["shape"] == [3]
    content = result.read_bytes()
    assert content[-6:] == np.full(3, -20, np.float16).tobytes()


@pytest.mark.parametrize(
    ("text", "data", "words"),
    [
        (param(LAYERS), weights(LAYERS, True)[:-1], "damaged"),
        (param(LAYERS), weights(LAYERS, True) + b"1234", "4 bytes too many"),
        (param(LAYERS), b"\xff" * 4000, "damaged"),
        (param(LAYERS[:-1]), weights(LAYERS[:-1], True), "20 convolutions"),
        ("a letter", b"", "0 convolutions"),
        ("Convolution a b c d", b"", "not a network"),
        ("Convolution a 1 1 b c 0=2", b"", "not a network"),
    ],
)
def test_a_broken_source_is_told_and_leaves_nothing(tmp_path: Path, text: str, data: bytes, words: str) -> None:
    files = write(tmp_path, text, data)
    with pytest.raises(BrokenSource, match=words):
        convert_esrgan(*files)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["x.bin", "x.param"]


def test_an_older_result_survives_a_failure(tmp_path: Path) -> None:
    files = write(tmp_path, param(LAYERS), b"")
    files[2].write_bytes(b"the older one")
    with pytest.raises(BrokenSource):
        convert_esrgan(*files)
    assert files[2].read_bytes() == b"the older one"

"""Writes and reads the header of safetensors files: a length, a JSON table of tensors, and their bytes.

Format as documented by Hugging Face (safetensors, "Format").
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

ALIGNMENT = 8
LARGEST_HEADER = 100_000_000
"""The limit of the reference implementation."""

type HalfTensor = NDArray[np.float16]


def write_safetensors(file: BinaryIO, tensors: Mapping[str, HalfTensor]) -> None:
    """Write 16-bit tensors in their order."""
    header: dict[str, Any] = {}
    offset = 0
    for name, tensor in tensors.items():
        ends = [offset, offset + tensor.nbytes]
        header[name] = {"dtype": "F16", "shape": list(tensor.shape), "data_offsets": ends}
        offset = ends[1]
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % ALIGNMENT)
    file.write(struct.pack("<Q", len(text)))
    file.write(text)
    for tensor in tensors.values():
        file.write(np.ascontiguousarray(tensor).tobytes())


def read_header(file: Path) -> dict[str, dict[str, Any]]:
    """The table of tensors, without the entry for metadata.

    Raises:
        ValueError: no safetensors file, or cut off.
    """
    with file.open("rb") as stream:
        prefix = stream.read(8)
        length = struct.unpack("<Q", prefix)[0] if len(prefix) == 8 else 0
        if not 2 <= length <= LARGEST_HEADER:
            raise ValueError("no safetensors header")
        table = json.loads(stream.read(length))
    if not isinstance(table, dict):
        raise ValueError("no safetensors header")
    table.pop("__metadata__", None)
    end = max((entry["data_offsets"][1] for entry in table.values()), default=0)
    if 8 + length + end > file.stat().st_size:
        raise ValueError("the file is cut off")
    return table

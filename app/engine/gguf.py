"""Reads the head of a GGUF file: its metadata without the long lists, and the names of its tensors; no native code.

Format as documented in ggml's repository (docs/gguf.md).
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

MAGIC = b"GGUF"
VERSIONS = (2, 3)
LAYOUTS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
STRING, ARRAY = 8, 9
MOST_ENTRIES = 1_000_000
LONGEST_STRING = 64 << 20


@dataclass(frozen=True, slots=True)
class GgufHead:
    """`metadata` holds numbers and strings; lists are left out."""

    metadata: dict[str, Any] = field(default_factory=dict)
    tensors: tuple[str, ...] = ()


def read_gguf(file: Path) -> GgufHead:
    """Read the head.

    Raises:
        ValueError: no GGUF file, of an unknown version, or cut off.
    """
    with file.open("rb") as stream:
        if stream.read(4) != MAGIC:
            raise ValueError("no GGUF file")
        try:
            return _read_head(stream)
        except struct.error as error:
            raise ValueError("the file is cut off") from error


def _read_head(stream: BinaryIO) -> GgufHead:
    version, tensors, entries = _unpack(stream, "<IQQ")
    if version not in VERSIONS or max(tensors, entries) > MOST_ENTRIES:
        raise ValueError(f"GGUF version {version} is not known")
    metadata = {}
    for _ in range(entries):
        name = _string(stream)
        value = _value(stream, _unpack(stream, "<I")[0])
        if value is not None:
            metadata[name] = value
    return GgufHead(metadata, tuple(_tensor_name(stream) for _ in range(tensors)))


def _value(stream: BinaryIO, kind: int) -> Any | None:  # noqa: ANN401 # a value of whatever type the file says
    if kind == STRING:
        return _string(stream)
    if kind == ARRAY:
        _skip_array(stream)
        return None
    return _unpack(stream, "<" + _layout(kind))[0]


def _skip_array(stream: BinaryIO) -> None:
    kind, count = _unpack(stream, "<IQ")
    if kind in LAYOUTS:
        _skip(stream, struct.calcsize("<" + _layout(kind)) * count)
        return
    for _ in range(count):
        _value(stream, kind)


def _tensor_name(stream: BinaryIO) -> str:
    name = _string(stream)
    (dimensions,) = _unpack(stream, "<I")
    _skip(stream, 8 * dimensions + 4 + 8)  # shape, type, offset
    return name


def _skip(stream: BinaryIO, length: int) -> None:
    if stream.tell() + length > os.fstat(stream.fileno()).st_size:
        raise ValueError("the file is cut off")
    stream.seek(length, os.SEEK_CUR)


def _layout(kind: int) -> str:
    if kind not in LAYOUTS:
        raise ValueError(f"values of an unknown type {kind}")
    return LAYOUTS[kind]


def _string(stream: BinaryIO) -> str:
    (length,) = _unpack(stream, "<Q")
    if length > LONGEST_STRING:
        raise ValueError("a text of impossible length")
    data = stream.read(length)
    if len(data) < length:
        raise ValueError("the file is cut off")
    return data.decode("utf-8", "replace")


def _unpack(stream: BinaryIO, layout: str) -> tuple[Any, ...]:
    return struct.unpack(layout, stream.read(struct.calcsize(layout)))

"""Reads CTranslate2's `model.bin` for Whisper: a list of named tensors; nothing else of that format.

Layout as its writer defines it (ctranslate2/specs/model_spec.py): version, name of the specification, revision,
number of variables; per variable its name, rank, dimensions, type and bytes; all little-endian.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from app.engine.convert.source import BrokenSource

SPECIFICATION = "WhisperSpec"
TYPES = (np.float32, np.int8, np.int16, np.int32, np.float16)
MOST_VARIABLES = 100_000
DEEPEST = 8

type Tensor = NDArray[Any]


def read_variables(file: Path) -> dict[str, Tensor]:
    """All tensors by name.

    Raises:
        BrokenSource: not a Whisper model of CTranslate2, or cut off.
    """
    try:
        with file.open("rb") as stream:
            return _read(stream)
    except (struct.error, UnicodeDecodeError, IndexError, ValueError, MemoryError) as error:
        raise BrokenSource(f"{file} is damaged or not a CTranslate2 model ({error}).") from error


def _read(stream: BinaryIO) -> dict[str, Tensor]:
    _numbers(stream, "<I")
    specification = _name(stream)
    if specification != SPECIFICATION:
        raise BrokenSource(f"This is not a Whisper model of CTranslate2 but '{specification[:40]}'.")
    _, count = _numbers(stream, "<II")
    if count > MOST_VARIABLES:
        raise ValueError(f"{count} variables")
    return dict(_variable(stream) for _ in range(count))


def _variable(stream: BinaryIO) -> tuple[str, Tensor]:
    name = _name(stream)
    (rank,) = _numbers(stream, "<B")
    if rank > DEEPEST:
        raise ValueError(f"{rank} dimensions")
    shape = _numbers(stream, f"<{rank}I")
    kind, length = _numbers(stream, "<BI")
    data = stream.read(length)
    return name, np.frombuffer(data, dtype=TYPES[kind]).reshape(shape)


def _name(stream: BinaryIO) -> str:
    (length,) = _numbers(stream, "<H")
    return stream.read(length).rstrip(b"\0").decode()


def _numbers(stream: BinaryIO, layout: str) -> tuple[int, ...]:
    return struct.unpack(layout, stream.read(struct.calcsize(layout)))

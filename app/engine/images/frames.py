"""The line between the engine and its picture program: a JSON line that tells how many bytes follow, and the bytes."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any, BinaryIO


@dataclass(frozen=True, slots=True)
class Frame:
    """One message; `payload` is an encoded picture or empty."""

    header: dict[str, Any]
    payload: bytes = b""

    def encode(self) -> bytes:
        return json.dumps({**self.header, "bytes": len(self.payload)}).encode() + b"\n" + self.payload


def read_frame(stream: BinaryIO) -> Frame | None:
    """The next message, or None at the end."""
    line = stream.readline()
    if not line:
        return None
    header = json.loads(line)
    return Frame(header, stream.read(header.pop("bytes")))


async def receive_frame(stream: asyncio.StreamReader) -> Frame | None:
    """The next message, or None at the end, even when that comes in the middle of a message."""
    line = await stream.readline()
    if not line.endswith(b"\n"):
        return None
    header = json.loads(line)
    try:
        return Frame(header, await stream.readexactly(header.pop("bytes")))
    except asyncio.IncompleteReadError:
        return None

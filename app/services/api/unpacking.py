"""Compressed bodies, unpacked in pieces of a known size; httpx's own way makes one piece of whatever a piece holds.

A body of a few kilobytes can hold gigabytes of zeros, and one that is packed several times over even more.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import httpx

LARGEST_PIECE = 1 << 16
_GZIP = zlib.MAX_WBITS | 16
_ZLIB = zlib.MAX_WBITS
_BARE = -zlib.MAX_WBITS
_GZIP_BEGINNING = b"\x1f\x8b"
_TELLING = 2
"""Bytes that tell how a body is packed."""


def unpacker_for(headers: httpx.Headers) -> Unpacker | Plain:
    """What the headers ask for.

    An encoding that was not offered is not unpacked: its bytes are refused later, as what they are not. Raises
    httpx.DecodingError for a body that is packed more than once.
    """
    named = [name.strip().lower() for name in headers.get("content-encoding", "").split(",")]
    packings = [name for name in named if name not in ("", "identity")]
    if len(packings) > 1:
        raise httpx.DecodingError(f"packed {len(packings)} times over")
    return Unpacker() if packings and packings[0] in ("gzip", "x-gzip", "deflate") else Plain()


class Plain:
    """Leaves the bytes as they are."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        yield data

    def finish(self) -> None:
        """There is nothing that could be missing."""


class Unpacker:
    """Unpacks gzip, zlib and bare deflate, told apart by their first bytes: servers call the last two the same.

    Several gzip members one after the other are one body (RFC 1952, section 2.2). What else follows the end is dropped;
    `finish` need not be called when so much follows that `feed` refuses it.
    """

    def __init__(self) -> None:
        self._stream: zlib._Decompress | None = None
        self._waiting = b""
        self._dropped = 0
        self._has_ended = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What is in `data`, in pieces of at most `LARGEST_PIECE` bytes. Raises httpx.DecodingError."""
        data = self._waiting + data
        self._waiting = b""
        while data:
            if self._stream is None:
                if len(data) < _TELLING and not self._dropped:
                    self._waiting = data
                    return
                if self._has_ended and (self._dropped or data[:_TELLING] != _GZIP_BEGINNING):
                    self._drop(data)
                    return
                self._stream = zlib.decompressobj(_format_of(data))
            yield from self._unpacked(self._stream, data)
            data = self._stream.unused_data
            if self._stream.eof:
                self._stream, self._has_ended = None, True

    def finish(self) -> None:
        """The packed bytes have ended. Raises httpx.DecodingError when they were not all."""
        if self._stream is not None or (self._waiting and not self._has_ended):
            raise httpx.DecodingError("the packed bytes end too early")

    def _unpacked(self, stream: zlib._Decompress, data: bytes) -> Iterator[bytes]:
        try:
            while piece := stream.decompress(data, LARGEST_PIECE):
                yield piece
                data = stream.unconsumed_tail
        except zlib.error as error:
            raise httpx.DecodingError(str(error)) from error

    def _drop(self, data: bytes) -> None:
        self._dropped += len(data)
        if self._dropped > LARGEST_PIECE:
            raise httpx.DecodingError("the packed bytes go on behind their end")


def _format_of(beginning: bytes) -> int:
    """What zlib is to expect (RFC 1950, section 2.2; RFC 1952, section 2.3.1)."""
    if beginning[:_TELLING] == _GZIP_BEGINNING:
        return _GZIP
    is_zlib = beginning[0] & 0x0F == 8 and int.from_bytes(beginning[:2]) % 31 == 0
    return _ZLIB if is_zlib else _BARE

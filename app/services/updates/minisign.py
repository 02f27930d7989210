"""Checks signatures in minisign's format (https://jedisct1.github.io/minisign/); it keeps no keys and signs nothing."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

KEY_ALGORITHM, SIGNATURE_ALGORITHM = b"Ed", b"ED"
"""Of signatures only those over the BLAKE2b sum of the data, which minisign makes since version 0.10."""
UNTRUSTED, TRUSTED = "untrusted comment: ", "trusted comment: "
_MOST_CHARACTERS = 4096


class BadSignature(Exception):
    """It is none, it is by another key, or not over this."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """What signatures are checked with; `number` tells which key a signature was made with."""

    number: bytes
    key: bytes

    @classmethod
    def read(cls, text: str) -> PublicKey:
        """Of minisign's file or of its second line alone.

        Raises:
            ValueError: it is none.
        """
        lines = text.strip().splitlines() or [""]
        data = _decoded(lines[-1], 42)
        if data[:2] != KEY_ALGORITHM:
            raise ValueError("no key of minisign's")
        return cls(data[2:10], data[10:])


def verify(key: PublicKey, data: bytes, signature: str) -> str:
    """The comment that was signed with `data`.

    Raises:
        BadSignature: nothing of this may be believed.
    """
    try:
        algorithm, number, value, comment, whole = _parts(signature)
    except ValueError as error:
        raise BadSignature(f"this is no signature: {error}") from error
    if algorithm != SIGNATURE_ALGORITHM:
        raise BadSignature("another kind of signature")
    if number != key.number:
        raise BadSignature("signed with another key")
    public = Ed25519PublicKey.from_public_bytes(key.key)
    try:
        public.verify(value, hashlib.blake2b(data).digest())
        public.verify(whole, value + comment.encode())
    except InvalidSignature as error:
        raise BadSignature("not what was signed") from error
    return comment


def _parts(signature: str) -> tuple[bytes, bytes, bytes, str, bytes]:
    """Algorithm, number of the key, signature of the data, comment, signature of both."""
    if len(signature) > _MOST_CHARACTERS:
        raise ValueError("too long")
    lines = signature.strip("\n").split("\n")
    if len(lines) != 4 or not lines[0].startswith(UNTRUSTED) or not lines[2].startswith(TRUSTED):
        raise ValueError("lines are missing")
    data = _decoded(lines[1], 74)
    return data[:2], data[2:10], data[10:], lines[2].removeprefix(TRUSTED), _decoded(lines[3], 64)


def _decoded(line: str, length: int) -> bytes:
    try:
        data = base64.b64decode(line.strip(), validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error
    if len(data) != length:
        raise ValueError(f"{len(data)} bytes instead of {length}")
    return data

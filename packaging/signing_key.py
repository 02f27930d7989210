"""Keys and signatures in minisign's format, for a machine that has no minisign; the program itself only checks them.

The secret key is the maintainers' alone: it belongs on no network and never into this repository.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import struct
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ALGORITHM, SUM_ALGORITHM = b"Ed", b"B2"
SCRYPT, NO_PASSWORD = b"Sc", b"\0\0"
EFFORT = (33_554_432, 1_073_741_824)
"""libsodium's limits SENSITIVE, which minisign uses; for scrypt they mean n = 2**20, r = 8, p = 1."""
MOST_MEMORY = (1 << 31) - 2
"""What OpenSSL may use for that: it takes a little more than the gigabyte."""
_HEAD, _BODY = "<2s2s2s32sQQ", "<8s64s32s"


class WrongPassword(Exception):
    """It does not open the key."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """`number` tells it from others; `seed` is the secret."""

    number: bytes
    seed: bytes

    def __repr__(self) -> str:
        return f"SigningKey({self.number.hex()})"

    @classmethod
    def make(cls) -> SigningKey:
        return cls(secrets.token_bytes(8), secrets.token_bytes(32))

    @classmethod
    def read(cls, text: str, password: str) -> SigningKey:
        """Of minisign's file.

        Raises:
            WrongPassword
            ValueError: it is no secret key.
        """
        data = base64.b64decode(text.strip().splitlines()[-1], validate=True)
        algorithm, protection, sum_algorithm, salt, *effort = struct.unpack_from(_HEAD, data)
        if (algorithm, sum_algorithm) != (ALGORITHM, SUM_ALGORITHM) or len(data) != struct.calcsize(_HEAD + _BODY[1:]):
            raise ValueError("no secret key of minisign's")
        body = data[struct.calcsize(_HEAD) :]
        if protection == SCRYPT:
            if tuple(effort) != EFFORT:
                raise ValueError("protected in another way")
            body = _masked(body, password, salt)
        number, key, check = struct.unpack(_BODY, body)
        if protection == SCRYPT and check != _sum(number, key):
            raise WrongPassword
        return cls(number, key[:32])

    def text(self, password: str = "") -> str:
        """Minisign's file; without a password whoever has the file has the key."""
        key = self.seed + self._public()
        body = struct.pack(_BODY, self.number, key, _sum(self.number, key) if password else bytes(32))
        salt = secrets.token_bytes(32) if password else bytes(32)
        effort = EFFORT if password else (0, 0)
        if password:
            body = _masked(body, password, salt)
        head = struct.pack(_HEAD, ALGORITHM, SCRYPT if password else NO_PASSWORD, SUM_ALGORITHM, salt, *effort)
        return f"untrusted comment: minisign encrypted secret key\n{_encoded(head + body)}\n"

    @property
    def public_line(self) -> str:
        """What the program carries."""
        return _encoded(ALGORITHM + self.number + self._public())

    @property
    def public_text(self) -> str:
        """Minisign's file."""
        return f"untrusted comment: minisign public key {self.number[::-1].hex().upper()}\n{self.public_line}\n"

    def sign(self, data: bytes, comment: str) -> str:
        """Minisign's signature over the BLAKE2b sum of `data`, and over `comment`, which is one line."""
        key = Ed25519PrivateKey.from_private_bytes(self.seed)
        value = key.sign(hashlib.blake2b(data).digest())
        lines = (
            "untrusted comment: signature of a release of Triptych",
            _encoded(b"ED" + self.number + value),
            f"trusted comment: {comment}",
            _encoded(key.sign(value + comment.encode())),
        )
        return "\n".join(lines) + "\n"

    def _public(self) -> bytes:
        return Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def _sum(number: bytes, key: bytes) -> bytes:
    return hashlib.blake2b(ALGORITHM + number + key, digest_size=32).digest()


def _masked(body: bytes, password: str, salt: bytes) -> bytes:
    """Takes a gigabyte of memory and some seconds, which is its purpose."""
    mask = hashlib.scrypt(password.encode(), salt=salt, n=1 << 20, r=8, p=1, maxmem=MOST_MEMORY, dklen=len(body))
    return bytes(one ^ other for one, other in zip(body, mask, strict=True))


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")

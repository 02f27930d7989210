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
SENSITIVE = (33_554_432, 1_073_741_824)
"""libsodium's limits of operations and memory, which minisign uses: a gigabyte and some seconds for each try."""
MOST_MEMORY = (1 << 31) - 2
"""What OpenSSL may use for that: it takes a little more."""
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
            body = _masked(body, password, salt, (effort[0], effort[1]))
        number, key, check = struct.unpack(_BODY, body)
        if protection == SCRYPT and check != _sum(number, key):
            raise WrongPassword
        return cls(number, key[:32])

    def text(self, password: str = "", effort: tuple[int, int] = SENSITIVE) -> str:
        """Minisign's file; without a password whoever has the file has the key. `effort` is what a try costs."""
        key = self.seed + self._public()
        body = struct.pack(_BODY, self.number, key, _sum(self.number, key) if password else bytes(32))
        salt = secrets.token_bytes(32) if password else bytes(32)
        if password:
            body = _masked(body, password, salt, effort)
        protection, limits = (SCRYPT, effort) if password else (NO_PASSWORD, (0, 0))
        head = struct.pack(_HEAD, ALGORITHM, protection, SUM_ALGORITHM, salt, *limits)
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


def _masked(body: bytes, password: str, salt: bytes, effort: tuple[int, int]) -> bytes:
    """`body` combined with what the password becomes; twice is once undone."""
    n, r, p = _scrypt_parameters(*effort)
    mask = hashlib.scrypt(password.encode(), salt=salt, n=n, r=r, p=p, maxmem=MOST_MEMORY, dklen=len(body))
    return bytes(one ^ other for one, other in zip(body, mask, strict=True))


def _scrypt_parameters(operations: int, memory: int) -> tuple[int, int, int]:
    """As libsodium chooses n, r and p (crypto_pwhash_scryptsalsa208sha256, pickparams)."""
    r = 8
    is_short_of_time = operations < memory // 32
    most_n = operations // (r * 4) if is_short_of_time else memory // (r * 128)
    n = next(1 << power for power in range(1, 63) if 1 << power > most_n // 2)
    p = 1 if is_short_of_time else min(operations // 4 // n, 0x3FFFFFFF) // r
    return n, r, p


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")

"""Signatures: what minisign itself has signed is believed, and nothing that differs from it in a single bit."""

from __future__ import annotations

import base64

import pytest

from app.services.updates.minisign import BadSignature, PublicKey, verify
from tests.conftest import ROOT
from tests.fakes.release_feed import another_key

DATA = ROOT / "tests" / "data" / "updates"
KEY = (DATA / "minisign.pub").read_text("utf-8")
MESSAGE = (DATA / "message.txt").read_bytes()
SIGNATURE = (DATA / "message.txt.minisig").read_text("utf-8")
"""Made by minisign 0.11."""


def test_a_signature_of_minisign_is_believed() -> None:
    assert verify(PublicKey.read(KEY), MESSAGE, SIGNATURE) == "a trusted word"
    assert PublicKey.read(KEY) == PublicKey.read(KEY.splitlines()[1])


def test_another_message_is_not() -> None:
    with pytest.raises(BadSignature, match="not what was signed"):
        verify(PublicKey.read(KEY), MESSAGE + b"!", SIGNATURE)


def test_another_comment_is_not() -> None:
    with pytest.raises(BadSignature, match="not what was signed"):
        verify(PublicKey.read(KEY), MESSAGE, SIGNATURE.replace("a trusted word", "another word"))


def test_another_key_is_not() -> None:
    with pytest.raises(BadSignature, match="another key"):
        verify(PublicKey.read(another_key().public_line), MESSAGE, SIGNATURE)


def test_another_key_with_the_same_number_is_not() -> None:
    stranger = PublicKey(PublicKey.read(KEY).number, PublicKey.read(another_key().public_line).key)
    with pytest.raises(BadSignature, match="not what was signed"):
        verify(stranger, MESSAGE, SIGNATURE)


@pytest.mark.parametrize("position", range(0, 74, 3))
def test_every_byte_counts(position: int) -> None:
    lines = SIGNATURE.split("\n")
    data = bytearray(base64.b64decode(lines[1]))
    data[position] ^= 1
    lines[1] = base64.b64encode(data).decode()
    with pytest.raises(BadSignature):
        verify(PublicKey.read(KEY), MESSAGE, "\n".join(lines))


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "untrusted comment: \n\ntrusted comment: \n",
        SIGNATURE.replace("trusted comment", "comment"),
        SIGNATURE + SIGNATURE,
        SIGNATURE.replace("RU", "!!"),
        SIGNATURE[:-10],
        "x" * 10_000,
        SIGNATURE.replace("\n", "\r"),
    ],
)
def test_what_is_no_signature_is_said_so(signature: str) -> None:
    with pytest.raises(BadSignature):
        verify(PublicKey.read(KEY), MESSAGE, signature)


@pytest.mark.parametrize("text", ["", "RWT", "not base64", KEY.replace("RW", "AA"), SIGNATURE])
def test_what_is_no_key_is_said_so(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        PublicKey.read(text)

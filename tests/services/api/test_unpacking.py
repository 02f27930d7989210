"""Packed bodies at byte level: several members, what follows the end, and how they may be split."""

from __future__ import annotations

import gzip
import zlib
from itertools import chain

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.api.unpacking import LARGEST_PIECE, Unpacker

JUNK = b"\x00 not packed at all" * 50_000
"""About a megabyte."""


def _unpacked(*pieces: bytes) -> bytes:
    unpacker = Unpacker()
    found = b"".join(part for piece in pieces for part in unpacker.feed(piece))
    unpacker.finish()
    return found


def _bare(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress, _bare])
@given(data=st.binary(), cuts=st.lists(st.integers(0, 200), max_size=5))
def test_it_does_not_matter_how_it_is_split(pack: object, data: bytes, cuts: list[int]) -> None:
    assert callable(pack)
    packed = pack(data)
    ends = sorted(min(cut, len(packed)) for cut in cuts)
    pieces = [packed[begin:end] for begin, end in zip([0, *ends], [*ends, len(packed)], strict=True)]
    assert _unpacked(*pieces) == data


@given(cut=st.integers(0, 60))
def test_several_members_are_one_body(cut: int) -> None:
    packed = gzip.compress(b"one ") + gzip.compress(b"two")
    assert _unpacked(packed[:cut], packed[cut:]) == b"one two"


def test_a_little_padding_behind_the_end_does_no_harm() -> None:
    assert _unpacked(gzip.compress(b"all") + bytes(512), bytes(3)) == b"all"


def test_what_goes_on_behind_the_end_is_refused_before_it_is_much() -> None:
    unpacker = Unpacker()
    assert b"".join(unpacker.feed(gzip.compress(b"all"))) == b"all"
    pieces = iter([JUNK[begin : begin + 1000] for begin in range(0, len(JUNK), 1000)])
    with pytest.raises(httpx.DecodingError, match="behind their end"):
        list(chain.from_iterable(map(unpacker.feed, pieces)))
    assert sum(map(len, pieces)) > len(JUNK) - LARGEST_PIECE - 2000, "the rest is not looked at"


def test_a_body_that_breaks_off_is_told() -> None:
    with pytest.raises(httpx.DecodingError, match="too early"):
        _unpacked(gzip.compress(b"all of it")[:-3])
    with pytest.raises(httpx.DecodingError, match="too early"):
        _unpacked(gzip.compress(b"one") + gzip.compress(b"two")[:-9])


def test_a_bomb_comes_in_small_pieces() -> None:
    bomb = gzip.compress(bytes(50 << 20))
    assert max(map(len, Unpacker().feed(bomb))) == LARGEST_PIECE

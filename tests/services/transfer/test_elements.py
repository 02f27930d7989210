"""Lists of any size in pieces: every element as it stands, and no text makes the reader hang, crash or fill memory."""

from __future__ import annotations

import io
import json
import time
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.transfer.elements import MOST_BRACKETS, NotAList, elements

LEAVES = st.none() | st.booleans() | st.integers() | st.text('ab"\\[]{}, \n', max_size=6)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


class Drip(io.BytesIO):
    """Gives a few bytes at a time, whatever is asked for."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(size or 7, 7))


@given(
    st.lists(st.dictionaries(st.text(max_size=3), VALUES, max_size=3), max_size=4),
    st.sampled_from([None, 2]),
    st.booleans(),
)
def test_every_element_comes_as_it_stands(items: list[dict[str, Any]], indent: int | None, drips: bool) -> None:
    text = json.dumps(items, indent=indent).encode()
    stream = (Drip if drips else io.BytesIO)(text)
    assert [json.loads(element) for element in elements(stream)] == items


def test_small_elements_after_a_long_one_are_not_copied_over_and_over() -> None:
    """The rest of what was read, megabytes by then, must not be moved for each of them."""
    long, small = b'{"title":"' + b"x" * (17 << 20) + b'"}', b'{"title":"' + b"y" * 300 + b'"}'
    number = 40_000
    begun = time.process_time()
    assert sum(1 for _ in elements(io.BytesIO(b"[" + b",".join([long] + [small] * number) + b"]"))) == number + 1
    assert time.process_time() - begun < 20


def test_one_object_is_a_list_of_one() -> None:
    assert list(elements(io.BytesIO(b'\xef\xbb\xbf {"a": [1]} \n'))) == [b'{"a": [1]}']


BAD = {
    "nothing": b"",
    "text": b"Dear reader",
    "numbers": b"[1, 2]",
    "lists": b"[[1]]",
    "cut off": b'[{"a": 1}',
    "cut in a string": b'[{"a": "b',
    "cut after a backslash": b'[{"a": "\\',
    "more after it": b"[{}] {}",
    "more before it": b"x [{}]",
    "only closing": b"]",
    "very deep lists": b"[" * 1_000_000,
    "very deep objects": b'[{"a":' * 1_000_000,
    "endless string": b'[{"a": "' + b"x" * (100 << 20),
    "very many parts": b'[{"a": [' + b"{}," * MOST_BRACKETS,
    "zeros": bytes(5 << 20),
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_what_is_no_list_of_objects_is_refused(text: bytes) -> None:
    with pytest.raises(NotAList):
        list(elements(io.BytesIO(text)))


@given(st.binary(max_size=300) | st.text('[]{}", \\\n1a', max_size=60).map(str.encode))
def test_anything_ends(text: bytes) -> None:
    try:
        for element in elements(io.BytesIO(text)):
            assert element.startswith(b"{")
    except NotAList:
        pass


def test_memory_holds_one_element_at_a_time() -> None:
    element = json.dumps({"text": "word " * 20_000}).encode()

    class Endless(io.BytesIO):
        sent = 0

        def read(self, size: int | None = -1) -> bytes:
            first, self.sent = not self.sent, self.sent + 1
            return (b"[" if first else b",") + element if self.sent < 300 else b"]" if self.sent == 300 else b""

    tracemalloc.start()
    assert len([len(one) for one in elements(Endless())]) == 299
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 << 20

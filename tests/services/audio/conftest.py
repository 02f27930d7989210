"""A virtual microphone and a sound library whose devices a test decides about."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes.audio import FakeSoundLibrary
from tests.fakes.microphone import VirtualMicrophone, virtual_microphone


@pytest.fixture
def library() -> FakeSoundLibrary:
    return FakeSoundLibrary()


@pytest.fixture
def microphone() -> Iterator[VirtualMicrophone]:
    with virtual_microphone() as running:
        yield running

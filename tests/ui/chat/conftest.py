"""The fake server and the open Chat tab, for all tests of what a person does there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from app.paths import Paths
from tests.fakes.openai_server import FakeOpenAI
from tests.ui.chat.program import Program, RunAsync


@pytest.fixture
def server() -> Iterator[FakeOpenAI]:
    """A running fake server that takes any key."""
    with FakeOpenAI() as running:
        yield running


@pytest.fixture
def chat(qtbot: QtBot, run_async: RunAsync, paths: Paths, server: FakeOpenAI) -> Iterator[Program]:
    """The tab, open on a new conversation."""
    program = Program(qtbot, run_async, paths, server)
    program.open()
    yield program
    program.close()

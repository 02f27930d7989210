"""What tests of widgets share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from tests.fakes.desktop import noting_desktop


@pytest.fixture
def opened_outside(qapp: QApplication) -> Iterator[list[str]]:
    """The addresses that the desktop was asked to open."""
    with noting_desktop() as opened:
        yield opened

"""A window's first size: the one that was wanted, where the screen has room for it."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.ui.widgets.first_size import FRAME, resize_on_screen


@pytest.mark.parametrize("wanted", [(300, 200), (300, 9_000), (9_000, 9_000)])
def test_no_window_is_larger_than_the_screen(qtbot: QtBot, wanted: tuple[int, int]) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    resize_on_screen(window, *wanted)
    room = window.screen().availableGeometry().size() - FRAME
    assert window.width() == min(wanted[0], room.width())
    assert window.height() == min(wanted[1], room.height())

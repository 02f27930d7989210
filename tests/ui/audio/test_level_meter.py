"""LevelMeter: decibels on a line, and the loudest moment held for a while."""

import pytest
from pytestqt.qtbot import QtBot

from app.model.audio import Level
from app.ui.audio.level_meter import HOLD_S, LevelMeter


@pytest.mark.parametrize(("peak", "position"), [(0.0, 0.0), (0.001, 0.0), (0.1, 2 / 3), (1.0, 1.0)])
def test_the_bar_is_in_decibels(qtbot: QtBot, peak: float, position: float) -> None:
    meter = LevelMeter()
    qtbot.addWidget(meter)
    meter.show_level(Level(peak, peak / 2, 1.0))
    assert meter.position == pytest.approx(position)
    assert not meter.grab().isNull()


def test_the_loudest_moment_is_held_and_then_forgotten(qtbot: QtBot) -> None:
    now = [0.0]
    meter = LevelMeter(clock=lambda: now[0])
    qtbot.addWidget(meter)
    meter.show_level(Level(0.5, 0.2, 1.0))
    loud = meter.held
    meter.show_level(Level(0.01, 0.005, 1.1))
    assert meter.held == loud
    now[0] = HOLD_S + 0.1
    meter.show_level(Level(0.01, 0.005, 1.2))
    assert meter.held == meter.position < loud
    meter.clear()
    assert meter.held == meter.position == 0

"""WaveformView: seeking by mouse and keys, and bars that follow the sound."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.model.audio import Waveform
from app.ui import theme
from app.ui.audio.waveform_view import WaveformView

LOUD_THEN_SILENT = Waveform(10.0, 0.02, bytes([100] * 250 + [0] * 250), bytes(500))


def _view(qtbot: QtBot) -> WaveformView:
    view = WaveformView()
    qtbot.addWidget(view)
    view.resize(300, 56)
    view.show()
    return view


def test_a_click_seeks_to_its_place(qtbot: QtBot) -> None:
    view = _view(qtbot)
    sought: list[float] = []
    view.sought.connect(sought.append)
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(150, 20))
    assert sought == []  # nothing is on show yet
    view.show_sound(LOUD_THEN_SILENT)
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(150, 20))
    assert sought == [5.0]


def test_arrow_keys_move_by_five_seconds_within_the_sound(qtbot: QtBot) -> None:
    view = _view(qtbot)
    view.show_sound(LOUD_THEN_SILENT)
    sought: list[float] = []
    view.sought.connect(sought.append)
    view.set_position(7)
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home):
        QTest.keyClick(view, key)
    assert sought == [2.0, 10.0, 0.0]


def test_the_loud_half_is_drawn_high_and_the_played_part_in_the_accent_colour(qtbot: QtBot) -> None:
    view = _view(qtbot)
    view.show_sound(LOUD_THEN_SILENT)
    view.set_position(2.5)
    picture = view.grab().toImage()
    colors = {picture.pixelColor(x, 12).name() for x in range(10, 70)}
    assert theme.colors().accent in colors
    ahead = {picture.pixelColor(x, 12).name() for x in range(90, 140)}
    assert theme.colors().outline in ahead
    assert {picture.pixelColor(x, 12).name() for x in range(170, 290)} == {picture.pixelColor(299, 2).name()}


def test_the_outline_comes_later_without_losing_the_place(qtbot: QtBot) -> None:
    view = _view(qtbot)
    view.show_sound(None, 12.0)
    view.set_position(4)
    view.set_waveform(LOUD_THEN_SILENT)
    assert (view.position_s, view.duration_s) == (4, 10.0)

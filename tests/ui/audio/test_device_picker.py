"""DevicePicker: devices come and go, the choice stays."""

import pytest
from pytestqt.qtbot import QtBot

from app.model.audio import InputDevice
from app.ui.audio.device_picker import DevicePicker

DESK = InputDevice("pulse:desk", "Desk", is_default=True)
HEADSET = InputDevice("pulse:headset", "Headset")


@pytest.fixture
def picker(qtbot: QtBot) -> DevicePicker:
    made = DevicePicker()
    qtbot.addWidget(made)
    return made


def _entries(picker: DevicePicker) -> list[str]:
    return [picker.itemText(row) for row in range(picker.count())]


def test_the_systems_choice_is_on_top_with_its_name(picker: DevicePicker) -> None:
    assert _entries(picker) == ["System default"], "nobody has looked yet"
    picker.set_devices([])
    assert _entries(picker) == ["No microphone found"]
    picker.set_devices([DESK, HEADSET])
    assert _entries(picker) == ["System default (Desk)", "Desk", "Headset"]
    assert picker.device_id == ""


def test_a_choice_is_told_once_and_survives_a_new_list(picker: DevicePicker) -> None:
    told: list[str] = []
    picker.device_chosen.connect(told.append)
    picker.set_devices([DESK, HEADSET])
    picker.setCurrentIndex(2)
    picker.activated.emit(2)
    picker.activated.emit(2)
    picker.set_devices([HEADSET])
    assert told == ["pulse:headset"]
    assert picker.currentText() == "Headset"


def test_a_chosen_device_that_is_gone_stays_and_is_marked(picker: DevicePicker) -> None:
    picker.choose("pulse:headset")
    picker.set_devices([DESK])
    assert picker.currentText() == "headset (not connected)"
    picker.set_devices([DESK, HEADSET])
    assert picker.currentText() == "Headset"
    picker.set_devices([DESK])
    assert picker.currentText() == "Headset (not connected)"
    assert picker.device_id == "pulse:headset"

"""A row of actions shows what there is room for; the rest is in its menu."""

from __future__ import annotations

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.ui import theme
from app.ui.widgets.action_row import ActionRow

NAMES = ("copy", "save", "pencil", "trash-2")


def _row(qtbot: QtBot) -> tuple[QWidget, ActionRow]:
    place = QWidget()
    qtbot.addWidget(place)
    actions = []
    for name in NAMES:
        action = QAction(theme.icon(name), name, place)
        action.setObjectName(name)
        actions.append(action)
    row = ActionRow("things", actions)
    line = QHBoxLayout(place)
    line.addStretch()
    line.addWidget(row)
    place.show()
    return place, row


def _shown(row: ActionRow) -> list[str]:
    return [button.text() for button in row.buttons if button.isVisible()]


def _in_menu(row: ActionRow) -> list[str]:
    return [action.text() for action in row.more_button.menu().actions()]


def test_all_are_buttons_where_there_is_room(qtbot: QtBot) -> None:
    place, row = _row(qtbot)
    place.resize(600, 60)
    assert _shown(row) == list(NAMES)
    assert not row.more_button.isVisible()


def test_what_has_no_room_is_in_the_menu_and_comes_back(qtbot: QtBot) -> None:
    place, row = _row(qtbot)
    place.resize(place.minimumSizeHint().width() + row.buttons[0].sizeHint().width() + theme.SPACE_XS, 60)
    assert _shown(row) == ["copy"]
    assert _in_menu(row) == ["save", "pencil", "trash-2"]
    assert row.more_button.isVisible()
    assert row.more_button.accessibleName()
    place.resize(600, 60)
    assert _shown(row) == list(NAMES)
    assert _in_menu(row) == []


def test_the_smallest_has_everything_in_the_menu(qtbot: QtBot) -> None:
    place, row = _row(qtbot)
    place.resize(place.minimumSizeHint())
    assert _shown(row) == []
    assert _in_menu(row) == list(NAMES)

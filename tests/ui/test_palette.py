"""The command palette and the sheet of shortcuts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.ui.chat.local_keys import local_keys
from app.ui.palette import CommandPalette, ShortcutSheet, setting_commands
from app.ui.tab import Command, native_keys
from app.ui.widgets.noted_item import note_of

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)  # popups on the offscreen platform


@pytest.fixture
def owner(qtbot: QtBot) -> Iterator[QWidget]:
    page = QWidget()
    qtbot.addWidget(page)
    page.resize(800, 600)
    page.show()
    yield page
    page.hide()


@pytest.fixture
def ran() -> list[str]:
    return []


@pytest.fixture
def commands(ran: list[str]) -> list[Command]:
    return [
        Command("chat.new", "New conversation", "Ctrl+N", lambda: ran.append("new")),
        Command("chat.delete", "Delete conversation", "", lambda: ran.append("delete")),
        Command("window.palette", "Command palette", "Ctrl+K", lambda: ran.append("palette")),
    ]


@pytest.fixture
def palette(owner: QWidget, commands: list[Command]) -> Iterator[CommandPalette]:
    made = CommandPalette(owner)
    made.open(commands)
    yield made
    made.close()


def lines(palette: CommandPalette) -> list[str]:
    model = palette.list_model
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def test_every_command_is_there_with_its_keys(palette: CommandPalette) -> None:
    assert lines(palette) == ["New conversation", "Delete conversation", "Command palette"]
    assert note_of(palette.list_model.index(0, 0)) == native_keys("Ctrl+N")
    assert note_of(palette.list_model.index(1, 0)) == ""


def test_typing_finds_and_enter_runs_after_closing(palette: CommandPalette, ran: list[str]) -> None:
    QTest.keyClicks(palette.search_field, "conv del")
    assert lines(palette) == ["Delete conversation"]
    QTest.keyClick(palette.search_field, Qt.Key.Key_Return)
    assert ran == ["delete"]
    assert not palette.isVisible()


def test_arrows_choose(palette: CommandPalette, ran: list[str]) -> None:
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Return):
        QTest.keyClick(palette.search_field, key)
    assert ran == ["delete"]


def test_a_click_runs(palette: CommandPalette, ran: list[str]) -> None:
    point = palette.list.visualRect(palette.list_model.index(2, 0)).center()
    QTest.mouseClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=point)
    assert ran == ["palette"]


def test_nothing_found_is_said_and_cannot_be_run(palette: CommandPalette, ran: list[str]) -> None:
    QTest.keyClicks(palette.search_field, "xyzzy")
    assert lines(palette) == ["No matching command"]
    QTest.keyClick(palette.search_field, Qt.Key.Key_Return)
    assert ran == []
    assert palette.isVisible()


def test_opened_again_it_starts_afresh(palette: CommandPalette, commands: list[Command]) -> None:
    QTest.keyClicks(palette.search_field, "delete")
    palette.close()
    palette.open(commands)
    assert palette.search_field.text() == ""
    assert len(lines(palette)) == 3


def test_every_option_is_found_by_its_name() -> None:
    opened: list[int] = []
    found = {command.label: command for command in setting_commands(lambda: opened.append(1))}
    assert "Appearance: Theme" in found
    assert "Chat: Enter sends the message" in found
    assert not [label for label in found if "Microphone" in label], "hidden options have no row to go to"
    found["Appearance: Theme"].run()
    assert opened == [1]


def test_sheet_lists_what_has_keys(owner: QWidget, commands: list[Command]) -> None:
    sheet = ShortcutSheet(commands, owner)
    sheet.show()
    texts = [label.text() for label in sheet.findChildren(QLabel)]
    assert sorted(texts) == sorted(
        ["New conversation", native_keys("Ctrl+N"), "Command palette", native_keys("Ctrl+K")]
    )
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheet.isVisible()


def test_keys_of_a_part_are_on_the_sheet_and_take_no_key_away(owner: QWidget) -> None:
    local = local_keys(enter_sends=False)
    sheet = ShortcutSheet(local, owner)
    texts = [label.text() for label in sheet.findChildren(QLabel)]
    assert "Send the message" in texts
    assert native_keys("Ctrl+Enter") in texts
    assert all(command.is_local for command in local)
    sheet.close()

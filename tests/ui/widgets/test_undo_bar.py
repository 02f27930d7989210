"""UndoBar: exactly one of undo and settle happens, however the offer ends."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from app.ui.widgets.undo_bar import UndoBar


@pytest.fixture
def bar(qtbot: QtBot) -> Iterator[UndoBar]:
    page = QWidget()
    qtbot.addWidget(page)
    page.resize(400, 60)
    page.move(200, 200)
    QCursor.setPos(0, 0)
    made = UndoBar(page)
    page.show()
    yield made
    page.hide()


def click(widget: QWidget) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def test_hidden_until_there_is_something_to_undo(bar: UndoBar) -> None:
    assert not bar.isVisible()
    bar.offer("Deleted “Plans”", lambda: None)
    assert bar.isVisible()
    assert bar.label.text() == "Deleted “Plans”"


def test_undo_takes_it_back(bar: UndoBar) -> None:
    said: list[str] = []
    bar.offer("Deleted", lambda: said.append("undone"), lambda: said.append("settled"))
    click(bar.undo_button)
    assert said == ["undone"]
    assert not bar.isVisible()


def test_time_settles_it(bar: UndoBar, qtbot: QtBot) -> None:
    said: list[str] = []
    bar.offer("Deleted", lambda: said.append("undone"), lambda: said.append("settled"), seconds=0.01)
    qtbot.waitUntil(lambda: said == ["settled"])
    assert not bar.isVisible()


def test_closing_settles_it(bar: UndoBar) -> None:
    said: list[str] = []
    bar.offer("Deleted", lambda: said.append("undone"), lambda: said.append("settled"))
    click(bar.close_button)
    assert said == ["settled"]


def test_a_new_offer_settles_the_one_before(bar: UndoBar) -> None:
    said: list[str] = []
    bar.offer("First", lambda: said.append("first undone"), lambda: said.append("first settled"))
    bar.offer("Second", lambda: said.append("second undone"), lambda: said.append("second settled"))
    assert said == ["first settled"]
    click(bar.undo_button)
    assert said == ["first settled", "second undone"]


def test_offering_again_from_within_undo_works(bar: UndoBar) -> None:
    bar.offer("Deleted", lambda: bar.offer("Restored", lambda: None))
    click(bar.undo_button)
    assert bar.isVisible()
    assert bar.label.text() == "Restored"


def test_the_usual_key_takes_it_back(bar: UndoBar) -> None:
    said: list[str] = []
    bar.offer("Deleted", lambda: said.append("undone"), lambda: said.append("settled"))
    QTest.keyClick(bar.window(), Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert said == ["undone"]
    QTest.keyClick(bar.window(), Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert said == ["undone"], "there is nothing to take back any more"


def test_a_text_with_the_focus_keeps_the_key_for_itself(bar: UndoBar) -> None:
    field = QLineEdit(bar.parentWidget())
    field.show()
    field.setFocus()
    QTest.keyClicks(field, "abc")
    said: list[str] = []
    bar.offer("Deleted", lambda: said.append("undone"))
    QTest.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert field.text() == ""
    assert said == []


def test_the_time_does_not_run_out_under_the_fingers(bar: UndoBar, qtbot: QtBot) -> None:
    said: list[str] = []
    bar.offer("Deleted", lambda: said.append("undone"), lambda: said.append("settled"), seconds=0.01)
    bar.undo_button.setFocus()
    qtbot.wait(100)
    assert said == []
    bar.undo_button.clearFocus()
    qtbot.waitUntil(lambda: said == ["settled"])

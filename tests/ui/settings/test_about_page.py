"""The About page: whose work is in the program, with each licence to be read, by mouse and by keyboard."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QTest

from app.identity import VERSION
from app.ui.settings.licence_box import LicenceBox
from app.ui.widgets.noted_item import note_of
from tests.ui.settings.conftest import Open, Opened


def _filled(open_dialog: Open) -> Opened:
    opened = open_dialog("about")
    opened.until(opened.dialog.about.parts_model.rowCount)
    return opened


def _index(opened: Opened, name: str) -> QModelIndex:
    (item,) = opened.dialog.about.parts_model.findItems(name, Qt.MatchFlag.MatchStartsWith)
    return item.index()


def _boxes(opened: Opened) -> list[LicenceBox]:
    return [box for box in opened.dialog.about.findChildren(LicenceBox) if box.isVisible()]


def test_all_parts_are_listed_with_version_and_licence(open_dialog: Open) -> None:
    opened = _filled(open_dialog)
    first = opened.dialog.about.parts_model.index(0, 0)
    assert (first.data(), note_of(first)) == (f"Triptych {VERSION}", "MIT")
    assert note_of(_index(opened, "Qt")) == "LGPL-3.0-only"
    assert note_of(_index(opened, "Whisper base")) == "MIT"
    assert opened.dialog.about.parts_model.rowCount() > 40


def test_a_click_shows_the_text(open_dialog: Open) -> None:
    opened = _filled(open_dialog)
    view = opened.dialog.about.parts_list
    index = _index(opened, "httpx")
    view.scrollTo(index)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(index).center())
    (box,) = _boxes(opened)
    assert "Redistribution and use" in box.text.toPlainText()
    assert box.home_button.text() == "github.com/encode/httpx"
    assert box.windowTitle().startswith("Licence of httpx")
    QTest.keyClick(box, Qt.Key.Key_Escape)
    assert not _boxes(opened)


def test_enter_shows_the_text_of_the_one_chosen(open_dialog: Open) -> None:
    opened = _filled(open_dialog)
    view = opened.dialog.about.parts_list
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_End)
    QTest.keyClick(view, Qt.Key.Key_Return)
    (box,) = _boxes(opened)
    assert box.title_label.text() == view.currentIndex().data()
    box.close()


def test_coming_back_does_not_list_everything_twice(open_dialog: Open) -> None:
    opened = _filled(open_dialog)
    count = opened.dialog.about.parts_model.rowCount()
    opened.dialog.show_page("general")
    opened.dialog.show_page("about")
    assert opened.dialog.about.parts_model.rowCount() == count

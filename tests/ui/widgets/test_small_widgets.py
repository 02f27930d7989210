"""Labels, spinner, empty state and notes of items: the small pieces that tabs are made of."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QListView, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from app.ui import theme
from app.ui.widgets.elided_label import ElidedLabel
from app.ui.widgets.empty_state import EmptyState
from app.ui.widgets.icon_label import IconLabel
from app.ui.widgets.noted_item import NotedItemDelegate, note_of, set_note
from app.ui.widgets.spinner import Spinner

LONG = "A title that is much longer than the room there is for it"


def test_long_text_gives_way_and_becomes_the_tool_tip(qtbot: QtBot) -> None:
    label = ElidedLabel(LONG)
    qtbot.addWidget(label)
    label.resize(100, 20)
    label.show()
    assert label.shown_text().endswith("…")
    assert label.toolTip() == LONG
    assert label.text() == LONG
    label.resize(label.sizeHint())
    assert label.shown_text() == LONG
    assert label.toolTip() == ""


def test_text_that_is_cut_in_the_middle_keeps_its_end(qtbot: QtBot) -> None:
    label = ElidedLabel("/home/someone/a/long/way/down/file.txt", Qt.TextElideMode.ElideMiddle)
    qtbot.addWidget(label)
    label.resize(160, 20)
    assert label.shown_text().endswith(".txt")


def test_text_of_several_lines_is_one_line(qtbot: QtBot) -> None:
    label = ElidedLabel("one\ntwo")
    qtbot.addWidget(label)
    label.resize(label.sizeHint())
    assert label.shown_text() == "one two"


def test_label_asks_for_little_room(qtbot: QtBot) -> None:
    label = ElidedLabel(LONG)
    qtbot.addWidget(label)
    assert label.minimumSizeHint().width() < label.sizeHint().width() / 3


def test_label_draws_its_text(qtbot: QtBot) -> None:
    label = ElidedLabel("text")
    qtbot.addWidget(label)
    label.resize(label.sizeHint())
    drawn = label.grab()
    label.setText("")
    assert drawn.toImage() != label.grab().toImage()


def test_spinner_turns_only_while_it_is_shown_and_works(qtbot: QtBot) -> None:
    spinner = Spinner()
    qtbot.addWidget(spinner)
    assert not spinner.isVisible()
    spinner.start()
    assert spinner.isVisible()
    before = spinner.grab().toImage()
    if theme.motion_wanted():
        qtbot.waitUntil(lambda: spinner.grab().toImage() != before)
    spinner.set_running(False)
    assert not spinner.running
    assert not spinner.isVisible()


def test_empty_state_offers_its_action(qtbot: QtBot) -> None:
    state = EmptyState(theme.icon("image"))
    qtbot.addWidget(state)
    state.set_texts("Nothing here", "Drop a picture.", "Choose a picture")
    state.show()
    with qtbot.waitSignal(state.triggered):
        QTest.mouseClick(state.action_button, Qt.MouseButton.LeftButton)
    state.set_texts("Nothing here", "")
    assert not state.action_button.isVisible()
    assert not state.text_label.isVisible()


def test_empty_state_shows_a_long_sentence_whole(qtbot: QtBot) -> None:
    state = EmptyState(theme.icon("image"))
    qtbot.addWidget(state)
    state.set_texts("Nothing here", "A sentence that goes on for quite a while. " * 6, "Choose")
    state.resize(500, 500)
    state.show()
    text = state.text_label
    assert text.height() >= text.heightForWidth(text.width())


def test_icon_label_takes_a_new_icon(qtbot: QtBot) -> None:
    label = IconLabel(theme.icon("copy"))
    qtbot.addWidget(label)
    label.resize(label.sizeHint())
    before = label.grab().toImage()
    label.set_icon(theme.icon("x"))
    assert label.grab().toImage() != before


def test_note_stands_at_the_end_and_long_text_makes_room_for_it(qtbot: QtBot) -> None:
    view, model = QListView(), QStandardItemModel()
    qtbot.addWidget(view)
    item = QStandardItem(LONG)
    set_note(item, "Ctrl+K")
    model.appendRow(item)
    delegate = NotedItemDelegate(view)
    view.setItemDelegate(delegate)
    view.setModel(model)
    view.resize(300, 100)
    view.show()
    option = QStyleOptionViewItem()
    option.initFrom(view)
    option.rect = view.visualRect(model.index(0, 0))
    delegate.initStyleOption(option, model.index(0, 0))
    assert "…" in option.text
    assert note_of(model.index(0, 0)) == "Ctrl+K"
    assert item.accessibleText() == f"{LONG}, Ctrl+K"
    with_note = view.grab().toImage()
    set_note(item, "")
    assert view.grab().toImage() != with_note

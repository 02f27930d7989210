"""The window: shortcuts, files, what tabs hand over, closing, and where everything was the last time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QMenu
from pytestqt.qtbot import QtBot

from app.model.errors import KeyRejected, RateLimited, UnsupportedContent
from app.model.providers import ModelReference
from app.model.settings import WindowState
from app.ui.tab import HandOver, Tab
from app.ui.window import MainWindow
from tests.ui.dummy_tab import DummyTab, places

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)  # popups on the offscreen platform

CTRL, NONE = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    made = MainWindow(places())
    qtbot.addWidget(made)
    made.restore(WindowState())
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    made.hide()


def tab(window: MainWindow, tab_id: str) -> DummyTab:
    found = window.tabs.tab(tab_id)
    assert isinstance(found, DummyTab)
    return found


def test_says_once_when_it_is_on_the_screen(qtbot: QtBot) -> None:
    window = MainWindow(places())
    qtbot.addWidget(window)
    painted: list[int] = []
    window.painted.connect(lambda: painted.append(1))
    with qtbot.waitSignal(window.painted):
        window.show()
    window.repaint()
    window.hide()
    assert painted == [1]


def test_no_tab_is_built_before_whoever_made_the_window_has_connected_to_it(qtbot: QtBot) -> None:
    window = MainWindow(places())
    qtbot.addWidget(window)
    made: list[Tab] = []
    window.tab_made.connect(made.append)
    window.restore(WindowState(tab="audio"))
    assert [tab.id for tab in made] == ["audio"]
    assert window.tabs.built() == made


def test_numbers_switch_tabs(window: MainWindow) -> None:
    for key, expected in ((Qt.Key.Key_2, "images"), (Qt.Key.Key_3, "audio"), (Qt.Key.Key_1, "chat")):
        QTest.keyClick(window, key, CTRL)
        assert window.tabs.current_id() == expected


@pytest.mark.parametrize(
    ("key", "modifier", "percent"),
    [
        (Qt.Key.Key_Plus, CTRL, 110),
        (Qt.Key.Key_Equal, CTRL, 110),
        (Qt.Key.Key_Minus, CTRL, 90),
        (Qt.Key.Key_0, CTRL, 100),
    ],
)
def test_zoom_keys(window: MainWindow, qtbot: QtBot, key: Qt.Key, modifier: Qt.KeyboardModifier, percent: int) -> None:
    with qtbot.waitSignal(window.zoom_requested) as requested:
        QTest.keyClick(window, key, modifier)
    assert requested.args == [percent]


def test_settings_by_key_and_button(window: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.settings_requested) as requested:
        QTest.keyClick(window, Qt.Key.Key_Comma, CTRL)
    assert requested.args == [""], "where they were"
    with qtbot.waitSignal(window.settings_requested) as requested:
        QTest.mouseClick(window.settings_button, Qt.MouseButton.LeftButton)
    assert requested.args == [""]


def test_only_a_program_that_updates_itself_offers_to_check(window: MainWindow, qtbot: QtBot) -> None:
    def offered() -> list[str]:
        return [action.objectName() for action in window.menu.help_menu.actions()]

    assert "window.updates" not in offered()
    window.updates_itself = True
    window.tabs.turn_to("images")
    assert "window.updates" in offered()
    action = next(action for action in window.menu.help_menu.actions() if action.objectName() == "window.updates")
    with qtbot.waitSignal(window.settings_requested) as requested:
        action.trigger()
    assert requested.args == ["check"]


def test_palette_finds_what_the_tab_in_front_can_do(window: MainWindow) -> None:
    window.tabs.show_tab("images")
    QTest.keyClick(window, Qt.Key.Key_K, CTRL)
    palette = window.palette_popup
    assert palette.isVisible()
    QTest.keyClicks(palette.search_field, "new in images")
    QTest.keyClick(palette.search_field, Qt.Key.Key_Return)
    assert tab(window, "images").ran == ["new"]


def test_the_keys_of_a_tab_work_only_while_it_is_in_front(window: MainWindow) -> None:
    chat = tab(window, "chat")
    QTest.keyClick(window, Qt.Key.Key_N, CTRL)
    window.tabs.show_tab("images")
    QTest.keyClick(window, Qt.Key.Key_N, CTRL)
    assert chat.ran == ["new"]
    assert tab(window, "images").ran == ["new"]


def test_sheet_of_shortcuts_opens_with_f1(window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_F1, NONE)
    sheet = window.findChild(QDialog, "shortcut_sheet")
    assert sheet is not None
    assert sheet.isVisible()
    sheet.close()


def test_menu_holds_what_belongs_to_the_program(window: MainWindow) -> None:
    assert _labels(window.menu) == [
        "Command palette", "Settings", "Providers", "Models on this computer", "Restore from a backup…", "Help", "Quit",
    ]  # fmt: skip
    assert _labels(window.menu.help_menu) == [
        "Keyboard shortcuts", "Report a problem…", "Restart in safe mode", "About Triptych",
    ]  # fmt: skip


def test_safe_mode_is_said_for_as_long_as_it_lasts(window: MainWindow, qtbot: QtBot) -> None:
    window.show_safe_mode()
    assert window.windowTitle() == "Triptych (safe mode)"
    (card,) = window.notices.cards
    assert "not used and stay as they are" in card.text_label.text()
    with qtbot.waitSignal(window.restart_requested) as asked:
        QTest.mouseClick(card.action_buttons[0], Qt.MouseButton.LeftButton)
    assert asked.args == [False]
    assert "Restart normally" in _labels(window.menu.help_menu)
    with qtbot.waitSignal(window.restart_requested) as asked:
        next(action for action in window.menu.help_menu.actions() if action.text() == "Restart normally").trigger()
    assert asked.args == [False]


def test_safe_mode_can_be_asked_for(window: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.restart_requested) as asked:
        next(action for action in window.menu.help_menu.actions() if "safe mode" in action.text()).trigger()
    assert asked.args == [True]


def _labels(menu: QMenu) -> list[str]:
    return [action.text().split("\t")[0] for action in menu.actions()]


def test_files_go_where_they_belong(window: MainWindow) -> None:
    window.tabs.show_tab("images")
    window.open_files([Path("a.PNG"), Path("talk.mp3"), Path("b.jpg"), Path("notes.md")])
    assert tab(window, "images").taken == [HandOver("images", (Path("a.PNG"), Path("b.jpg")))]
    assert tab(window, "audio").taken == [HandOver("audio", (Path("talk.mp3"),))]
    assert tab(window, "chat").taken == [HandOver("chat", (Path("notes.md"),))]


def test_pictures_go_into_the_chat_that_is_in_front(window: MainWindow) -> None:
    window.open_files([Path("a.png")])
    assert tab(window, "chat").taken == [HandOver("chat", (Path("a.png"),))]
    assert window.tabs.current_id() == "chat"


def test_what_a_tab_hands_over_reaches_the_other_one(window: MainWindow) -> None:
    given = HandOver("chat", text="Summarise this")
    tab(window, "audio").handed_over.emit(given)
    assert window.tabs.current_id() == "chat"
    assert tab(window, "chat").taken == [given]


def test_failure_of_a_tab_is_shown_and_tried_again(window: MainWindow) -> None:
    tried: list[int] = []
    tab(window, "chat").failed.emit(RateLimited("slow down"), lambda: tried.append(1))
    QTest.mouseClick(window.notices.cards[0].action_buttons[0], Qt.MouseButton.LeftButton)
    assert tried == [1]


def test_failures_of_a_tab_go_when_it_works_again(window: MainWindow) -> None:
    tab(window, "chat").failed.emit(KeyRejected(host="h"), None)
    tab(window, "images").failed.emit(RateLimited(), None)
    tab(window, "chat").recovered.emit()
    assert [card.notice.source for card in window.notices.cards] == ["images"]


def test_a_notice_opens_the_picker(window: MainWindow, qtbot: QtBot) -> None:
    tab(window, "chat").failed.emit(UnsupportedContent(), None)
    click = window.notices.cards[0].action_buttons[0]
    assert click.text() == "Choose a model"
    click.click()
    qtbot.waitUntil(window.picker.popup.isVisible)
    window.picker.popup.close()


def test_closing_hides_and_asks(window: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(window, Qt.Key.Key_F1, NONE)
    with qtbot.waitSignal(window.close_requested):
        QTest.keyClick(window, Qt.Key.Key_Q, CTRL)
    assert not window.isVisible()
    assert not [dialog for dialog in window.findChildren(QDialog) if dialog.isVisible()]


def test_model_reaches_tab_and_picker(window: MainWindow) -> None:
    model = ModelReference("o", "gpt-6-luna")
    window.set_model(model)
    assert tab(window, "chat").models == [model]
    assert "gpt-6-luna" in window.picker.text()


def test_everything_is_where_it_was(window: MainWindow, qtbot: QtBot) -> None:
    window.resize(780, 600)  # within the offscreen screen, or it would be moved into it
    tab(window, "chat").splitter.setSizes([200, 500])
    window.tabs.show_tab("audio")
    state = window.state(WindowState(splitters={"images_splitter": "kept"}, conversation_id=7))
    assert state.tab == "audio"
    assert state.conversation_id == 7
    assert state.splitters["images_splitter"] == "kept"
    again = MainWindow(places())
    qtbot.addWidget(again)
    again.restore(state)
    again.show()
    assert again.size() == window.size()
    assert again.tabs.current_id() == "audio"
    again.tabs.show_tab("chat")
    left, right = tab(again, "chat").splitter.sizes()
    assert left / right == pytest.approx(200 / 500, rel=0.02)
    again.hide()


def test_state_that_was_damaged_by_hand_does_no_harm(qtbot: QtBot) -> None:
    window = MainWindow(places())
    qtbot.addWidget(window)
    window.restore(WindowState(geometry="é not base64", splitters={"chat_splitter": "x"}, tab="gone"))
    assert window.tabs.current().id == "chat"


def test_brought_to_the_front_from_the_task_bar(window: MainWindow) -> None:
    window.setWindowState(Qt.WindowState.WindowMinimized)
    window.bring_to_front()
    assert not window.isMinimized()
    assert window.isVisible()

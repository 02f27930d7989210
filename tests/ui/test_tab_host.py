"""The row of tabs: built on first use, and what it says of tabs that work out of sight."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QTabBar
from pytestqt.qtbot import QtBot

from app.model.providers import Capability
from app.ui.tab import Tab
from app.ui.tab_host import TabHost
from app.ui.widgets.spinner import Spinner
from tests.ui.dummy_tab import DummyTab, places


@pytest.fixture
def host(qtbot: QtBot) -> Iterator[TabHost]:
    made = TabHost(places())
    qtbot.addWidget(made)
    made.resize(600, 400)
    made.show()
    yield made
    made.hide()


def spinner(host: TabHost, index: int) -> Spinner | None:
    found = host.tabBar().tabButton(index, QTabBar.ButtonPosition.RightSide)
    return found if isinstance(found, Spinner) else None


def test_tabs_are_built_when_they_are_first_used(host: TabHost) -> None:
    made: list[Tab] = []
    host.made.connect(made.append)
    assert host.built() == []
    chat = host.show_tab("chat")
    images = host.show_tab("images")
    assert host.show_tab("chat") is chat
    assert made == host.built() == [chat, images]


def test_a_tab_that_comes_to_the_front_is_told(host: TabHost, qtbot: QtBot) -> None:
    host.activateWindow()
    tab = host.show_tab("audio")
    assert isinstance(tab, DummyTab)
    qtbot.waitUntil(tab.field.hasFocus)


def test_unknown_tab_of_an_older_version_is_the_first(host: TabHost) -> None:
    assert host.show_tab("video").id == "chat"


def test_working_shows_a_spinner_as_long_as_it_works(host: TabHost) -> None:
    tab = host.show_tab("chat")
    tab.working_changed.emit(True)
    host.show_tab("images")
    host.show_tab("chat")
    shown = spinner(host, 0)
    assert shown is not None
    assert shown.running
    assert host.tabBar().accessibleTabName(0) == "Chat, working"
    tab.working_changed.emit(False)
    assert spinner(host, 0) is None
    assert host.tabText(0) == "Chat"


def test_no_tab_moves_when_one_begins_to_work(host: TabHost) -> None:
    host.resize(1000, 400)
    tab = host.show_tab("chat")
    places = [host.tabBar().tabRect(index) for index in range(host.count())]
    tab.working_changed.emit(True)
    assert isinstance(spinner(host, 0), Spinner)
    assert [host.tabBar().tabRect(index) for index in range(host.count())] == places


def test_finished_out_of_sight_leaves_a_dot_until_it_is_seen(host: TabHost) -> None:
    tab = host.show_tab("chat")
    tab.working_changed.emit(True)
    host.show_tab("images")
    tab.working_changed.emit(False)
    assert host.tabText(0) == "Chat •"
    assert host.tabBar().accessibleTabName(0) == "Chat, finished"
    host.show_tab("chat")
    assert host.tabText(0) == "Chat"
    assert host.tabBar().accessibleTabName(0) == "Chat"


def test_saying_twice_that_it_ended_leaves_no_dot(host: TabHost) -> None:
    tab = host.show_tab("chat")
    host.show_tab("images")
    tab.working_changed.emit(False)
    assert host.tabText(0) == "Chat"


def test_the_banner_follows_to_the_tab_in_front(host: TabHost, qtbot: QtBot) -> None:
    host.show_tab("chat")
    banner = QLabel("News")
    host.put_above(banner)
    images = host.show_tab("images")
    qtbot.waitUntil(banner.isVisible)
    assert banner.mapTo(host, banner.rect().bottomLeft()).y() < images.mapTo(host, images.rect().topLeft()).y() + 1
    banner.hide()
    with qtbot.waitSignal(host.shown):
        host.show_tab("chat")
    qtbot.waitUntil(host.current().isVisible)
    assert not banner.isVisible(), "what was dismissed stays so"


def test_a_click_on_the_keys_behind_a_name_is_one_on_the_tab(host: TabHost) -> None:
    host.resize(1000, 400)
    keys = host.tabBar().tabButton(2, QTabBar.ButtonPosition.RightSide)
    assert isinstance(keys, QLabel)
    assert keys.text() == "Ctrl+3"
    where = keys.mapTo(host.tabBar(), keys.rect().center())
    QTest.mouseClick(host.tabBar(), Qt.MouseButton.LeftButton, pos=where)
    assert host.current_id() == "audio"


def test_in_a_narrow_row_the_keys_give_way(host: TabHost) -> None:
    host.resize(1000, 400)
    assert host.tabBar().tabButton(0, QTabBar.ButtonPosition.RightSide) is not None
    host.resize(600, 400)
    assert host.tabBar().tabButton(0, QTabBar.ButtonPosition.RightSide) is None


def test_tool_tips_tell_the_keys(host: TabHost) -> None:
    assert host.tabToolTip(1).startswith("Images (")
    assert host.titles() == ["Chat", "Images", "Audio"]


def test_held_tabs_are_built_when_they_are_released(host: TabHost, qtbot: QtBot) -> None:
    shown: list[Tab] = []
    host.shown.connect(shown.append)
    front = host.hold("chat", QLineEdit)
    host.activateWindow()
    front.setFocus()
    qtbot.waitUntil(front.hasFocus)
    QTest.keyClicks(front, "typed early")
    host.tabBar().setCurrentIndex(2)
    host.turn_to("audio")
    assert (host.current_id(), host.built(), shown) == ("audio", [], [])
    host.turn_to("chat")
    assert front.isVisible()
    host.release()
    assert [tab.id for tab in host.built()] == ["chat"]
    assert shown == host.built()


def test_the_keyboard_stays_where_it_is_when_tabs_are_released(qtbot: QtBot) -> None:
    fronts: list[QLineEdit] = []

    class Late(DummyTab):
        """Takes over what its place showed before."""

        def __init__(self) -> None:
            super().__init__("chat", Capability.CHAT)
            layout = self.layout()
            assert layout is not None
            layout.addWidget(fronts[0])

    first, *others = places()
    host = TabHost([replace(first, make=Late), *others])
    qtbot.addWidget(host)
    fronts.append(host.hold("chat", QLineEdit))
    host.show()
    host.activateWindow()
    fronts[0].setFocus()
    qtbot.waitUntil(fronts[0].hasFocus)
    host.release()
    qtbot.wait_until(lambda: fronts[0].isVisible() and fronts[0].hasFocus())
    host.hide()

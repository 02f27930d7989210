"""The dialog: pages by name and by keyboard, Escape, Enter, what it asks the program for."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QScrollArea, QWidget

from tests.fakes.openai_server import FakeOpenAI
from tests.ui.settings.conftest import Open, profile


@pytest.mark.parametrize("page", ["general", "providers", "models", "about"])
def test_every_page_opens_by_name(open_dialog: Open, page: str) -> None:
    opened = open_dialog(page)
    shown = opened.dialog.findChild(QWidget, f"{page}_page")
    assert shown is not None
    assert shown.isVisible()
    assert opened.dialog.page_list.currentItem().text().lower() == page


def test_without_a_name_it_opens_where_it_was(open_dialog: Open) -> None:
    opened = open_dialog("")
    assert opened.dialog.general.isVisible()
    opened.dialog.show_page("models")
    opened.dialog.close()
    opened.dialog.show_page("")
    assert opened.dialog.models.isVisible()


def test_pages_are_reached_by_keyboard(open_dialog: Open) -> None:
    opened = open_dialog("general")
    opened.dialog.page_list.setFocus()
    QTest.keyClick(opened.dialog.page_list, Qt.Key.Key_Down)
    assert opened.dialog.providers.isVisible()
    QTest.keyClick(opened.dialog.page_list, Qt.Key.Key_End)
    assert opened.dialog.about.isVisible()


def test_escape_closes_and_enter_does_not(open_dialog: Open, server: FakeOpenAI) -> None:
    opened = open_dialog("providers", profile("Mine", server.base_url))
    opened.dialog.providers.list.choose("mine")
    QTest.keyClick(opened.dialog.providers.form.name_field, Qt.Key.Key_Return)
    assert opened.dialog.isVisible()
    assert len(opened.stored) == 1
    QTest.keyClick(opened.dialog, Qt.Key.Key_Escape)
    assert not opened.dialog.isVisible()
    opened.dialog.show_page("general")
    assert opened.dialog.isVisible()


def test_the_data_folder_is_the_programs_to_open(open_dialog: Open) -> None:
    opened = open_dialog("about")
    with opened.qtbot.waitSignal(opened.dialog.folder_requested):
        opened.click(opened.dialog.about.folder_button)


def test_a_notice_can_lead_to_another_page(open_dialog: Open) -> None:
    opened = open_dialog("models")
    opened.dialog.models.notices.action_requested.emit("providers")
    assert opened.dialog.providers.isVisible()


@pytest.mark.parametrize("page", ["general", "providers", "models", "about"])
def test_every_control_that_tab_reaches_says_what_it_is(open_dialog: Open, server: FakeOpenAI, page: str) -> None:
    """A screen reader names a control by its accessible name or by its text."""
    opened = open_dialog(page, profile("Mine", server.base_url))
    opened.dialog.providers.list.choose("mine")
    opened.dialog.providers.form.more_button.click()
    rows = opened.dialog.models.rows
    opened.until(lambda: page != "models" or (len(rows) == 3 and all(row.isVisible() for row in rows.values())))
    first: QWidget = opened.dialog.page_list
    first.setFocus()
    reached = [first]
    while True:
        QTest.keyClick(opened.dialog.focusWidget(), Qt.Key.Key_Tab)
        if opened.dialog.focusWidget() is first:
            break
        reached.append(opened.dialog.focusWidget())
        assert len(reached) < 60, "Tab never comes back"
    assert [widget for widget in reached if not _name_of(widget)] == []
    assert [widget for widget in reached if isinstance(widget, QScrollArea)] == [], "its focus cannot be seen"
    assert len(reached) >= {"general": 8, "providers": 15, "models": 5, "about": 3}[page]


def _name_of(widget: QWidget) -> str:
    text = widget.text() if isinstance(widget, QAbstractButton) else ""
    return widget.accessibleName() or text

"""An empty state in little room keeps its words and its button, and gives up its picture."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.ui import theme
from app.ui.widgets.empty_state import EmptyState


def test_the_icon_gives_way_where_room_is_short(qtbot: QtBot) -> None:
    page, state = QWidget(), EmptyState(theme.icon("search"))
    qtbot.addWidget(page)
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(state)
    state.set_texts("Nothing here yet", "A sentence or two.", "Begin")
    page.resize(600, 500)
    page.show()
    assert state.icon_label.isVisible()
    least = state.minimumSizeHint().height()
    page.resize(600, least)
    assert not state.icon_label.isVisible()
    assert state.minimumSizeHint().height() == least, "whether it is shown or not"
    assert state.action_button.geometry().bottom() <= least
    page.resize(600, 500)
    assert state.icon_label.isVisible()

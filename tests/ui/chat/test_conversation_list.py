"""The list of conversations: titles that came from elsewhere are shown without what controls or turns."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from PySide6.QtWidgets import QApplication

from app.model.chat import Conversation
from app.ui.chat.conversation_list import ConversationListModel

NOW = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("title", "shown"),
    [("\u202egpj.exe", "gpj.exe"), ("two\nlines\x1b[1m", "two lines [1m"), ("\u202e\x07", "New conversation")],
)
def test_a_title_from_elsewhere_controls_and_turns_nothing(qapp: QApplication, title: str, shown: str) -> None:
    listed = ConversationListModel()
    listed.untitled = "New conversation"
    listed.set_entries([Conversation(1, title, NOW, NOW)])
    assert listed.data(listed.index(0)) == shown

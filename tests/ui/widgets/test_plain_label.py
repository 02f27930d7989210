"""Words of strangers in labels, tool tips, buttons and menus: shown as they are."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QIcon, QTextDocument
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from app.ui.widgets.elided_label import ElidedLabel
from app.ui.widgets.empty_state import EmptyState
from app.ui.widgets.plain_label import PlainLabel
from app.ui.widgets.plain_tip import plain_caption, plain_tip
from app.ui.widgets.wrapping_label import WrappingLabel

HOSTILE = '<img src="http://example.com/spy.png"><b>bold</b>'


@pytest.mark.parametrize("make", [PlainLabel, ElidedLabel, WrappingLabel])
def test_no_label_takes_words_for_html(qtbot: QtBot, make: type[PlainLabel]) -> None:
    label = make()
    qtbot.addWidget(label)
    label.setText(HOSTILE)
    assert label.textFormat() is Qt.TextFormat.PlainText
    assert label.text() == HOSTILE


def test_what_is_made_of_labels_is_as_plain(qtbot: QtBot) -> None:
    state = EmptyState(QIcon())
    qtbot.addWidget(state)
    labels = state.findChildren(PlainLabel)
    assert [label.textFormat() for label in labels] == [Qt.TextFormat.PlainText] * len(labels) != []


@pytest.mark.parametrize("words", [HOSTILE, "first &lt;b&gt;", "a < b <i>c", "one\n<b>two</b>"])
@pytest.mark.usefixtures("qapp")
def test_a_tool_tip_shows_signs_as_signs(words: str) -> None:
    shown = QTextDocument()
    shown.setHtml(plain_tip(words))
    assert shown.toPlainText() == words


def test_a_harmless_tool_tip_stays_as_it_is() -> None:
    assert plain_tip("Ben & Jerry\nsecond line") == "Ben & Jerry\nsecond line"


def test_an_ampersand_is_no_key(qtbot: QtBot) -> None:
    button = QPushButton(plain_caption("Use http://host/?a=1&b=2"))
    qtbot.addWidget(button)
    assert button.shortcut().isEmpty()
    assert QAction(plain_caption("R&D")).text() == "R&&D"

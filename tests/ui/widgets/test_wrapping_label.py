"""Words of strangers: wrapped wherever it takes, and copied as they were."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.ui.widgets.wrapping_label import WrappingLabel


@pytest.fixture
def label(qtbot: QtBot) -> WrappingLabel:
    made = WrappingLabel()
    qtbot.addWidget(made)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made


@pytest.mark.parametrize("letter", ["a", "[", "/", "é", "🙂", "Ж"])
def test_a_word_longer_than_the_label_takes_several_lines(label: WrappingLabel, letter: str) -> None:
    label.setText(letter * 600)
    assert label.minimumSizeHint().width() < 100
    assert label.heightForWidth(300) > 3 * label.fontMetrics().height()
    assert label.text() == letter * 600


def test_common_words_and_chinese_keep_their_own_breaks(label: WrappingLabel) -> None:
    for words in ("The model is not known to this server.", "服务器不认识这个模型。" * 6):
        label.setText(words)
        assert QLabel.text(label) == words


def test_what_looks_like_html_is_shown_as_it_is(label: WrappingLabel) -> None:
    label.setText("<b>bold</b>")
    assert label.textFormat() is Qt.TextFormat.PlainText


def test_what_is_copied_is_what_the_server_said(label: WrappingLabel) -> None:
    address = "see https://example.org/" + "long/" * 40
    label.setText(address)
    label.setSelection(0, len(QLabel.text(label)))
    assert label.selectedText() == address
    QTest.keyClick(label, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == address
    QGuiApplication.clipboard().setText("")
    assert label.actions() == [label.copy_action]
    label.copy_action.trigger()
    assert QGuiApplication.clipboard().text() == address

"""DropOverlay: the whole target takes drops, also over children that would take them themselves."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.ui.widgets.drop_area import DropOverlay, files_in

ACTION, BUTTON, KEYS = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def describe(data: QMimeData) -> str:
    count = len(files_in(data))
    return f"Add {count} files" if count else ""


class Page(QWidget):
    """A page with a text field that fills it; remembers what was dropped."""

    def __init__(self) -> None:
        super().__init__()
        self.editor = QPlainTextEdit()
        QVBoxLayout(self).addWidget(self.editor)
        self.overlay = DropOverlay(self, describe)
        self.dropped: list[list[Path]] = []
        self.overlay.dropped.connect(lambda data: self.dropped.append(files_in(data)))


@pytest.fixture
def page(qtbot: QtBot) -> Page:
    made = Page()
    qtbot.addWidget(made)
    made.resize(300, 200)
    made.show()
    return made


@pytest.fixture
def files() -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/one.png"), QUrl.fromLocalFile("/two.txt"), QUrl("https://host/three.png")])
    return data


@pytest.fixture
def words() -> QMimeData:
    data = QMimeData()
    data.setText("just words")
    return data


def enter(receiver: QWidget, data: QMimeData) -> QDragEnterEvent:
    event = QDragEnterEvent(QPointF(50, 50), ACTION, data, BUTTON, KEYS)
    event.ignore()
    QApplication.sendEvent(receiver, event)
    return event


def drop(receiver: QWidget, data: QMimeData) -> None:
    QApplication.sendEvent(receiver, QDropEvent(QPointF(50, 50), ACTION, data, BUTTON, KEYS, QEvent.Type.Drop))


def test_dragged_files_are_welcomed_with_words(page: Page, files: QMimeData) -> None:
    event = enter(page, files)
    assert event.isAccepted()
    assert page.overlay.isVisible()
    assert page.overlay.label.text() == "Add 2 files"
    assert page.overlay.geometry() == page.rect()


def test_dropped_files_are_handed_on_once(page: Page, files: QMimeData) -> None:
    enter(page, files)
    drop(page.overlay, files)
    assert page.dropped == [[Path("/one.png"), Path("/two.txt")]]
    assert not page.overlay.isVisible()


def test_dragging_away_uncovers_the_page(page: Page, files: QMimeData) -> None:
    enter(page, files)
    QApplication.sendEvent(page.overlay, QDragLeaveEvent())
    assert not page.overlay.isVisible()
    assert page.dropped == []


def test_what_nobody_wants_is_left_alone(page: Page, words: QMimeData) -> None:
    event = enter(page, words)
    assert not event.isAccepted()
    assert not page.overlay.isVisible()


def test_the_page_is_covered_before_a_text_field_gets_the_files(page: Page, files: QMimeData) -> None:
    """Qt gives a drag to the deepest widget that takes drops; the event of the native window comes first."""
    native = page.windowHandle()
    QApplication.sendEvent(native, QDragEnterEvent(QPointF(50, 50), ACTION, files, BUTTON, KEYS))
    assert page.overlay.isVisible()
    QApplication.sendEvent(native, QDropEvent(QPointF(50, 50), ACTION, files, BUTTON, KEYS, QEvent.Type.Drop))
    assert page.dropped == [[Path("/one.png"), Path("/two.txt")]]
    assert page.editor.toPlainText() == ""


def test_words_still_go_into_the_text_field(page: Page, words: QMimeData) -> None:
    native = page.windowHandle()
    QApplication.sendEvent(native, QDragEnterEvent(QPointF(50, 50), ACTION, words, BUTTON, KEYS))
    QApplication.sendEvent(native, QDropEvent(QPointF(50, 50), ACTION, words, BUTTON, KEYS, QEvent.Type.Drop))
    assert page.editor.toPlainText() == "just words"


def test_a_hidden_page_takes_nothing(qtbot: QtBot, files: QMimeData) -> None:
    outer = QWidget()
    qtbot.addWidget(outer)
    column = QVBoxLayout(outer)
    front, back = Page(), Page()
    column.addWidget(front)
    column.addWidget(back)
    outer.resize(300, 200)
    outer.show()
    back.hide()
    native = outer.windowHandle()
    QApplication.sendEvent(native, QDragEnterEvent(QPointF(50, 50), ACTION, files, BUTTON, KEYS))
    assert front.overlay.isVisible()
    assert back.overlay.isHidden()
    QApplication.sendEvent(native, QDragLeaveEvent())
    assert front.overlay.isHidden()

"""The crash box: a report of a bug that can be read and copied, without secrets."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app import log
from app.ui.crash_box import CrashBox


def test_the_report_of_a_bug_can_be_copied_and_holds_no_key(qtbot: QtBot) -> None:
    key = "very-secret-key-1234"
    log.hide(key)
    try:
        raise ValueError(f"cannot use {key}")
    except ValueError as bug:
        box = CrashBox(bug)
    qtbot.addWidget(box)
    box.show()
    assert "ValueError" in box.report.toPlainText()
    assert "Triptych" in box.report.toPlainText()
    assert key not in box.report.toPlainText()
    assert not box.isModal()
    QTest.mouseClick(box.copy_button, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == box.report.toPlainText()
    box.close()

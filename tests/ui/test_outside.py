"""What nothing on this computer opens is told, with its address to be copied."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton

from app.ui.outside import open_page, open_path

PAGE = "https://triptych.example/a page"


def test_the_desktop_opens_pages_and_folders(opened_outside: list[str], tmp_path: Path) -> None:
    open_page(PAGE)
    open_path(tmp_path)
    assert opened_outside == [PAGE, QUrl.fromLocalFile(str(tmp_path)).toString()]
    assert _box() is None


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
@pytest.mark.parametrize("clicked", ["Copy", "Close"])
def test_without_a_browser_the_address_is_shown_to_be_copied(qapp: QApplication, clicked: str) -> None:
    QGuiApplication.clipboard().setText("before")
    open_page("unheard-of:page")
    box = _box()
    assert box is not None
    assert "unheard-of:page" in box.informativeText()
    next(button for button in box.findChildren(QPushButton) if button.text().replace("&", "") == clicked).click()
    assert QGuiApplication.clipboard().text() == ("unheard-of:page" if clicked == "Copy" else "before")
    assert not box.isVisible()


def _box() -> QMessageBox | None:
    return next(
        (top for top in QApplication.topLevelWidgets() if isinstance(top, QMessageBox) and top.isVisible()), None
    )

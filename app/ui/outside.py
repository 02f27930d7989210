"""What is opened outside of the program: a page, a file or a folder; where nothing opens it, that is said."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QUrl
from PySide6.QtGui import QDesktopServices

from app.ui import ask


def open_page(address: str) -> None:
    """Have the desktop show a web page."""
    _open(QUrl(address), address)


def open_path(path: Path) -> None:
    """Have the desktop show a folder or a file."""
    _open(QUrl.fromLocalFile(str(path)), str(path))


def _open(url: QUrl, written: str) -> None:
    if QDesktopServices.openUrl(url):
        return
    words = QCoreApplication.translate("Outside", "Nothing on this computer wants to open {address}.")
    ask.tell(
        QCoreApplication.translate("Outside", "No program opened it"),
        words.format(address=written),
        QCoreApplication.translate("Outside", "Copy"),
        written,
    )

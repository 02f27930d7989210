"""Takes the place of the desktop's programs, which a test must not start."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices

SCHEMES = ("https", "http", "file", "javascript", "data", "ftp", "ssh")


class _Desktop(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []

    @Slot(QUrl)
    def open(self, url: QUrl) -> None:
        self.opened.append(url.toString())


@contextmanager
def noting_desktop() -> Iterator[list[str]]:
    """The addresses that the desktop is asked to open meanwhile."""
    desktop = _Desktop()
    for scheme in SCHEMES:
        QDesktopServices.setUrlHandler(scheme, desktop, "open")  # type: ignore[arg-type] # the stub wants bytes
    try:
        yield desktop.opened
    finally:
        for scheme in SCHEMES:
            QDesktopServices.unsetUrlHandler(scheme)

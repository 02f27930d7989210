"""Application: Qt's, which also tells of files that the desktop wants opened while the program runs (macOS)."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication


class Application(QApplication):
    """Signals: file_opened(Path): dropped on the program's icon, or opened by a double click."""

    file_opened = Signal(object)

    def event(self, event: QEvent) -> bool:
        """Only what is sent to the application itself comes by here. Addresses of other kinds are not for us."""
        if isinstance(event, QFileOpenEvent):
            if event.file():
                self.file_opened.emit(Path(event.file()))
            return True
        return super().event(event)

"""The baseline: the least a PySide6 program can be; says when its window was painted, then stays until it is ended."""

from __future__ import annotations

import sys
import time

from PySide6.QtCore import QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QMainWindow


class Window(QMainWindow):
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        QTimer.singleShot(0, lambda: print(time.time(), flush=True))


application = QApplication(sys.argv)
window = Window()
window.resize(1100, 750)
window.show()
sys.exit(application.exec())

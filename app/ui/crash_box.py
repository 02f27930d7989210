"""CrashBox: for bugs only: says what to do and shows a report; known failures are notices."""

from __future__ import annotations

import platform
import sys
import traceback

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from app import log
from app.identity import NAME, VERSION
from app.ui import theme
from app.ui.theme import Role
from app.ui.widgets.first_size import resize_on_screen
from app.ui.widgets.plain_label import PlainLabel


class CrashBox(QDialog):
    """What to do, and a report that can be read and copied; it holds neither keys nor messages."""

    def __init__(self, bug: BaseException, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text_label = PlainLabel()
        self.report = QPlainTextEdit(crash_report(bug))
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.copy_button = QPushButton()
        self.setObjectName("crash_box")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.report.setReadOnly(True)
        self.report.setObjectName("crash_report")
        theme.give_role(self.report, Role.CODE)
        self.text_label.setWordWrap(True)
        self.buttons.addButton(self.copy_button, QDialogButtonBox.ButtonRole.ActionRole)
        self.buttons.rejected.connect(self.close)
        self.copy_button.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.report.toPlainText()))
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE_L, theme.SPACE_L, theme.SPACE_L, theme.SPACE_L)
        column.setSpacing(theme.SPACE_M)
        for widget in (self.text_label, self.report, self.buttons):
            column.addWidget(widget)
        resize_on_screen(self, 640, 420)
        self._retranslate()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self.setWindowTitle(self.tr("Something went wrong in Triptych"))
        self.text_label.setText(
            self.tr(
                "This is a mistake in the program, not yours. Your data is stored; you can go on working. "
                "The report below says what happened; it holds no keys and no messages."
            )
        )
        self.copy_button.setText(self.tr("Copy report"))


def crash_report(bug: BaseException) -> str:
    """Versions and the traceback, free of keys."""
    lines = [f"{NAME} {VERSION}", f"Python {sys.version.split()[0]}", platform.platform(), ""]
    trace = "".join(traceback.format_exception(bug))
    return log.redact("\n".join(lines) + trace)

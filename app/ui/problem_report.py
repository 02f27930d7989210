"""ProblemReport: a report of a problem that is read, changed, copied or saved by its user; it sends nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from PySide6 import __version__ as pyside_version
from PySide6.QtCore import QEvent, QLocale, QTimer, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from app.identity import ISSUES_URL, PROGRAM, VERSION
from app.ui import ask, outside, theme
from app.ui.job import Errands
from app.ui.notices import NoticeBar
from app.ui.theme import Role
from app.ui.widgets.first_size import resize_on_screen
from app.ui.widgets.folding_row import FoldingRow
from app.ui.widgets.plain_label import PlainLabel

THANKS_MS = 1500


class Reporter(Protocol):
    """What the dialog asks of the worker."""

    async def collect(self, facts: Mapping[str, str]) -> str: ...
    async def save(self, text: str, path: Path) -> None: ...


class ProblemReport(QDialog):
    """`open_page` opens an address outside of the program; only the button that names it calls it."""

    def __init__(
        self,
        reporter: Reporter,
        parent: QWidget | None = None,
        open_page: Callable[[str], object] = outside.open_page,
    ) -> None:
        super().__init__(parent)
        self._reporter = reporter
        self._open_page = open_page
        self._errands = Errands(self)
        self.notices = NoticeBar()
        self.text_label, self.next_label = PlainLabel(), PlainLabel()
        self.report = QPlainTextEdit()
        self.copy_button, self.save_button = QPushButton(), QPushButton()
        self.page_button, self.close_button = QPushButton(), QPushButton()
        self._build()

    def collect(self) -> None:
        """Put together what is known now, in place of what was there."""
        self._errands.add(self._collect)

    async def aclose(self) -> None:
        self.close()
        await self._errands.aclose()

    def _build(self) -> None:
        self.setObjectName("problem_report")
        for name in ("text_label", "next_label", "report", "copy_button", "save_button", "page_button", "close_button"):
            getattr(self, name).setObjectName(f"report_{name}")
        theme.give_role(self.report, Role.CODE)
        theme.give_role(self.next_label, Role.SMALL)
        theme.give_role(self.copy_button, Role.PRIMARY)
        self.report.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.report.setTabChangesFocus(True)
        for label in (self.text_label, self.next_label):
            label.setWordWrap(True)
        self.page_button.setIcon(theme.icon("external-link"))
        self.copy_button.clicked.connect(self._on_copy_button_clicked)
        self.save_button.clicked.connect(lambda: self._errands.add(self._save))
        self.page_button.clicked.connect(lambda: self._open_page(ISSUES_URL))
        self.close_button.clicked.connect(self.close)
        self._errands.failed.connect(self.notices.show_error)
        self.report.textChanged.connect(self._on_report_text_changed)
        self._lay_out()
        self._retranslate()
        self._on_report_text_changed()

    def _lay_out(self) -> None:
        buttons = FoldingRow()
        for button in (self.copy_button, self.save_button):
            buttons.add_first(button)
        for button in (self.page_button, self.close_button):
            buttons.add_second(button)
        inside = QVBoxLayout()
        inside.setContentsMargins(theme.SPACE_L, theme.SPACE_L, theme.SPACE_L, theme.SPACE_L)
        inside.setSpacing(theme.SPACE_M)
        inside.addWidget(self.text_label)
        inside.addWidget(self.report, 1)
        inside.addWidget(self.next_label)
        inside.addWidget(buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.notices)
        column.addLayout(inside)
        resize_on_screen(self, theme.px(760), theme.px(600))

    async def _collect(self) -> None:
        self.report.setPlainText(await self._reporter.collect(_facts()))

    async def _save(self) -> None:
        title, filters = self.tr("Save the report"), [self.tr("Text (*.txt)")]
        suggested = Path.home() / f"{PROGRAM}-{VERSION}-report.txt"
        chosen = await ask.choose_save_file(self, title, suggested, filters)
        if chosen is not None:
            await self._reporter.save(self.report.toPlainText(), chosen)

    def _on_copy_button_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self.report.toPlainText())
        self.copy_button.setText(self.tr("Copied"))
        self.copy_button.setIcon(theme.icon("check", "on_accent"))
        QTimer.singleShot(THANKS_MS, self, self._retranslate)

    def _on_report_text_changed(self) -> None:
        for button in (self.copy_button, self.save_button):
            button.setEnabled(bool(self.report.toPlainText()))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self.setWindowTitle(self.tr("Report a problem"))
        self.text_label.setText(
            self.tr(
                "This says how Triptych is set up here and what it logged last. Read it and take out what you want to "
                "keep to yourself. Keys and passwords are hidden, and no conversation is in it; files may be named."
            )
        )
        self.report.setAccessibleName(self.tr("The report"))
        self.report.setPlaceholderText(self.tr("Being put together…"))
        self.next_label.setText(
            self.tr("Nothing is sent by itself. Copy the report, then describe on the project's page what happened.")
        )
        self.copy_button.setText(self.tr("Copy"))
        self.copy_button.setIcon(theme.icon("copy", "on_accent"))
        self.save_button.setText(self.tr("Save as…"))
        self.page_button.setText(self.tr("Open {address}").format(address=ISSUES_URL.partition("://")[2]))
        self.page_button.setToolTip(ISSUES_URL)
        self.close_button.setText(self.tr("Close"))


def _facts() -> dict[str, str]:
    """What only the window can tell of its surroundings."""
    application = QGuiApplication
    screens = [
        f"{screen.size().width()} × {screen.size().height()} at {screen.devicePixelRatio():g}"
        for screen in application.screens()
    ]
    return {
        "Qt": f"{qVersion()}, PySide6 {pyside_version}, platform {application.platformName()}",
        "Screens": ", ".join(screens),
        "Language": QLocale().name(),
        "Look": f"{'dark' if theme.colors() is theme.DARK else 'light'}, zoom {theme.zoom_percent()} %",
    }

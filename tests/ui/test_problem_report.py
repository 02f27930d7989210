"""The dialog with the report: it is read and changed before it is copied or saved, and nothing opens by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.identity import ISSUES_URL
from app.model.errors import StorageFailed
from app.ui import ask
from app.ui.problem_report import ProblemReport

type RunAsync = Callable[[Coroutine[Any, Any, Any]], Any]


class ScriptedReporter:
    def __init__(self) -> None:
        self.facts: dict[str, str] = {}
        self.saved: list[tuple[str, Path]] = []
        self.failure: StorageFailed | None = None

    async def collect(self, facts: Mapping[str, str]) -> str:
        self.facts = dict(facts)
        return "Triptych 0.1.0\nall is well"

    async def save(self, text: str, path: Path) -> None:
        if self.failure is not None:
            raise self.failure
        self.saved.append((text, path))


@pytest.fixture
def reporter() -> ScriptedReporter:
    return ScriptedReporter()


@pytest.fixture
def opened() -> list[str]:
    return []


@pytest.fixture
def dialog(
    qtbot: QtBot,
    loop: asyncio.AbstractEventLoop,
    run_async: RunAsync,
    reporter: ScriptedReporter,
    opened: list[str],
) -> Iterator[ProblemReport]:
    made = ProblemReport(reporter, open_page=opened.append)
    qtbot.addWidget(made)
    made.show()
    made.collect()
    qtbot.waitUntil(lambda: bool(made.report.toPlainText()))
    yield made
    run_async(made.aclose())


def test_it_tells_what_only_the_window_knows(dialog: ProblemReport, reporter: ScriptedReporter) -> None:
    assert reporter.facts["Qt"].endswith("platform offscreen")
    assert reporter.facts["Look"].endswith(", zoom 100 %")
    assert not dialog.isModal()


def test_what_was_taken_out_is_not_copied(dialog: ProblemReport) -> None:
    dialog.report.setPlainText("only this")
    QTest.mouseClick(dialog.copy_button, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "only this"
    assert dialog.copy_button.text() == "Copied"
    dialog.report.clear()
    assert not dialog.copy_button.isEnabled()
    assert not dialog.save_button.isEnabled()


def test_it_is_saved_where_its_user_wants_it(
    dialog: ProblemReport, reporter: ScriptedReporter, qtbot: QtBot, tmp_path: Path
) -> None:
    ask.answers.append(None)
    QTest.mouseClick(dialog.save_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not ask.answers)
    ask.answers.append(tmp_path / "r.txt")
    QTest.mouseClick(dialog.save_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(reporter.saved))
    assert reporter.saved == [("Triptych 0.1.0\nall is well", tmp_path / "r.txt")]


def test_a_full_disk_is_told_and_the_report_stays(
    dialog: ProblemReport, reporter: ScriptedReporter, qtbot: QtBot, tmp_path: Path
) -> None:
    reporter.failure = StorageFailed(path="r.txt")
    ask.answers.append(tmp_path / "r.txt")
    QTest.mouseClick(dialog.save_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(dialog.notices.cards))
    assert dialog.report.toPlainText()


def test_the_page_opens_only_by_the_button_that_names_it(dialog: ProblemReport, opened: list[str]) -> None:
    assert dialog.page_button.text() == f"Open {ISSUES_URL.removeprefix('https://')}"
    assert opened == []
    QTest.mouseClick(dialog.page_button, Qt.MouseButton.LeftButton)
    assert opened == [ISSUES_URL]


def test_tab_leaves_the_text_and_escape_the_dialog(dialog: ProblemReport) -> None:
    dialog.report.setFocus()
    QTest.keyClick(dialog.report, Qt.Key.Key_Tab)
    assert not dialog.report.hasFocus()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()

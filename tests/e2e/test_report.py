"""Help, Report a problem: from the menu to a text that holds none of the profile's secrets."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QApplication

from app.identity import VERSION
from app.paths import Paths
from app.ui.problem_report import ProblemReport
from tests.driving import Driver, answered, ask, run_story
from tests.e2e.conftest import KEY
from tests.fakes.openai_server import FakeOpenAI

QUESTION = "Where did I hide the treasure?"


def test_the_report_says_what_happened_and_gives_nothing_away(
    qapp: QApplication, connected: Path, paths: Paths, server: FakeOpenAI
) -> None:
    (paths.logs / "triptych.log").write_text(f"asked with {KEY}", "utf-8")

    async def story(driver: Driver) -> None:
        await ask(driver, QUESTION)
        await answered(driver)
        entries = {action.text(): action for action in driver.window.menu.help_menu.actions()}
        entries["Report a problem…"].trigger()
        dialog = driver.find(ProblemReport, "problem_report")
        await driver.until(dialog.report.toPlainText, "the report is there")
        text = dialog.report.toPlainText()
        assert text.startswith(f"Triptych {VERSION}\n")
        assert f"provider 1: custom, {server.base_url}" in text
        assert "model for chat: gpt-4o of provider 1" in text
        assert "asked with [key hidden]" in text, "the end of the log"
        for secret in (KEY, QUESTION, str(connected), str(Path.home())):
            assert secret not in text, secret

    run_story(connected, story)

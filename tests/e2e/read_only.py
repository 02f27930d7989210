"""Run by `test_hard_ground` with a small disk of its own, which becomes read-only between two starts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from PySide6.QtWidgets import QDialog

from app.paths import Paths
from app.ui import ask as asking
from app.ui.audio.tab import AudioTab
from app.ui.chat.tab import ChatTab
from app.ui.images.tab import ImagesTab
from app.ui.leaving_questions import EXPORT
from app.ui.notices import NoticeCard
from tests.driving import Driver, answered, ask, run_story
from tests.fakes.openai_server import FakeOpenAI
from tests.profiles import connect


def main(disk: Path) -> None:
    profile = disk / "profile"
    paths = Paths.under(profile)
    paths.ensure()

    async def asks(driver: Driver) -> None:
        await ask(driver, "What is a tide?")
        await answered(driver)

    async def goes_on_in_memory(driver: Driver) -> None:
        assert "Nothing new can be saved" in driver.notices()
        assert "The data could not be saved or read" in driver.notices()
        chat = driver.tab(ChatTab)
        await driver.until(lambda: len(chat.view.messages) == 2, "what was said before is on show")
        await ask(driver, "And a wave?")
        await driver.until(lambda: len(chat.view.messages) == 4, "it goes on")
        await answered(driver)
        asking.answers.append(None)
        driver.window.close()
        await driver.until(lambda: not asking.answers, "nobody quits unasked")
        export = disk.parent / "export.zip"
        asking.answers.extend([EXPORT, export])
        driver.window.close()
        await driver.until(lambda: not asking.answers and export.exists(), "everything is exported")
        page = driver.find(QDialog, "settings_dialog")
        await driver.until(lambda: "exported" in [card.notice.kind for card in page.findChildren(NoticeCard)], "it is")
        driver.window.zoom_requested.emit(120)
        assert driver.program._settings.value.appearance.zoom_percent == 120

    async def looks_around(driver: Driver) -> None:
        """Closes unasked: nothing was added."""
        assert "Nothing new can be saved" in driver.notices()
        chat = driver.tab(ChatTab)
        await driver.until(lambda: len(chat.view.messages) == 2, "the conversation is on show")
        driver.tab(ImagesTab)
        driver.tab(AudioTab)

    with FakeOpenAI() as server:
        connect(paths, server.base_url)
        run_story(profile, asks)
        before = {path: path.read_bytes() for path in disk.rglob("*") if path.is_file()}
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        run_story(profile, looks_around)
        run_story(profile, goes_on_in_memory)
    assert {path: path.read_bytes() for path in disk.rglob("*") if path.is_file()} == before


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Triptych is started a second time on the same profile: the first window comes to the front and takes the files."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from app.ui.chat.tab import ChatTab
from tests.driving import Driver, run_story
from tests.profiles import ROOT


@pytest.mark.qt_log_ignore(r"does not support raise\(\)", extend=True)  # the offscreen platform has one window only
def test_the_first_window_comes_up_with_the_files(qapp: QApplication, profile: Path, tmp_path: Path) -> None:
    notes = tmp_path / "notes about 潮汐.txt"
    notes.write_text("High water at six.", "utf-8")

    def start_again() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "app", "--data-dir", str(profile), str(notes)]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)

    async def story(driver: Driver) -> None:
        chat = driver.tab(ChatTab)
        driver.window.showMinimized()
        second = await asyncio.to_thread(start_again)
        assert second.returncode == 0, second.stderr
        assert not driver.window.isMinimized()
        await driver.until(lambda: chat.view.composer.strip.chips, "the file is in the draft")
        (attachment,) = chat.view.composer.strip.attachments()
        assert attachment.name == notes.name

    run_story(profile, story)

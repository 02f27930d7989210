"""Files are opened by a double click or a drop on the icon: as arguments, by a second start, and as macOS does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from PySide6.QtWidgets import QApplication

from app.ui.chat.tab import ChatTab
from tests.conftest import ROOT
from tests.driving import Driver, run_story

WITHIN_S = 60.0


def test_files_of_a_start_are_in_the_draft(qapp: QApplication, profile: Path, tmp_path: Path) -> None:
    files = [_written(tmp_path / "first 一.txt"), _written(tmp_path / "second.md")]

    async def story(driver: Driver) -> None:
        strip = driver.tab(ChatTab).view.composer.strip
        await driver.until(lambda: len(strip.chips) == len(files), "both are there")
        assert sorted(attachment.name for attachment in strip.attachments()) == sorted(file.name for file in files)

    run_story(profile, story, files=files)


def test_files_that_the_desktop_sends_to_the_running_program(tmp_path: Path) -> None:
    early, late = _written(tmp_path / "early 早.txt"), _written(tmp_path / "late.txt")
    command = [sys.executable, "-m", "tests.e2e.opening_files", str(tmp_path / "profile"), str(early), str(late)]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=WITHIN_S, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str([early.name, late.name])


def _written(file: Path) -> Path:
    file.write_text(f"This is {file.name}.", "utf-8")
    return file

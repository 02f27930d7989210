"""Run by `test_open_files`: the desktop opens files in the real program, before its window is ready and after."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QUrl
from PySide6.QtGui import QFileOpenEvent

from app import main
from app.ui.chat.tab import ChatTab
from tests.driving import Driver

EARLY, LATE = Path(sys.argv[2]), Path(sys.argv[3])


class Watched(main.Program):
    """The program on a desktop that sends it files."""

    def paint(self) -> None:
        _open(QUrl.fromLocalFile(str(EARLY)))
        super().paint()

    async def run(self, files: list[Path]) -> int:
        async with asyncio.TaskGroup() as group:
            running = group.create_task(super().run(files))
            driver = Driver(self)
            await driver.until(lambda: self.is_ready, "the window is there")
            strip = driver.tab(ChatTab).view.composer.strip
            await driver.until(lambda: len(strip.chips) == 1, "the first file is in the draft")
            _open(QUrl("triptych://example"))
            _open(QUrl.fromLocalFile(str(LATE)))
            await driver.until(lambda: len(strip.chips) == 2, "the second file is in the draft")
            print([attachment.name for attachment in strip.attachments()], flush=True)
            driver.window.close()
            return await running


def _open(address: QUrl) -> None:
    application = QCoreApplication.instance()
    assert application is not None
    QCoreApplication.sendEvent(application, QFileOpenEvent(address))


if __name__ == "__main__":
    main.Program = Watched  # type: ignore[misc] # the same in all but that a desktop talks to it
    sys.exit(main.main(["--data-dir", sys.argv[1]]))

"""Run by `test_restore`: restores the newest backup in the real program and tells what its second window lists."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from app import main
from app.ui import ask as asking
from app.ui.chat.conversation_list import ENTRY_ROLE
from app.ui.chat.tab import ChatTab
from app.ui.settings.dialog import SettingsDialog
from tests.driving import Driver


class Watched(main.Program):
    """The program with somebody before it."""

    windows = 0

    async def run(self, files: list[Path]) -> int:
        Watched.windows += 1
        async with asyncio.TaskGroup() as group:
            running = group.create_task(super().run(files))
            driver = Driver(self)
            await driver.until(lambda: self.is_ready, "the window is there")
            await (_restores(driver) if Watched.windows == 1 else _tells(driver))
            return await running


async def _restores(driver: Driver) -> None:
    driver.window.settings_requested.emit("restore")
    page = driver.find(SettingsDialog, "settings_dialog").restore
    await driver.until(
        lambda: page.backups.rows and page.backups.rows[0].restore_button.isVisible(), "the backups are listed"
    )
    asking.answers.append(True)
    driver.click(page.backups.rows[0].restore_button)


async def _tells(driver: Driver) -> None:
    entries = driver.tab(ChatTab).sidebar.list.entries
    await driver.until(entries.rowCount, "the conversations are listed")
    print([entries.index(row).data(ENTRY_ROLE).title for row in range(entries.rowCount())], flush=True)
    driver.window.close()


if __name__ == "__main__":
    main.Program = Watched  # type: ignore[misc] # the same in all but that somebody clicks
    sys.exit(main.main(["--data-dir", sys.argv[1]]))

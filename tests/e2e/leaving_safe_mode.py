"""Run by `test_safe_mode`: starts the real program in safe mode, restarts it normally and back; tells its titles."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from app import main
from tests.driving import Driver


class Watched(main.Program):
    """The program with somebody before it, who restarts it twice and then leaves."""

    windows = 0

    async def run(self, files: list[Path]) -> int:
        Watched.windows += 1
        async with asyncio.TaskGroup() as group:
            running = group.create_task(super().run(files))
            driver = Driver(self)
            await driver.until(lambda: self.is_ready, "the window is there")
            print(driver.window.windowTitle(), flush=True)
            if Watched.windows == 1:
                driver.click(driver.window.notices.cards[-1].action_buttons[0])
            elif Watched.windows == 2:
                commands = {command.id: command for command in driver.window.commands()}
                commands["window.restart"].run()
            else:
                driver.window.close()
            return await running


if __name__ == "__main__":
    main.Program = Watched  # type: ignore[misc] # the same in all but that somebody clicks
    sys.exit(main.main(["--data-dir", sys.argv[1], "--safe-mode"]))

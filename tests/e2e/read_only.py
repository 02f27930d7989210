"""Run by `test_hard_ground` with a small disk of its own, which becomes read-only between two starts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from app.paths import Paths
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

    async def asks_in_memory(driver: Driver) -> None:
        assert "Nothing of this session will be kept" in driver.notices()
        assert "The data could not be saved or read" in driver.notices()
        await asks(driver)

    with FakeOpenAI() as server:
        connect(paths, server.base_url)
        run_story(profile, asks)
        before = {path: path.read_bytes() for path in disk.rglob("*") if path.is_file()}
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        run_story(profile, asks_in_memory)
    assert {path: path.read_bytes() for path in disk.rglob("*") if path.is_file()} == before


if __name__ == "__main__":
    main(Path(sys.argv[1]))

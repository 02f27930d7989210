"""Run by `test_close_in_the_middle` on a connected profile: asks, and kills itself once the first words are stored."""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from pathlib import Path

from app.paths import Paths
from tests.driving import Driver, ask, run_story

QUESTION = "Tell me about the sea."
ANSWER = "The sea is deep and wide and full of salt."
ARRIVED = "The sea is "
"""What comes before the server pauses."""


def main(profile: Path) -> None:
    database = Paths.under(profile).database_file

    def is_stored() -> bool:
        with sqlite3.connect(database) as connection:
            found = connection.execute("SELECT count(*) FROM messages WHERE text = ?", [ARRIVED]).fetchone()
        connection.close()
        return bool(found[0])

    async def story(driver: Driver) -> None:
        await ask(driver, QUESTION)
        await driver.until(is_stored, "the first words are stored")
        os.kill(os.getpid(), signal.SIGKILL)

    run_story(profile, story)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Run by `test_full_disk` with a small disk of its own: the disk is full when a question is sent, then it is not."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtGui import QGuiApplication

from app.model.chat import MessageState
from app.paths import Paths
from app.ui import ask as asking
from app.ui.chat.tab import ChatTab
from app.ui.leaving_questions import QUIT, RESCUE, TRY_AGAIN
from tests.driving import Driver, answered, ask, run_story
from tests.e2e.small_disk import fill
from tests.fakes.openai_server import FakeOpenAI
from tests.profiles import connect

FIRST = "What is a tide?"
LONG = "This is a long text that was pasted into the message. " * 3_000
"""More than the database could take in without the disk growing."""


def main(disk: Path) -> None:
    profile, filler = disk / "profile", disk / "filler"
    paths = Paths.under(profile)
    paths.ensure()

    async def runs_out_of_disk(driver: Driver) -> None:
        chat = driver.tab(ChatTab)
        composer = chat.view.composer
        await ask(driver, FIRST)
        await answered(driver)
        fill(filler)
        composer.field.insertPlainText(LONG)
        driver.click(composer.send_button)
        await driver.until(lambda: _says_full(driver, paths.database_file), "the question is refused, with the reason")
        assert composer.text() == LONG, "what was typed stays where it was typed"
        assert len(chat.view.messages) == 2
        filler.unlink()
        server.answer("Now there is room.")  # not the long text once more
        driver.click(composer.send_button)
        await driver.until(lambda: len(chat.view.messages) == 4, "the question is stored now")
        assert (await answered(driver)).state is MessageState.COMPLETE

    async def finds_everything(driver: Driver) -> None:
        chat = driver.tab(ChatTab)
        await driver.until(lambda: len(chat.view.messages) == 4, "the conversation is on show again")
        assert [message.text for message in chat.view.messages.values()][::2] == [FIRST, LONG.strip()]
        assert chat.view.composer.text() == "", "what was sent is no draft any more"
        assert not driver.notices()

    async def quits_while_it_is_full(driver: Driver) -> None:
        composer = driver.tab(ChatTab).view.composer
        await driver.until(lambda: len(driver.tab(ChatTab).view.messages) == 4, "the conversation is on show again")
        fill(filler)
        composer.field.insertPlainText(LONG)
        asking.answers.extend([RESCUE, TRY_AGAIN, QUIT])

    with FakeOpenAI() as server:
        connect(paths, server.base_url)
        run_story(profile, runs_out_of_disk)
        run_story(profile, finds_everything)
        run_story(profile, quits_while_it_is_full)
    assert not asking.answers, "nobody quits unasked"
    assert QGuiApplication.clipboard().text() == LONG


def _says_full(driver: Driver, file: Path) -> bool:
    """Whether a notice names `file`: the disk may have refused the settings before."""
    return any(
        card.title_label.text() == "The disk is full" and str(file) in card.text_label.text()
        for card in driver.window.notices.cards
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""A wrong key, a dead host, a web page instead of an answer: each ends in its notice, and nothing typed is lost."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from keyring.backend import KeyringBackend
from PySide6.QtWidgets import QApplication

from app.model.chat import MessageState, Role
from app.paths import Paths
from app.services.secrets import SERVICE
from app.ui.chat.tab import ChatTab
from app.ui.images.tab import ImagesTab
from tests.driving import Driver, Story, answered, ask, run_story
from tests.e2e.conftest import KEY
from tests.fakes.openai_server import FakeOpenAI
from tests.profiles import PROVIDER, connect

QUESTION = "Is anybody there?"
DRAFT = "And what I was about to ask 之后"
WEB_PAGE = "<!DOCTYPE html><html><head><title>Welcome to the hotel</title></head><body>Please sign in</body></html>"


@pytest.fixture
def dead_address() -> str:
    """An address at which nobody listens."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{reserved.getsockname()[1]}/v1"


def _ends_in(title: str) -> Story:
    """A story: ask, see the notice with this title, and begin to write the next question."""

    async def story(driver: Driver) -> None:
        chat = driver.tab(ChatTab)
        await ask(driver, QUESTION)
        await driver.until_notice(title)
        answer = await answered(driver)
        assert answer.state is MessageState.FAILED
        assert answer.error
        driver.type_into(chat.view.composer.field, DRAFT)

    return story


async def _finds_everything(driver: Driver) -> None:
    """After a restart: the question, the failure in its words, and the draft."""
    chat = driver.tab(ChatTab)
    await driver.until(lambda: len(chat.view.messages) == 2, "the conversation is on show again")
    question, answer = chat.view.messages.values()
    assert (question.role, question.text) == (Role.USER, QUESTION)
    assert answer.state is MessageState.FAILED
    await driver.until(lambda: chat.view.composer.text() == DRAFT, "the draft is there")


def test_a_wrong_key(qapp: QApplication, connected: Path, server: FakeOpenAI, key_store: KeyringBackend) -> None:
    key_store.set_password(SERVICE, PROVIDER, "sk-wrong-0123456789")
    run_story(connected, _ends_in("The key was not accepted"))
    key_store.set_password(SERVICE, PROVIDER, KEY)
    run_story(connected, _finds_everything)


def test_a_key_that_was_removed(
    qapp: QApplication, connected: Path, server: FakeOpenAI, key_store: KeyringBackend
) -> None:
    key_store.delete_password(SERVICE, PROVIDER)
    run_story(connected, _ends_in("A key is needed"))
    key_store.set_password(SERVICE, PROVIDER, KEY)
    run_story(connected, _finds_everything)


def test_a_web_page_instead_of_an_answer(qapp: QApplication, connected: Path, server: FakeOpenAI) -> None:
    server.reply(200, WEB_PAGE)
    run_story(connected, _ends_in("This address does not speak the expected protocol"))
    run_story(connected, _finds_everything)


def test_a_dead_host_and_another_try(
    qapp: QApplication, connected: Path, paths: Paths, server: FakeOpenAI, dead_address: str
) -> None:
    connect(paths, dead_address)
    run_story(connected, _ends_in("The server cannot be reached"))
    connect(paths, server.base_url)

    async def tries_again(driver: Driver) -> None:
        await _finds_everything(driver)
        chat = driver.tab(ChatTab)
        failed = chat.view.transcript.stage.live()[1]
        driver.hover(failed)
        driver.click(failed.footer.regenerate_button)
        answer = await answered(driver)
        assert answer.state is MessageState.COMPLETE
        assert QUESTION in answer.text
        assert chat.view.composer.text() == DRAFT

    run_story(connected, tries_again)


def test_a_picture_that_fails_keeps_its_prompt(qapp: QApplication, connected: Path, server: FakeOpenAI) -> None:
    server.reply(502, WEB_PAGE, times=3)

    async def story(driver: Driver) -> None:
        images = driver.tab(ImagesTab)
        form = images.maker.form
        await driver.until(form.isVisible, "the form is there")
        driver.type_into(form.prompt_box, QUESTION)
        driver.click(form.generate_button)
        await driver.until(lambda: images.jobs.tiles and images.jobs.tiles[0].error, "it fails")
        (tile,) = images.jobs.tiles
        assert tile.failure_title.text() == "The server has a problem"
        assert form.prompt_box.toPlainText() == QUESTION
        driver.click(tile.buttons.retry_button)
        await driver.until(images.pane.model.pictures, "the next try makes it")
        await driver.until(lambda: not images.unfinished(), "nothing is being made any more")

    run_story(connected, story)

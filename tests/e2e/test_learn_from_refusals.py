"""A server refuses what the user set: the answer comes all the same, says so, and the profile knows until Reset."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from keyring.backend import KeyringBackend
from PySide6.QtWidgets import QApplication

from app.model.chat import ChatParameters, MessageState, ResponseFormat
from app.model.settings import Language
from app.paths import Paths
from app.services.secrets import SERVICE
from app.services.settings import SettingsStore
from app.ui.chat.tab import ChatTab
from app.ui.settings.providers_page import ProvidersPage
from tests.driving import Driver, answered, ask, run_story
from tests.e2e.conftest import KEY
from tests.fakes.openai_particular import ParticularOpenAI, unsupported
from tests.profiles import CHAT_MODEL, PROVIDER, connect

WORDS = {
    Language.ENGLISH: {
        "notice": "The server refused the request",
        "button": "Send without “response_format”",
        "first": "sent without temperature",
        "both": "sent without temperature, response_format",
        "reset": "Reset",
    },
    Language.CHINESE: {
        "notice": "服务器拒绝了请求",
        "button": "不带“response_format”发送",
        "first": "发送时未带 temperature",
        "both": "发送时未带 temperature、response_format",
        "reset": "重置",
    },
}


def small_prints(driver: Driver) -> list[str]:
    rows = sorted(driver.tab(ChatTab).view.transcript.stage.live().items())
    return [row.footer.small_print.text() for _, row in rows if row.row.role == "assistant"]


async def profile_on_show(driver: Driver) -> ProvidersPage:
    driver.window.settings_requested.emit("providers")
    await driver.until(lambda: driver.window.findChild(ProvidersPage), "the settings are open")
    page = driver.find(ProvidersPage, "providers_page")
    page.list.choose(PROVIDER)
    await driver.until(page.form.lessons.isVisible, "what was learnt is on show")
    return page


@pytest.mark.parametrize("language", list(WORDS))
def test_a_refusal_is_learnt_told_and_forgotten(
    qapp: QApplication, profile: Path, paths: Paths, key_store: KeyringBackend, language: Language
) -> None:
    words = WORDS[language]

    async def learns(driver: Driver) -> None:
        chat = driver.tab(ChatTab)
        chat.parameters.changed.emit("", ChatParameters(temperature=0.5))
        await ask(driver, "One")
        await answered(driver)
        assert small_prints(driver)[0].endswith(words["first"])
        chat.parameters.changed.emit("", ChatParameters(temperature=0.5, response_format=ResponseFormat.JSON))
        await ask(driver, "Two")
        await driver.until_notice(words["notice"])
        (button,) = driver.window.notices.cards[0].action_buttons
        assert button.text() == words["button"]
        driver.click(button)
        await driver.until(lambda: small_prints(driver)[-1].endswith(words["both"]), "it is answered without")
        assert (await answered(driver)).state is MessageState.COMPLETE

    async def forgets(driver: Driver) -> None:
        await driver.until(lambda: len(small_prints(driver)) == 2, "the conversation is on show again")
        assert small_prints(driver)[-1].endswith(words["both"])
        page = await profile_on_show(driver)
        lessons = page.form.lessons
        assert [(model.text(), said.text()) for model, said in lessons.lines] == [(CHAT_MODEL, words["both"])]
        assert lessons.reset_button.text() == words["reset"]
        page.form.ensureWidgetVisible(lessons.reset_button)
        driver.click(lessons.reset_button)
        await driver.until(lessons.isHidden, "nothing is known any more")

    with ParticularOpenAI(unsupported("temperature"), unsupported("response_format"), key=KEY) as server:
        connect(paths, server.base_url)
        key_store.set_password(SERVICE, PROVIDER, KEY)
        store = SettingsStore(paths.settings_file)
        settings = store.read()
        store.write(replace(settings, appearance=replace(settings.appearance, language=language)))
        run_story(profile, learns)
        asked = [(post.json.get("temperature"), "response_format" in post.json) for post in server.posts()]
        assert asked == [(0.5, False), (None, False), (None, True), (None, False)]
        run_story(profile, forgets)
        run_story(profile, _asks_again)
        assert server.posts()[-2].json["temperature"] == 0.5
        assert "temperature" not in server.posts()[-1].json


async def _asks_again(driver: Driver) -> None:
    chat = driver.tab(ChatTab)
    await driver.until(lambda: len(chat.view.messages) == 4, "the conversation is on show again")
    chat.parameters.changed.emit("", ChatParameters(temperature=0.5))
    await ask(driver, "Three")
    await driver.until(lambda: len(chat.view.messages) == 6, "it is asked")
    assert (await answered(driver)).state is MessageState.COMPLETE

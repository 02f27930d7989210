"""A server refuses what the user set: the answer comes all the same, says so, and the profile knows until Reset."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from keyring.backend import KeyringBackend
from PySide6.QtWidgets import QApplication, QLabel

from app.model.chat import ChatParameters, MessageState, ResponseFormat
from app.model.settings import Language
from app.paths import Paths
from app.services.secrets import SERVICE
from app.services.settings import SettingsStore
from app.ui.audio.tab import AudioTab
from app.ui.chat.tab import ChatTab
from app.ui.images.tab import ImagesTab
from app.ui.settings.providers_page import ProvidersPage
from app.ui.tab import HandOver
from tests.driving import Driver, answered, ask, run_story
from tests.e2e.conftest import KEY
from tests.fakes.openai_particular import ParticularOpenAI, unsupported
from tests.fakes.openai_server import png
from tests.profiles import CHAT_MODEL, IMAGE_MODEL, PROVIDER, ROOT, connect

SPOKEN = ROOT / "tests" / "data" / "speech" / "dashwood.wav"

WORDS = {
    Language.ENGLISH: {
        "notice": "The server refused the request",
        "button": "Send without “response_format”",
        "first": "sent without temperature",
        "both": "sent without temperature, response_format",
        "reset": "Reset",
        "quality": "Send without “quality”",
        "picture": "sent without quality",
        "language": "Send without “language”",
        "transcript": "sent without language",
    },
    Language.CHINESE: {
        "notice": "服务器拒绝了请求",
        "button": "不带“response_format”发送",
        "first": "发送时未带 temperature",
        "both": "发送时未带 temperature、response_format",
        "reset": "重置",
        "quality": "不带“quality”发送",
        "picture": "发送时未带 quality",
        "language": "不带“language”发送",
        "transcript": "发送时未带 language",
    },
}


def small_prints(driver: Driver) -> list[str]:
    rows = sorted(driver.tab(ChatTab).view.transcript.stage.live().items())
    return [row.footer.small_print.text() for _, row in rows if row.row.role == "assistant"]


def furnish(paths: Paths, server: ParticularOpenAI, key_store: KeyringBackend, language: Language) -> None:
    """A profile with the server as its provider, in one of the languages."""
    connect(paths, server.base_url)
    key_store.set_password(SERVICE, PROVIDER, KEY)
    store = SettingsStore(paths.settings_file)
    settings = store.read()
    store.write(replace(settings, appearance=replace(settings.appearance, language=language)))


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
        furnish(paths, server, key_store, language)
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


@pytest.mark.parametrize("edits", [False, True], ids=["generation", "edit"])
@pytest.mark.parametrize("language", list(WORDS))
def test_a_picture_is_made_without_what_its_model_refuses(
    qapp: QApplication, profile: Path, paths: Paths, key_store: KeyringBackend, language: Language, edits: bool
) -> None:
    words = WORDS[language]
    reference = paths.data / "cat.png"
    reference.write_bytes(png(8, 8))

    async def draws(driver: Driver) -> None:
        images = driver.tab(ImagesTab)
        form = images.maker.form
        await driver.until(form.isVisible, "the form is there")
        if edits:
            images.take(HandOver("images", files=(reference,)))
            await driver.until(lambda: form.references.paths, "the picture is among the references")
        form.prompt_box.setPlainText("A paper lantern")
        form.fields.quality_box.setCurrentIndex(form.fields.quality_box.findData("high"))
        driver.click(form.generate_button)
        await driver.until(lambda: images.jobs.tiles and images.jobs.tiles[0].error, "it is refused")
        buttons = images.jobs.tiles[0].buttons
        assert buttons.without_button.text() == words["quality"]
        driver.click(buttons.without_button)
        await driver.until(images.pane.model.pictures, "it is made without")
        await driver.until(lambda: not images.jobs.tiles, "nothing is left to say")

    async def looks_again(driver: Driver) -> None:
        images = driver.tab(ImagesTab)
        await driver.until(images.pane.model.pictures, "the picture is still in the gallery")
        images.pane.viewer.show_picture(images.pane.model.pictures()[0])
        texts = [label.text() for label in images.pane.viewer.details.findChildren(QLabel)]
        assert words["picture"] in texts
        page = await profile_on_show(driver)
        assert [(model.text(), said.text()) for model, said in page.form.lessons.lines] == [
            (IMAGE_MODEL, words["picture"])
        ]

    with ParticularOpenAI(unsupported("quality"), key=KEY) as server:
        furnish(paths, server, key_store, language)
        run_story(profile, draws)
        path = "/images/edits" if edits else "/images/generations"
        assert ["quality" in (post.fields or post.json) for post in server.posts(path)] == [True, False]
        run_story(profile, looks_again)


@pytest.mark.parametrize("translates", [False, True], ids=["transcription", "translation"])
@pytest.mark.parametrize("language", list(WORDS))
def test_a_sound_is_transcribed_without_what_its_model_refuses(
    qapp: QApplication, profile: Path, paths: Paths, key_store: KeyringBackend, language: Language, translates: bool
) -> None:
    words = WORDS[language]
    field = "prompt" if translates else "language"

    async def hears(driver: Driver) -> None:
        audio = driver.tab(AudioTab)
        bar = audio.pane.transcription_bar
        audio.take(HandOver("audio", files=(SPOKEN,)))
        await driver.until(lambda: audio.pane.recording, "the sound is on show")
        if translates:
            bar.translate_box.setChecked(True)
            bar.vocabulary_edit.setText("Dashwood")
        else:
            bar.language_box.setCurrentIndex(bar.language_box.findData("en"))
        driver.click(bar.start_button)
        await driver.until_notice(words["notice"])
        (button,) = driver.window.notices.cards[0].action_buttons
        assert button.text() == words["language"].replace("language", field)
        driver.click(button)
        await driver.until(lambda: audio.pane.transcript and audio.pane.transcript.segments, "it is written down")
        await driver.until(lambda: not audio.transcriptions.running, "it is at its end")
        assert audio.pane.header.facts_label.text().endswith(words["transcript"].replace("language", field))
        assert driver.notices() == []

    with ParticularOpenAI(unsupported(field), key=KEY) as server:
        furnish(paths, server, key_store, language)
        run_story(profile, hears)
        path = "/audio/translations" if translates else "/audio/transcriptions"
        assert [field in post.fields for post in server.posts(path)] == [True, False]

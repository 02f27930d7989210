"""What happens before each screenshot is taken, in every tab: nothing yet, work, plenty, and failures."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QDialog, QListView, QListWidget

from app.ui.audio.tab import AudioTab
from app.ui.chat.tab import ChatTab
from app.ui.images.tab import ImagesTab
from tests.driving import Driver, answered, ask
from tests.fakes.microphone import VirtualMicrophone
from tests.fakes.openai_media import encoded
from tests.fakes.openai_server import Action, FakeOpenAI, event
from tests.showcase import drawings
from tests.showcase.world import SPEECH

MOST_LOOKS = 30
PANEL_PX = QSize(900, 1080)
PANELS = ("panel-chat", "panel-images", "panel-audio")
"""Of the picture in the README."""
type Keep = Callable[[str, QImage], None]
_WRONG_KEY = "Incorrect API key provided: sk-proj-********************Zw4A. You can find your API key at https://platform.openai.com/account/api-keys."
_REFUSED = "Your request was rejected by the safety system. Please adjust your prompt and try again."
_UNVERIFIED = "Your organization must be verified to use the model `gpt-image-2`. Please go to: https://platform.openai.com/settings/organization/general"
_OVERLOADED = "The engine is currently overloaded. Please try again later."


@dataclass(frozen=True, slots=True)
class Stage:
    """The running program, the server behind it, and where pictures go."""

    driver: Driver
    server: FakeOpenAI
    microphone: VirtualMicrophone
    texts: dict[str, Any]
    keep: Keep

    async def shoot(self, name: str, *, moving: bool = False) -> None:
        """Keep a picture of the window, once it stands still unless it shows something `moving`."""
        picture = await self.driver.picture()
        for _ in range(0 if moving else MOST_LOOKS):
            later = await self.driver.picture()
            if later == picture:
                break
            picture = later
        self.keep(name, picture)


async def empty(stage: Stage) -> None:
    """The three tabs on a fresh profile with the built-in engine."""
    driver = stage.driver
    chat = driver.tab(ChatTab)
    await driver.until(lambda: chat.talk.current.model, "a model is chosen")
    await stage.shoot("chat-empty")
    images = driver.tab(ImagesTab)
    await driver.until(images.maker.enlarge_panel.isVisible, "the panel is there")
    await stage.shoot("images-empty")
    driver.tab(AudioTab)
    await stage.shoot("audio-empty")


async def furnished(stage: Stage) -> None:
    """Everything else, on a profile with plenty in it."""
    scenes: tuple[Callable[[Stage], Awaitable[None]], ...] = (
        _plenty, _panels, _model_popup, _settings, _chat_fails, _images_fail, _audio_fails, _chat_works, _images_work,
        _audio_works, _audio_records,
    )  # fmt: skip
    for scene in scenes:
        await scene(stage)
        stage.driver.window.notices.dismiss()


async def _plenty(stage: Stage) -> None:
    driver, texts = stage.driver, stage.texts
    audio = driver.tab(AudioTab)
    heard: list[object] = []
    audio.pane.duration_found.connect(heard.append)
    await driver.until(lambda: audio.pane.transcript and heard, "transcript and waveform are on show")
    await stage.shoot("audio-full")
    images = driver.tab(ImagesTab)
    await driver.until(lambda: len(images.pane.model.pictures()) == len(drawings.GALLERY), "the gallery is there")
    images.maker.form.prompt_box.replace(texts["new_picture"])
    images.pane.gallery.view.setCurrentIndex(images.pane.model.index(0))
    await stage.shoot("images-full")
    chat = driver.tab(ChatTab)
    await driver.until(lambda: chat.sidebar.list.model().rowCount(), "the conversations are listed")
    driver.press(chat.sidebar.list, Qt.Key.Key_Home)
    driver.press(chat.sidebar.list, Qt.Key.Key_Down)  # the first one is pinned
    driver.press(chat.sidebar.list, Qt.Key.Key_Return)
    await driver.until(lambda: chat.view.messages, "the conversation is open")
    await stage.shoot("chat-full")


async def _model_popup(stage: Stage) -> None:
    stage.driver.tab(ChatTab)
    picker = stage.driver.window.picker
    picker.open()
    window = await stage.driver.picture()
    painter = QPainter(window)
    painter.drawPixmap(stage.driver.window.mapFromGlobal(picker.popup.pos()), picker.popup.grab())
    painter.end()
    stage.keep("model-picker", window)
    picker.popup.close()


async def _settings(stage: Stage) -> None:
    driver = stage.driver
    for page in ("general", "providers", "models", "about"):
        driver.window.settings_requested.emit(page)
        dialog = driver.find(QDialog, "settings_dialog")
        await driver.until(dialog.isVisible, "the settings are open")
        if page == "providers":
            driver.find(QListWidget, "provider_list").setCurrentRow(1)  # the first is the built-in engine
        if page == "about":
            listed = driver.find(QListView, "parts_list").model()
            await driver.until(listed.rowCount, "all parts are listed")
        stage.keep(f"settings-{page}", await driver.picture(dialog))
        dialog.close()


async def _chat_fails(stage: Stage) -> None:
    driver = stage.driver
    chat = driver.tab(ChatTab)
    driver.click(chat.sidebar.new_button)
    await driver.until(lambda: not chat.view.messages, "a new conversation is on show")
    stage.server.reply_error(401, "invalid_api_key", "invalid_request_error", _WRONG_KEY)
    await ask(driver, stage.texts["failing_question"])
    await driver.until(driver.notices, "the notice is there")
    await answered(driver)
    await stage.shoot("chat-failing")


async def _images_fail(stage: Stage) -> None:
    driver = stage.driver
    images = driver.tab(ImagesTab)
    path = "/images/generations"
    stage.server.reply_error(403, None, "invalid_request_error", _UNVERIFIED, path=path)
    stage.server.reply_error(400, "moderation_blocked", "image_generation_user_error", _REFUSED, path=path)
    for prompt in (stage.texts["pictures"][3], stage.texts["refused_picture"]):
        images.maker.form.prompt_box.replace(prompt)
        driver.click(images.maker.form.generate_button)
        await driver.until(lambda: images.jobs.tiles and not images.jobs.working, "it fails")
    await stage.shoot("images-failing")
    for tile in list(images.jobs.tiles):
        driver.click(tile.dismiss_button)


async def _audio_fails(stage: Stage) -> None:
    driver = stage.driver
    audio = await _untranscribed(stage)
    stage.server.reply_error(503, None, "server_error", _OVERLOADED, times=3)
    driver.click(audio.pane.transcription_bar.start_button)
    await driver.until(driver.notices, "the notice is there")
    await stage.shoot("audio-failing")


async def _untranscribed(stage: Stage) -> AudioTab:
    """The tab with a recording on show that has no transcript."""
    driver = stage.driver
    audio = driver.tab(AudioTab)
    name = stage.texts["other_recordings"][1][0]
    rows = range(audio.queue_panel.list_view.model().rowCount())
    indexes = [audio.queue_panel.list_view.model().index(row, 0) for row in rows]
    audio.queue_panel.list_view.setCurrentIndex(next(index for index in indexes if index.data() == name))
    button = audio.pane.transcription_bar.start_button
    await driver.until(lambda: button.isVisible() and button.isEnabled(), "the recording can be transcribed")
    return audio


async def _chat_works(stage: Stage) -> None:
    driver = stage.driver
    chat = driver.tab(ChatTab)
    driver.click(chat.sidebar.new_button)
    await driver.until(lambda: not chat.view.messages, "a new conversation is on show")
    begun = stage.texts["working_answer"]
    stage.server.answer(f"{begun} …", pieces=(begun, " …"), hold_after=1)
    await ask(driver, stage.texts["working_question"])

    def is_begun() -> bool:
        live = chat.talk.answers.live(chat.talk.current.id)
        return live is not None and "".join(live.text) == begun

    await driver.until(is_begun, "the answer is half there")
    await stage.shoot("chat-working", moving=True)
    stage.server.release()
    await answered(driver)


async def _images_work(stage: Stage) -> None:
    driver = stage.driver
    images = driver.tab(ImagesTab)
    previews = ((drawings.balloons, 3, 0.15), (drawings.planet, 5, 0.55), (drawings.lighthouse, 0, 0.9))
    for draw, prompt, sharpness in previews:
        encoded_preview = io.BytesIO()
        drawings.preview(draw(), sharpness).save(encoded_preview, "PNG")
        name = "image_generation.partial_image"
        partial = {"type": name, "b64_json": encoded(encoded_preview.getvalue()), "partial_image_index": 0}
        stage.server.reply_bytes([event(partial, name), Action.HOLD], path="/images/generations")
        images.maker.form.prompt_box.replace(stage.texts["pictures"][prompt])
        driver.click(images.maker.form.generate_button)
        await driver.until(lambda: not images.jobs.tiles[0].preview.pixmap.isNull(), "the newest has its preview")
    await stage.shoot("images-working", moving=True)
    images.jobs.cancel_all()
    await driver.until(lambda: not images.jobs.tiles, "the pictures are cancelled")


async def _audio_works(stage: Stage) -> None:
    driver, texts = stage.driver, stage.texts
    audio = await _untranscribed(stage)
    name, joint = "transcript.text.delta", "" if texts["language"] == "zh" else " "
    heard = [event({"type": name, "delta": text + joint}, name) for text in texts["segments"][:7]]
    text = joint.join(texts["segments"][:7])
    done = event({"type": "transcript.text.done", "text": text}, "transcript.text.done")
    stage.server.reply_bytes([*heard, Action.HOLD, done], path="/audio/transcriptions")
    driver.click(audio.pane.transcription_bar.start_button)
    last = texts["segments"][6]
    await driver.until(lambda: last in audio.pane.transcript_view.edit.toPlainText(), "half the text is there")
    await stage.shoot("audio-working", moving=True)
    stage.server.release()
    await driver.until(lambda: not audio.transcriptions.running, "the transcript is there")


async def _panels(stage: Stage) -> None:
    """The three tabs in a narrow and high window, for the picture of the README."""
    driver = stage.driver
    before = driver.window.size()
    driver.window.resize(PANEL_PX)
    chat = driver.tab(ChatTab)
    chat.columns.sidebar_button.setChecked(False)
    for name, tab in zip(PANELS, (ChatTab, ImagesTab, AudioTab), strict=True):
        driver.tab(tab)
        await stage.shoot(name)
    chat.columns.sidebar_button.setChecked(True)
    driver.window.resize(before)


async def _audio_records(stage: Stage) -> None:
    driver = stage.driver
    audio = driver.tab(AudioTab)
    elapsed: list[float] = []
    audio.session.level_changed.connect(lambda level: elapsed.append(level.elapsed_s))
    driver.click(audio.recorder_bar.record_button)
    await driver.until(lambda: elapsed, "the recording runs")
    speaking = asyncio.ensure_future(asyncio.to_thread(stage.microphone.play, SPEECH))
    await driver.until(lambda: elapsed[-1] > 4.2, "a sentence is half spoken")
    await stage.shoot("audio-recording", moving=True)
    await speaking
    driver.click(audio.recorder_bar.record_button)
    await driver.until(lambda: not audio.session.running, "the recording has ended")

"""The built-in engine fails in every way it can: the window stays alive, says what happened, and offers what helps."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QPushButton

from app.model.chat import MessageState
from app.paths import Paths
from app.services.engine import EngineProcess, EngineTiming
from app.ui.chat.tab import ChatTab
from app.ui.settings.dialog import SettingsDialog
from tests.driving import Driver, answered, ask, run_story
from tests.profiles import choose_built_in

pytestmark = [pytest.mark.engine, pytest.mark.expected_logs]

MODEL = "smollm2-135m-instruct"
MODEL_FILE = "smollm2-135m-instruct-q4_1.gguf"
LONG_QUESTION = "Write a very long story about the sea."
LONGEST_STALL_S = 3.0
"""Of a busy machine; a window that waits for the engine would stand still for much longer."""
ENGINE_S = 60.0


@pytest.fixture
def local(equipped: Path, paths: Paths) -> Path:
    """A profile that chats with the built-in engine."""
    choose_built_in(paths, MODEL)
    return equipped


def _engine(driver: Driver) -> EngineProcess:
    return driver.program._assembly.engine


def _pid(driver: Driver) -> int:
    process = _engine(driver)._process
    assert process is not None
    return process.pid


@contextmanager
def _alive() -> Iterator[None]:
    """The window's event loop goes on all the time."""
    ticks = [time.monotonic()]
    timer = QTimer(interval=20)
    timer.timeout.connect(lambda: ticks.append(time.monotonic()))
    timer.start()
    yield
    timer.stop()
    longest_s = max(later - earlier for earlier, later in zip(ticks, [*ticks[1:], time.monotonic()], strict=True))
    assert longest_s < LONGEST_STALL_S, f"the window stood still for {longest_s:.2f} s"


async def _ask_until_words_come(driver: Driver) -> ChatTab:
    chat = driver.tab(ChatTab)
    await ask(driver, LONG_QUESTION)

    def words() -> str:
        live = chat.talk.answers.live(chat.conversation_id)
        return "".join(live.text) if live is not None else ""

    await driver.until(words, "the engine answers", ENGINE_S)
    return chat


async def _go_on(driver: Driver) -> None:
    """Press Try again on the notice, and see that the same answer goes on."""
    chat = driver.tab(ChatTab)
    answer = await answered(driver)
    assert answer.state is MessageState.INTERRUPTED
    assert answer.text
    driver.click(_button(driver, "Try again"))
    await driver.until(lambda: chat.talk.answers.live(chat.conversation_id), "it is asked again")
    live = chat.talk.answers.live(chat.conversation_id)
    assert live is not None
    assert live.message_id == answer.id
    await driver.until(lambda: len("".join(live.text)) > len(answer.text), "the answer goes on", ENGINE_S)
    chat.talk.stop()
    stopped = await answered(driver)
    assert stopped.text.startswith(answer.text)


def _button(driver: Driver, label: str) -> QPushButton:
    """A button of the newest notice."""
    return next(button for button in driver.window.notices.cards[0].action_buttons if button.text() == label)


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="stops processes as only POSIX can: run it there")
def test_it_hangs_in_the_middle_of_an_answer(qapp: QApplication, local: Path) -> None:
    async def story(driver: Driver) -> None:
        _engine(driver).timing = EngineTiming(look_every_s=0.2, hung_after_s=1.0)
        with _alive():
            await _ask_until_words_come(driver)
            os.kill(_pid(driver), signal.SIGSTOP)
            await driver.until_notice("The built-in engine did not answer any more")
            await _go_on(driver)

    run_story(local, story)


def test_it_is_killed_in_the_middle_of_an_answer(qapp: QApplication, local: Path) -> None:
    async def story(driver: Driver) -> None:
        with _alive():
            await _ask_until_words_come(driver)
            os.kill(_pid(driver), signal.SIGKILL)
            await driver.until_notice("The built-in engine stopped")
            await _go_on(driver)

    run_story(local, story)


@pytest.mark.parametrize(
    ("share", "told"),
    [(1.0, "The model's file cannot be used"), (0.1, "The model is not on this computer yet")],
    ids=["damaged", "cut off"],
)
def test_the_models_file_is_broken(qapp: QApplication, local: Path, paths: Paths, share: float, told: str) -> None:
    """A file that has not its size is no model of ours: it is to be downloaded again."""
    file = paths.models / MODEL_FILE
    size = file.stat().st_size
    file.unlink()
    with file.open("wb") as broken:
        broken.write(b"GGUF")
        broken.truncate(int(size * share))

    async def story(driver: Driver) -> None:
        with _alive():
            await ask(driver, LONG_QUESTION)
            await driver.until_notice(told, ENGINE_S)
        driver.click(_button(driver, "Open the Models page"))
        page = driver.find(SettingsDialog, "settings_dialog").models
        await driver.until(page.isVisible, "the Models page is open")

    run_story(local, story)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the memory of a running process: run it there")
@pytest.mark.parametrize("room", [60 << 20, 300 << 20])
def test_the_memory_does_not_suffice(qapp: QApplication, local: Path, room: int) -> None:
    """For the model, or for what is needed to work with it."""
    import resource

    async def story(driver: Driver) -> None:
        with _alive():
            await driver.program._assembly.models.endpoint()
            pages = int(Path(f"/proc/{_pid(driver)}/statm").read_text().split()[0])
            limit = pages * os.sysconf("SC_PAGESIZE") + room
            resource.prlimit(_pid(driver), resource.RLIMIT_AS, (limit, limit))
            await ask(driver, LONG_QUESTION)
            await driver.until_notice("There is not enough memory for this model", ENGINE_S)
        assert _button(driver, "Try again").isVisible()
        assert _button(driver, "Open the Models page").isVisible()

    run_story(local, story)


def test_it_is_restarted_from_the_models_page(qapp: QApplication, local: Path) -> None:
    async def story(driver: Driver) -> None:
        await driver.program._assembly.models.endpoint()
        first = _pid(driver)
        driver.window.settings_requested.emit("models")
        card = driver.find(SettingsDialog, "settings_dialog").models.engine_card
        await driver.until(card.restart_button.isVisible, "the engine can be restarted")
        driver.click(card.restart_button)
        await driver.until(
            lambda: _engine(driver)._endpoint is not None and _pid(driver) != first, "another one runs", ENGINE_S
        )

    run_story(local, story)

"""Files that lie or mean harm, dropped on every tab: a sentence for each, nothing lost, and the window stays alive."""

from __future__ import annotations

import asyncio
import os
import struct
import time
from pathlib import Path

import psutil
from PySide6.QtWidgets import QApplication

from app.model.audio import Recording
from app.ui.audio.tab import AudioTab
from app.ui.images.tab import ImagesTab
from tests.driving import Driver, run_story
from tests.fakes.media import write_silent_film
from tests.fakes.openai_server import FakeOpenAI

HOURS, RATE_HZ = 4, 1000
MOST_MEMORY = 250 << 20
LONGEST_STALL_S = 3.0
"""Other programs share the machine with the tests; a window that waits for the file would stand for many seconds."""
PROMPT = "As it was, but whole"


def _long_sound(path: Path) -> Path:
    """Silence at a rate that no recorder has, so that it is short on the disk; all of it is decoded."""
    size = HOURS * 3600 * RATE_HZ
    form = struct.pack("<HHIIHH", 1, 1, RATE_HZ, RATE_HZ, 1, 8)
    with path.open("wb") as file:
        file.write(b"RIFF" + struct.pack("<I", size + 36) + b"WAVEfmt " + struct.pack("<I", 16) + form)
        file.write(b"data" + struct.pack("<I", size) + b"\x80" * size)
    return path


async def _longest_stall(ended: asyncio.Event) -> float:
    longest, last = 0.0, time.monotonic()
    while not ended.is_set():
        await asyncio.sleep(0.02)
        now = time.monotonic()
        longest, last = max(longest, now - last), now
    return longest


def test_four_hours_of_sound_take_a_bounded_memory_and_leave_the_window_alive(
    qapp: QApplication, profile: Path, tmp_path: Path
) -> None:
    path = _long_sound(tmp_path / "meeting.wav")
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - RATE_HZ)  # a second less than it says

    async def story(driver: Driver) -> None:
        audio = driver.tab(AudioTab)
        await driver.picture()
        before, most = psutil.Process().memory_info().rss, 0
        ended = asyncio.Event()
        read: list[Recording] = []
        audio.pane.duration_found.connect(read.append)
        watching = asyncio.ensure_future(_longest_stall(ended))
        driver.drop(audio, path)

        def is_read() -> bool:
            nonlocal most
            most = max(most, psutil.Process().memory_info().rss)
            return bool(read)

        await driver.until(is_read, "its outline is on show", 120)
        ended.set()
        assert most - before < MOST_MEMORY
        assert await watching < LONGEST_STALL_S
        assert audio.pane.recording is not None
        assert round(audio.pane.recording.duration_s) == HOURS * 3600 - 1

    run_story(profile, story)


def test_what_is_no_sound_is_told_and_what_is_comes_in(qapp: QApplication, profile: Path, tmp_path: Path) -> None:
    (tmp_path / "letter.mp3").write_text("Dear Sir or Madam, " * 500)
    write_silent_film(tmp_path / "silent.mp4")
    os.mkfifo(tmp_path / "pipe.wav")
    good = _long_sound(tmp_path / "good.wav")
    good.write_bytes(good.read_bytes()[:5044])

    async def story(driver: Driver) -> None:
        audio = driver.tab(AudioTab)
        driver.drop(audio, *(tmp_path / name for name in ("letter.mp3", "silent.mp4", "pipe.wav")), good)
        await driver.until(lambda: audio.pane.recording, "the good one is on show")
        await driver.until_notice("Some files cannot be used")
        (told,) = [card.notice.text for card in driver.window.notices.cards if "Some files" in card.notice.title]
        assert all(name in told for name in ("letter.mp3", "silent.mp4", "pipe.wav"))
        assert audio.pane.recording is not None
        assert audio.pane.recording.name == "good"

    run_story(profile, story)


def test_a_torn_picture_is_told_before_anything_is_sent(
    qapp: QApplication, connected: Path, server: FakeOpenAI, tmp_path: Path
) -> None:
    torn = tmp_path / "torn.png"
    torn.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(40))

    async def story(driver: Driver) -> None:
        images = driver.tab(ImagesTab)
        form = images.maker.form
        await driver.until(form.isVisible, "the form is there")
        driver.type_into(form.prompt_box, PROMPT)
        driver.drop(images, torn)
        await driver.until_notice("The picture is damaged")
        assert "torn.png" in driver.window.notices.cards[0].notice.text
        assert form.prompt_box.toPlainText() == PROMPT

    run_story(connected, story)
    assert not server.posts("/images/edits")

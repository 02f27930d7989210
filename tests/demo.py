"""`make demo`: the real program with the real engine does one thing in every tab; pictures go to build/demo/."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw

from app.model.audio import TranscriptState
from app.paths import Paths
from app.ui.audio.tab import AudioTab
from app.ui.chat.tab import ChatTab
from app.ui.images.tab import ImagesTab
from tests.driving import Driver, answered, ask, run_story
from tests.profiles import ROOT, models_folder

PICTURES = ROOT / "build" / "demo"
CLIP = ROOT / "tests" / "data" / "speech" / "dashwood.wav"
ENGINE_S = 180.0
"""How long the engine may take for one piece of work on a slow and busy machine."""


async def story(driver: Driver) -> None:
    await chat(driver)
    await images(driver)
    await audio(driver)


async def chat(driver: Driver) -> None:
    """Ask the built-in engine a question and wait for its whole answer."""
    tab = driver.tab(ChatTab)
    await driver.until(lambda: tab.talk.current.model is not None, "a model is chosen")
    await driver.shot("1-chat-empty")
    await ask(driver, "Name three colours of the rainbow, as a list.")
    answer = await answered(driver, ENGINE_S)
    assert answer.text, "the engine answers with words"
    await driver.shot("2-chat-answered")


async def images(driver: Driver) -> None:
    """Drop a picture, enlarge it four times with the built-in engine, and see it in the gallery."""
    tab = driver.tab(ImagesTab)
    await driver.shot("3-images-empty")
    with tempfile.TemporaryDirectory() as folder:
        small = Path(folder) / "kite.png"
        _draw_kite(small)
        driver.drop(tab, small)
        panel = tab.maker.enlarge_panel
        await driver.until(panel.enlarge_button.isEnabled, "the dropped picture can be enlarged")
        driver.click(panel.enlarge_button)
        await driver.until(tab.pane.model.pictures, "the enlarged picture is there", ENGINE_S)
    await driver.shot("4-images-enlarged")


async def audio(driver: Driver) -> None:
    """Drop a spoken clip and let the built-in engine write it down."""
    tab = driver.tab(AudioTab)
    await driver.shot("5-audio-empty")
    driver.drop(tab, CLIP)
    start_button = tab.pane.transcription_bar.start_button
    await driver.until(lambda: start_button.isVisible() and start_button.isEnabled(), "the clip can be transcribed")
    driver.click(start_button)

    def is_written() -> bool:
        transcript = tab.pane.transcript
        return transcript is not None and transcript.state is TranscriptState.COMPLETE

    await driver.until(is_written, "the transcript is there", ENGINE_S)
    await driver.shot("6-audio-transcribed")


def _draw_kite(path: Path) -> None:
    """A small drawing, as a person might want it larger."""
    picture = Image.new("RGB", (96, 72), "#cfe6f5")
    draw = ImageDraw.Draw(picture)
    draw.polygon([(48, 8), (68, 30), (48, 56), (28, 30)], fill="#d2452f", outline="#5b1d14")
    draw.line([(48, 8), (48, 56)], fill="#5b1d14")
    draw.line([(28, 30), (68, 30)], fill="#5b1d14")
    draw.line([(48, 56), (40, 62), (54, 66), (46, 71)], fill="#2c3e50", width=2)
    picture.save(path)


def main() -> int:
    """Run the story on a fresh profile that borrows the models of the checkout, else those of the user."""
    with tempfile.TemporaryDirectory(prefix="triptych-demo-") as folder:
        paths = Paths.under(Path(folder))
        paths.data.mkdir(parents=True)
        borrowed = models_folder()
        paths.models.symlink_to(borrowed if borrowed.exists() else Paths.choose().models)
        run_story(Path(folder), story, pictures=PICTURES)
    print(f"pictures are in {PICTURES.relative_to(ROOT)}{os.sep}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""`make demo`: the real program with the real engine does one thing in every tab; pictures go to build/demo/."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListView, QPlainTextEdit, QPushButton

from app.paths import Paths
from tests.driving import Driver, run_story

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "build" / "demo"
CLIP = ROOT / "tests" / "data" / "speech" / "dashwood.wav"
ENGINE_S = 180.0


async def story(driver: Driver) -> None:
    await chat(driver)
    await images(driver)
    await audio(driver)


async def chat(driver: Driver) -> None:
    """Ask the built-in engine a question and wait for its whole answer."""
    tab = driver.window.tabs.show_tab("chat")
    field = driver.find(QPlainTextEdit, "composer_field")
    await driver.until(lambda: tab.talk.current.model is not None, "a model is chosen")  # type: ignore[attr-defined]
    await driver.shot("1-chat-empty")
    driver.type_into(field, "Name three colours of the rainbow, as a list.")
    driver.press(field, Qt.Key.Key_Return)
    answers = tab.talk.answers  # type: ignore[attr-defined]
    await driver.until(lambda: answers.live(tab.talk.current.id or 0), "the answer begins", ENGINE_S)  # type: ignore[attr-defined]
    await driver.until(lambda: not answers.live(tab.talk.current.id or 0), "the answer ends", ENGINE_S)  # type: ignore[attr-defined]
    await driver.shot("2-chat-answered")


async def images(driver: Driver) -> None:
    """Drop a picture, enlarge it four times with the built-in engine, and see it in the gallery."""
    tab = driver.window.tabs.show_tab("images")
    await driver.shot("3-images-empty")
    with tempfile.TemporaryDirectory() as folder:
        small = Path(folder) / "kite.png"
        _draw_kite(small)
        driver.drop(tab, small)
        button = driver.find(QPushButton, "enlarge")
        await driver.until(button.isEnabled, "the dropped picture can be enlarged")
        driver.click(button)
        gallery = driver.find(QListView, "gallery_view")
        await driver.until(lambda: gallery.model().rowCount() == 1, "the enlarged picture is there", ENGINE_S)
    await driver.shot("4-images-enlarged")


async def audio(driver: Driver) -> None:
    pass


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
    """Run the story on a fresh profile that borrows the user's models."""
    with tempfile.TemporaryDirectory(prefix="triptych-demo-") as folder:
        profile = Path(folder)
        (profile / "data").mkdir()
        models = ROOT / "build" / "models"
        (profile / "data" / "models").symlink_to(models if models.exists() else Paths.choose().models)
        run_story(profile, story, PICTURES)
    print(f"pictures are in {PICTURES.relative_to(ROOT)}{os.sep}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

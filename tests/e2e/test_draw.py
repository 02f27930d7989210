"""A picture is made from words: previews on the way, and in the end a file that carries its prompt."""

from __future__ import annotations

from pathlib import Path

from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.paths import Paths
from app.services.pictures.notes import read_embedded
from app.ui.images.tab import ImagesTab
from tests.driving import Driver, run_story
from tests.fakes.openai_server import FakeOpenAI
from tests.profiles import IMAGE_MODEL

PROMPT = "A paper lantern over a canal at dusk, 水墨画"


def test_a_picture_is_previewed_made_and_kept_with_its_prompt(
    qapp: QApplication, connected: Path, paths: Paths, server: FakeOpenAI
) -> None:
    server.hold()

    async def draws(driver: Driver) -> None:
        images = driver.tab(ImagesTab)
        form = images.maker.form
        await driver.until(form.isVisible, "the form is there")
        driver.type_into(form.prompt_box, PROMPT)
        driver.press(form.prompt_box, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        await driver.until(lambda: images.jobs.tiles, "the picture is in the making")
        (tile,) = images.jobs.tiles
        await driver.until(lambda: not tile.preview.pixmap.isNull(), "a preview is there")
        assert not images.pane.model.pictures()
        server.release()
        await driver.until(lambda: images.pane.model.pictures() and not images.jobs.tiles, "it is in the gallery")

    async def looks_again(driver: Driver) -> None:
        images = driver.tab(ImagesTab)
        await driver.until(images.pane.model.pictures, "the picture is still in the gallery")
        (picture,) = images.pane.model.pictures()
        assert picture.prompt == PROMPT
        assert picture.path.parent == paths.pictures

    run_story(connected, draws)
    run_story(connected, looks_again)
    (request,) = server.posts("/images/generations")
    assert request.json["prompt"] == PROMPT
    assert request.json["partial_images"] > 0
    (file,) = [path for path in paths.pictures.rglob("*") if path.is_file()]
    note = read_embedded(file)
    assert note is not None
    assert (note.prompt, note.model.model_id) == (PROMPT, IMAGE_MODEL)
    with Image.open(file) as picture:
        picture.load()
        assert picture.info["Description"] == PROMPT, "where other programs look for it"

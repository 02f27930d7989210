"""The form shows only what a model takes, checks it, and turns it into jobs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.model.images import ImageModelOptions, ImageSettings, SizeRule
from app.model.providers import ModelReference
from app.ui.images.prompt_form import PromptForm
from app.ui.images.thumbnails import ThumbnailLoader
from app.workers.images import options_for
from tests.ui.images.scripted import GENERATOR, REMOTE

SETTINGS = ImageSettings(
    size="1024x1536",
    quality="high",
    background="transparent",
    output_format="webp",
    output_compression=70,
    extra_body={"moderation": "low"},
)


@pytest.fixture
def form(qtbot: QtBot, thumbnails: ThumbnailLoader) -> Iterator[PromptForm]:
    made = PromptForm(thumbnails)
    qtbot.addWidget(made)
    made.set_options(options_for(REMOTE))
    made.fields.more_button.setChecked(True)
    made.resize(320, 900)
    made.show()
    yield made
    made.hide()


def test_settings_come_back_as_they_were(form: PromptForm) -> None:
    form.set_recipe("a fox", SETTINGS)
    assert form.fields.settings() == SETTINGS
    assert form.fields.compression_spin.isVisible()
    (job,) = form.jobs(REMOTE)
    assert (job.prompt, job.settings, job.model, job.count) == ("a fox", SETTINGS, REMOTE, 1)


def test_another_model_shows_other_fields_and_keeps_what_it_takes_too(form: PromptForm) -> None:
    form.set_recipe("a fox", SETTINGS)
    form.set_options(options_for(ModelReference("x", "sdxl")))
    fields = form.fields
    assert not fields.quality_box.isVisible()
    assert not fields.background_box.isVisible()
    assert fields.seed_edit.isVisible()
    fields.seed_edit.setText("7")
    assert fields.settings() == ImageSettings(size="1024x1536", seed=7, extra_body={"moderation": "low"})
    form.set_options(options_for(ModelReference("x", "dall-e-3")))
    assert fields.settings().size == ""  # a size that it cannot draw
    assert fields.settings().seed is None
    form.set_options(options_for(GENERATOR))
    assert not form.references.isVisible()


def test_free_sizes_are_checked_against_the_models_rule(form: PromptForm) -> None:
    form.prompt_box.setPlainText("a fox")
    field = form.fields.size_field
    field.set_value("1000x1000")
    assert form.problem_label.text() == "Width and height must be multiples of 16."
    assert not form.generate_button.isEnabled()
    field.width_spin.setValue(1008)
    field.height_spin.setValue(1008)
    assert not form.problem_label.isVisible()
    assert form.generate_button.isEnabled()
    assert form.fields.settings().size == "1008x1008"


def test_what_cannot_be_sent_is_told(form: PromptForm) -> None:
    form.prompt_box.setPlainText("a fox")
    form.fields.set_settings(replace(SETTINGS, output_format="jpeg"))
    assert "transparency" in form.problem_label.text()
    form.fields.set_settings(ImageSettings())
    for text in ("{", "[1]", '"text"'):
        form.fields.extra_edit.setText(text)
        assert "JSON object" in form.problem_label.text()
        assert not form.generate_button.isEnabled()
    form.fields.extra_edit.setText('{"moderation": "low"}')
    assert form.generate_button.isEnabled()


def test_too_many_pictures_to_start_from_are_told(form: PromptForm, tmp_path: Path) -> None:
    form.prompt_box.setPlainText("a fox")
    form.set_options(ImageModelOptions(max_references=1))
    form.add_references([tmp_path / "1.png", tmp_path / "2.png", tmp_path / "1.png"])
    assert form.references.paths == (tmp_path / "1.png", tmp_path / "2.png")
    assert "at most" in form.problem()
    form.set_options(ImageModelOptions(max_references=0))
    assert "words only" in form.problem()
    assert form.references.isVisible()  # or nobody could remove them
    form.references.clear()
    assert form.problem() == ""
    assert not form.references.isVisible()


def test_the_dice_choose_a_seed(form: PromptForm) -> None:
    form.set_options(ImageModelOptions(takes_seed=True, size_rule=SizeRule()))
    QTest.mouseClick(form.fields.dice_button, Qt.MouseButton.LeftButton)
    assert int(form.fields.seed_edit.text()) > 0
    QTest.keyClicks(form.fields.seed_edit, "x")
    assert form.fields.seed_edit.text().isdecimal()


def test_nothing_is_submitted_while_something_is_missing(form: PromptForm, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(form.submitted):
        form.submit()
        QTest.keyClick(form.prompt_box, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    form.prompt_box.setPlainText("a fox")
    with qtbot.waitSignal(form.submitted):
        QTest.keyClick(form.prompt_box, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)


def test_a_picture_of_text_beside_the_text_is_pasted_as_text(form: PromptForm) -> None:
    from PySide6.QtGui import QImage

    data = QMimeData()
    data.setText("from an office program")
    data.setImageData(QImage(2, 2, QImage.Format.Format_RGB32))
    form.prompt_box.insertFromMimeData(data)
    assert form.prompt_box.toPlainText() == "from an office program"


def test_what_unfolds_is_scrolled_to(form: PromptForm, qtbot: QtBot) -> None:
    form.fields.more_button.setChecked(False)
    form.resize(320, 480)
    last = form.fields.extra_edit
    form.fields.more_button.setChecked(True)
    qtbot.waitUntil(lambda: not last.visibleRegion().isEmpty())

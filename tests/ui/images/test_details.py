"""What is said of a picture beside it: the model by its name, and what was sent otherwise than asked for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication, QFormLayout, QLabel
from pytestqt.qtbot import QtBot

from app.model.lessons import Lesson, LessonKind
from app.model.providers import BUILT_IN_ID, ModelReference
from app.model.settings import Language
from app.ui.images.details import PictureDetails
from app.ui.translation import Translation
from tests.ui.images.scripted import ShelfKeeper


@pytest.fixture
def translation(qapp: QApplication) -> Iterator[Translation]:
    made = Translation()
    yield made
    made.use(Language.ENGLISH)
    QLocale.setDefault(QLocale.c())


def facts(details: PictureDetails) -> dict[str, str]:
    form = details._facts
    cells = [
        (form.itemAt(row, QFormLayout.ItemRole.LabelRole), form.itemAt(row, QFormLayout.ItemRole.FieldRole))
        for row in range(form.rowCount())
    ]
    labels = [(label.widget(), field.widget()) for label, field in cells if label is not None and field is not None]
    return {
        label.text(): field.text() for label, field in labels if isinstance(label, QLabel) and isinstance(field, QLabel)
    }


def test_what_was_left_out_stands_with_the_facts_in_both_languages(
    qtbot: QtBot, translation: Translation, keeper: ShelfKeeper
) -> None:
    lessons = (Lesson("quality"), Lesson("background"), Lesson("image[]", LessonKind.RENAMED, "image"))
    details = PictureDetails()
    qtbot.addWidget(details)
    details.show_picture(keeper.picture(adjustments=lessons))
    assert facts(details)["Request"] == "sent without quality, background\nimage[] sent as image"
    translation.use(Language.CHINESE)
    qtbot.waitUntil(lambda: facts(details).get("请求") == "发送时未带 quality、background\nimage[] 以 image 发送")


def test_without_any_there_is_no_such_fact_and_built_in_models_have_names(qtbot: QtBot, keeper: ShelfKeeper) -> None:
    details = PictureDetails()
    qtbot.addWidget(details)
    details.show_picture(keeper.picture(model=ModelReference(BUILT_IN_ID, "realesrgan-x4plus")))
    shown = facts(details)
    assert "Request" not in shown
    assert shown["Model"] == "Real-ESRGAN photos"

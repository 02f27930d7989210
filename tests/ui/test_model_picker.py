"""The model picker: what it offers, finding by typing, keys, and lists that arrive while it is open."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from PySide6.QtCore import QEvent, QModelIndex, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.model.providers import BUILT_IN_ID, Capability, ModelInfo, ModelReference
from app.ui.model_picker import ModelPicker
from app.ui.model_popup import ProviderEntry
from app.ui.widgets.noted_item import note_of

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)  # popups on the offscreen platform

QWEN, LUNA, SOL = (
    ModelReference(BUILT_IN_ID, "qwen"),
    ModelReference("o", "gpt-6-luna"),
    ModelReference("o", "gpt-6-sol"),
)
SOON = (date.today() + timedelta(days=30)).isoformat()
LATER = (date.today() + timedelta(days=300)).isoformat()


def model(reference: ModelReference, *capabilities: Capability, ends: str | None = None, name: str = "") -> ModelInfo:
    return ModelInfo(reference.model_id, reference.provider_id, frozenset(capabilities), ends, name)


ENGINE = ProviderEntry(
    BUILT_IN_ID,
    "Built-in engine",
    (
        model(QWEN, Capability.CHAT, name="Qwen"),
        model(ModelReference(BUILT_IN_ID, "whisper"), Capability.TRANSCRIPTION),
        model(ModelReference(BUILT_IN_ID, "esrgan"), Capability.UPSCALE),
    ),
)
OPENAI = ProviderEntry(
    "o",
    "OpenAI",
    (
        model(LUNA, Capability.CHAT, ends=SOON),
        model(SOL, Capability.CHAT, ends=LATER),
        model(ModelReference("o", "strange")),
        model(ModelReference("o", "gpt-image-2"), Capability.IMAGE),
    ),
)
DEAD = ProviderEntry("l", "Ollama", (), "The server cannot be reached")


@pytest.fixture
def picker(qtbot: QtBot) -> Iterator[ModelPicker]:
    made = ModelPicker()
    qtbot.addWidget(made)
    made.set_entries([ENGINE, OPENAI, DEAD])
    made.set_choice(Capability.CHAT, QWEN)
    made.show()
    yield made
    made.popup.close()
    made.hide()


def lines(picker: ModelPicker) -> list[str]:
    rows = picker.popup.rows
    return [rows.index(row, 0).data() for row in range(rows.rowCount())]


def at(picker: ModelPicker, text: str) -> QModelIndex:
    return picker.popup.rows.index(lines(picker).index(text), 0)


def press(picker: ModelPicker, *keys: Qt.Key) -> None:
    for key in keys:
        QTest.keyClick(picker.popup.search_field, key)


def current(picker: ModelPicker) -> str:
    return str(picker.popup.list.currentIndex().data())


def test_button_names_model_and_provider(picker: ModelPicker) -> None:
    assert picker.text() == "Qwen  ·  Built-in engine"
    picker.set_choice(Capability.CHAT, ModelReference("o", "typed-by-hand"))
    assert picker.text() == "typed-by-hand  ·  OpenAI"
    picker.set_choice(Capability.CHAT, None)
    assert picker.text() == "Choose a model"
    picker.set_choice(Capability.CHAT, ModelReference("o", "a-very-long-name" * 12))
    assert "…" in picker.text()
    assert "a-very-long-name" * 12 in picker.toolTip()


def test_a_model_may_be_called_anything(picker: ModelPicker) -> None:
    picker.set_choice(Capability.CHAT, ModelReference("o", "r&d <b>x</b>"))
    assert picker.text() == "r&&d <b>x</b>  ·  OpenAI"
    assert picker.shortcut().isEmpty()
    assert "&lt;b&gt;" in picker.toolTip()


def test_offers_what_can_do_the_work_grouped_by_provider(picker: ModelPicker) -> None:
    picker.open()
    assert lines(picker) == [
        "Built-in engine", "Qwen",
        "OpenAI", "gpt-6-luna", "gpt-6-sol", "Abilities unknown", "strange",
        "Ollama", "The server cannot be reached",
    ]  # fmt: skip
    assert current(picker) == "Qwen"


def test_pictures_are_also_made_by_models_that_enlarge(picker: ModelPicker) -> None:
    picker.set_choice(Capability.IMAGE, None)
    picker.open()
    assert "esrgan" in lines(picker)
    assert "gpt-image-2" in lines(picker)
    assert "Qwen" not in lines(picker)


def test_recently_used_come_first_with_their_provider(picker: ModelPicker) -> None:
    picker.set_entries([ENGINE, OPENAI], [SOL, QWEN])
    picker.open()
    assert lines(picker)[:3] == ["Recently used", "gpt-6-sol", "Qwen"]
    assert note_of(picker.popup.rows.index(1, 0)) == "OpenAI"


def test_a_model_that_ends_soon_says_so(picker: ModelPicker) -> None:
    picker.open()
    assert note_of(at(picker, "gpt-6-luna")) == f"ends {SOON}"
    assert note_of(at(picker, "gpt-6-sol")) == ""


def test_typing_finds_and_enter_chooses(picker: ModelPicker, qtbot: QtBot) -> None:
    picker.open()
    QTest.keyClicks(picker.popup.search_field, "sol gpt")
    assert lines(picker)[:2] == ["OpenAI", "gpt-6-sol"]
    with qtbot.waitSignal(picker.chosen) as chosen:
        press(picker, Qt.Key.Key_Return)
    assert chosen.args == [SOL]
    assert not picker.popup.isVisible()


def test_keys_move_over_headings_and_stop_at_the_ends(picker: ModelPicker) -> None:
    picker.open()
    press(picker, Qt.Key.Key_Down)
    assert current(picker) == "gpt-6-luna"
    press(picker, Qt.Key.Key_Up, Qt.Key.Key_Up)
    assert current(picker) == "Qwen"
    press(picker, Qt.Key.Key_PageDown)
    assert current(picker) == "strange"
    press(picker, Qt.Key.Key_PageUp)
    assert current(picker) == "Qwen"


def test_any_id_can_be_typed_and_asked_of_any_server(picker: ModelPicker, qtbot: QtBot) -> None:
    picker.open()
    QTest.keyClicks(picker.popup.search_field, "org/new-model")
    assert lines(picker) == ["Use what you typed", "org/new-model", "org/new-model"]
    press(picker, Qt.Key.Key_Down)
    with qtbot.waitSignal(picker.chosen) as chosen:
        press(picker, Qt.Key.Key_Enter)
    assert chosen.args == [ModelReference("l", "org/new-model")]


def test_without_a_server_nothing_is_made_of_what_was_typed(picker: ModelPicker) -> None:
    picker.set_entries([ENGINE])
    picker.open()
    QTest.keyClicks(picker.popup.search_field, "org/new-model")
    assert lines(picker) == ["No model has that in its name."]
    press(picker, Qt.Key.Key_Return, Qt.Key.Key_Down)
    assert picker.popup.isVisible()


def test_where_there_is_no_model_it_says_what_to_do(picker: ModelPicker) -> None:
    picker.set_entries([ProviderEntry(BUILT_IN_ID, "Built-in engine")])
    picker.open()
    assert lines(picker)[0] == "No models yet"
    assert not any(picker.popup.rows.reference(row) for row in range(picker.popup.rows.rowCount()))
    picker.popup.search_field.setText("qwen")
    assert lines(picker) == ["No model has that in its name."]


def test_a_long_name_is_shortened_and_scrolls_nothing(picker: ModelPicker, qtbot: QtBot) -> None:
    long = model(ModelReference("o", "a-model-with-a-very-long-name-" * 6), Capability.CHAT)
    picker.set_entries([ProviderEntry("o", "OpenAI", (long,))])
    picker.open()
    listing = picker.popup.list
    qtbot.waitUntil(lambda: listing.visualRect(at(picker, long.id)).width() == listing.viewport().width())
    assert listing.horizontalScrollBar().maximum() == 0


def test_a_click_chooses_and_headings_cannot_be_chosen(picker: ModelPicker, qtbot: QtBot) -> None:
    picker.open()
    popup = picker.popup

    def click(text: str) -> None:
        point = popup.list.visualRect(at(picker, text)).center()
        QTest.mouseClick(popup.list.viewport(), Qt.MouseButton.LeftButton, pos=point)

    click("OpenAI")
    assert popup.isVisible()
    with qtbot.waitSignal(picker.chosen) as chosen:
        click("gpt-6-luna")
    assert chosen.args == [LUNA]


def test_lists_that_arrive_do_not_move_the_reader(picker: ModelPicker) -> None:
    picker.open()
    press(picker, Qt.Key.Key_Down, Qt.Key.Key_Down)
    assert current(picker) == "gpt-6-sol"
    arrived = ProviderEntry("l", "Ollama", (model(ModelReference("l", "llama"), Capability.CHAT),))
    picker.set_entries([ENGINE, arrived, OPENAI])
    assert current(picker) == "gpt-6-sol"
    assert "llama" in lines(picker)


def test_refresh_asks_for_new_lists(picker: ModelPicker, qtbot: QtBot) -> None:
    picker.open()
    with qtbot.waitSignal(picker.refresh_requested):
        QTest.mouseClick(picker.popup.refresh_button, Qt.MouseButton.LeftButton)
    assert picker.popup.isVisible()


def test_a_new_language_reaches_an_existing_picker(picker: ModelPicker) -> None:
    picker.set_choice(Capability.CHAT, None)
    picker.setText("")
    QApplication.sendEvent(picker, QEvent(QEvent.Type.LanguageChange))
    assert picker.text() == "Choose a model"

"""The general page: every option of the model has a control, and what is changed there holds at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app.model.settings import Language, ThemeChoice
from app.ui import ask
from app.ui.settings.editors import ChoiceEditor, NumberEditor, PathEditor, SwitchEditor
from app.ui.settings.general_page import options
from tests.ui.settings.conftest import Open


def _control[W: QWidget](kind: type[W], opened: object, name: str) -> W:
    found = opened.dialog.general.findChild(kind, f"option_{name}")  # type: ignore[attr-defined]
    assert isinstance(found, kind)
    return found


def test_every_option_has_a_row_with_words_and_an_accessible_name(open_dialog: Open) -> None:
    opened = open_dialog()
    rows = opened.dialog.general.rows
    assert list(rows) == [f"{option.section}.{option.name}" for option in options()]
    assert "appearance.theme" in rows
    assert "audio.vocabulary" not in rows  # that one is set in the Audio tab
    for row in rows.values():
        assert row.editor.accessibleName()
        assert row.editor.isVisibleTo(opened.dialog)


def test_a_choice_holds_at_once(open_dialog: Open) -> None:
    opened = open_dialog()
    theme = _control(ChoiceEditor, opened, "appearance_theme")
    theme.setFocus()
    QTest.keyClick(theme, Qt.Key.Key_End)
    assert opened.settings.value.appearance.theme is ThemeChoice.DARK
    language = _control(ChoiceEditor, opened, "appearance_language")
    language.setFocus()
    QTest.keyClick(language, Qt.Key.Key_End)
    assert opened.settings.value.appearance.language is Language.CHINESE


def test_a_switch_and_a_number_hold_at_once(open_dialog: Open) -> None:
    opened = open_dialog()
    enter_sends = _control(SwitchEditor, opened, "chat_enter_sends")
    assert enter_sends.isChecked()
    QTest.keyClick(enter_sends, Qt.Key.Key_Space)
    assert not opened.settings.value.chat.enter_sends
    minutes = _control(NumberEditor, opened, "engine_unload_minutes")
    opened.type_into(minutes, "25")
    assert opened.settings.value.engine.unload_minutes == 25


def test_a_half_typed_number_is_not_taken(open_dialog: Open) -> None:
    opened = open_dialog()
    zoom = _control(NumberEditor, opened, "appearance_zoom_percent")
    opened.type_into(zoom, "150", leave=False)
    assert opened.settings.value.appearance.zoom_percent == 100
    QTest.keyClick(zoom, Qt.Key.Key_Return)
    assert opened.settings.value.appearance.zoom_percent == 150


def test_a_folder_is_typed_or_chosen(open_dialog: Open, tmp_path: Path) -> None:
    opened = open_dialog()
    folder = _control(PathEditor, opened, "images_folder")
    ask.answers.append(tmp_path)
    opened.click(folder.choose_button)
    opened.until(lambda: opened.settings.value.images.folder == str(tmp_path))
    assert folder.field.text() == str(tmp_path)
    opened.type_into(folder.field, "")
    assert opened.settings.value.images.folder == ""


def test_what_changes_elsewhere_is_shown(open_dialog: Open) -> None:
    opened = open_dialog()
    opened.settings.update(lambda old: replace(old, appearance=replace(old.appearance, zoom_percent=130)))
    assert _control(NumberEditor, opened, "appearance_zoom_percent").value() == 130


def test_the_wheel_scrolls_and_changes_nothing(open_dialog: Open) -> None:
    from PySide6.QtCore import QPoint, QPointF
    from PySide6.QtGui import QWheelEvent

    opened = open_dialog()
    for control in (
        _control(NumberEditor, opened, "appearance_zoom_percent"),
        _control(ChoiceEditor, opened, "appearance_theme"),
    ):
        middle = QPointF(control.rect().center())
        turn = QWheelEvent(
            middle,
            control.mapToGlobal(middle),
            QPoint(),
            QPoint(0, -120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(control, turn)
    assert opened.settings.value.appearance.zoom_percent == 100
    assert opened.settings.value.appearance.theme is ThemeChoice.SYSTEM

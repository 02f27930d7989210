"""Writing a message: which Enter sends, compositions, drafts, attachments, recalling and editing."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage, QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.model.chat import AttachmentKind
from app.model.errors import UnreadableFile, UnsupportedContent
from app.ui import ask
from tests.fakes.openai_server import FakeOpenAI, png
from tests.ui.chat.program import BLIND_MODEL, Program

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def test_shift_enter_begins_a_line(chat: Program) -> None:
    chat.write("one")
    chat.press(Qt.Key.Key_Return, SHIFT)
    chat.write("two")
    assert chat.composer.text() == "one\ntwo"
    chat.press(Qt.Key.Key_Enter, Qt.KeyboardModifier.KeypadModifier)
    chat.wait_for_text("two")
    chat.wait_idle()
    assert chat.shown()[0] == "one\ntwo"


def test_enter_begins_a_line_where_control_enter_sends(chat: Program) -> None:
    chat.tab.set_enter_sends(False)
    assert chat.composer.send_button.toolTip() == "Send (Ctrl+Enter)"
    chat.write("one")
    chat.press(Qt.Key.Key_Return)
    chat.write("two")
    chat.press(Qt.Key.Key_Return, CONTROL)
    chat.wait_for_text("two")
    chat.wait_idle()
    assert chat.shown()[0] == "one\ntwo"


def test_enter_that_ends_a_composition_never_sends(chat: Program, server: FakeOpenAI) -> None:
    field = chat.composer.field
    QApplication.sendEvent(field, QInputMethodEvent("nihao", []))
    chat.press(Qt.Key.Key_Return)
    assert not server.requests
    committed = QInputMethodEvent("", [])
    committed.setCommitString("你好")
    QApplication.sendEvent(field, committed)
    assert chat.composer.text().strip() == "你好"
    assert not chat.view.messages
    chat.press(Qt.Key.Key_Return)
    chat.wait_for_text("你好")
    chat.wait_idle()
    assert chat.shown()[0] == "你好"


def test_nothing_is_sent_of_nothing(chat: Program, server: FakeOpenAI) -> None:
    chat.write("   ")
    chat.press(Qt.Key.Key_Return)
    assert not chat.composer.send_button.isEnabled()
    assert chat.composer.text() == "   "
    assert not server.requests


def test_lines_of_code_keep_their_indent(chat: Program) -> None:
    chat.composer.field.setPlainText("\n    indented\n        more\n\n")
    chat.press(Qt.Key.Key_Return)
    chat.wait_idle()
    chat.wait(lambda: chat.shown()[:1] == ["    indented\n        more"])


def test_the_field_grows_with_its_text_and_stops_growing(chat: Program) -> None:
    field = chat.composer.field
    one_line = field.height()
    chat.press(Qt.Key.Key_Return, SHIFT)
    assert field.height() == one_line + field.fontMetrics().lineSpacing()
    field.setPlainText("line\n" * 100)
    assert field.height() < chat.tab.height() / 2
    assert field.verticalScrollBar().maximum() > 0


def test_what_is_typed_in_the_transcript_goes_into_the_composer(chat: Program) -> None:
    chat.ask("Hello")
    QTest.keyClicks(chat.view.transcript, "And")
    assert chat.composer.text() == "And"
    assert chat.composer.field.hasFocus()


def test_an_example_is_put_into_the_composer(chat: Program) -> None:
    button = chat.view.welcome.example_buttons[0]
    chat.click(button)
    assert chat.composer.text() == button.text()
    assert chat.composer.field.hasFocus()
    assert chat.composer.send_button.isEnabled()


def test_a_draft_survives_a_restart(chat: Program) -> None:
    chat.write("unfinished tho")
    chat.restart()
    (conversation,) = chat.conversations()
    chat.open_conversation(conversation.id)
    assert chat.composer.text() == "unfinished tho"
    chat.wait(lambda: chat.listed() == ["unfinished tho"])


def test_a_draft_is_on_disk_soon_without_closing(chat: Program) -> None:
    chat.write("unfinished")
    chat.wait(lambda: [one.draft for one in chat.conversations()] == ["unfinished"])


def test_a_draft_that_begins_otherwise_is_called_so_in_the_list(chat: Program) -> None:
    chat.write("h")
    chat.wait(lambda: chat.listed() == ["h"])
    chat.write("ello there")
    chat.wait(lambda: chat.listed() == ["hello there"])
    chat.composer.field.clear()
    chat.wait(lambda: chat.listed() == ["New conversation"])


def test_each_conversation_has_its_draft(chat: Program) -> None:
    chat.ask("Hello")
    first_id = chat.tab.conversation_id
    chat.write("to the first")
    chat.open_conversation(None)
    assert chat.composer.text() == ""
    chat.write("to the second")
    chat.open_conversation(first_id)
    assert chat.composer.text() == "to the first"
    second = next(one for one in chat.conversations() if one.id != first_id)
    chat.open_conversation(second.id)
    assert chat.composer.text() == "to the second"


def test_nothing_is_kept_of_a_conversation_in_which_nothing_was_left(chat: Program) -> None:
    chat.write("never mind")
    chat.wait(chat.conversations)
    chat.composer.field.clear()
    chat.open_conversation(None)
    chat.wait(lambda: not chat.conversations())
    chat.wait(lambda: chat.listed() == [])


def test_files_are_attached_sent_and_shown(chat: Program, server: FakeOpenAI, tmp_path: Path) -> None:
    picture, notes = _picture(tmp_path), _notes(tmp_path)
    ask.answers.append([picture, notes])
    chat.click(chat.composer.attach_button)
    chat.wait(lambda: len(chat.composer.strip.chips) == 2)
    chat.ask("What is this?")
    content = server.posts()[-1].json["messages"][-1]["content"]
    assert [part["type"] for part in content] == ["text", "image_url"]
    assert "notes.txt" in content[0]["text"]
    assert [one.name for one in chat.stored()[0].attachments] == ["red.png", "notes.txt"]
    assert not chat.composer.strip.chips


def test_a_draft_keeps_its_attachments(chat: Program, tmp_path: Path) -> None:
    chat.tab.talk.attach([_picture(tmp_path), _notes(tmp_path)])
    chat.wait(lambda: len(chat.composer.strip.chips) == 2)
    conversation_id = chat.tab.conversation_id
    chat.restart(conversation_id)
    assert [chip.attachment.name for chip in chat.composer.strip.chips] == ["red.png", "notes.txt"]
    assert chat.composer.send_button.isEnabled(), "attachments alone can be sent"


def test_the_cross_removes_an_attachment(chat: Program, tmp_path: Path) -> None:
    chat.tab.talk.attach([_picture(tmp_path), _notes(tmp_path)])
    chat.wait(lambda: len(chat.composer.strip.chips) == 2)
    for chip in list(chat.composer.strip.chips):
        chat.click(chip.remove_button)
    assert not chat.composer.strip.isVisible()
    assert chat.composer.field.hasFocus()
    chat.restart(chat.tab.conversation_id)
    assert not chat.composer.strip.chips


def test_files_are_dropped_anywhere_on_the_tab(chat: Program, tmp_path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(_picture(tmp_path))), QUrl.fromLocalFile(str(_notes(tmp_path)))])
    _drop(chat, data)
    chat.wait(lambda: len(chat.composer.strip.chips) == 2)


def test_a_folder_stands_for_the_files_in_it(chat: Program, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    _picture(folder)
    _notes(folder)
    (folder / ".hidden").write_text("not for others")
    (folder / "deeper").mkdir()
    chat.tab.talk.attach([folder])
    chat.wait(lambda: [one.attachment.name for one in chat.composer.strip.chips] == ["notes.txt", "red.png"])
    assert not chat.failures


def test_a_picture_without_a_file_is_dropped(chat: Program) -> None:
    data = QMimeData()
    data.setImageData(_image())
    _drop(chat, data)
    chat.wait(lambda: chat.composer.strip.chips)
    assert chat.composer.strip.chips[0].attachment.kind is AttachmentKind.IMAGE


def test_dragged_text_is_left_to_the_field(chat: Program) -> None:
    data = QMimeData()
    data.setText("only words")
    _drag(chat, data)
    assert not chat.tab.desktop.drop_overlay.isVisible()


def test_pictures_and_files_are_pasted(chat: Program, tmp_path: Path) -> None:
    clipboard = QGuiApplication.clipboard()
    clipboard.setImage(_image())
    chat.press(Qt.Key.Key_V, CONTROL)
    chat.wait(lambda: len(chat.composer.strip.chips) == 1)
    files = QMimeData()
    files.setUrls([QUrl.fromLocalFile(str(_notes(tmp_path)))])
    clipboard.setMimeData(files)
    chat.press(Qt.Key.Key_V, CONTROL)
    chat.wait(lambda: len(chat.composer.strip.chips) == 2)
    clipboard.setText("words")
    chat.press(Qt.Key.Key_V, CONTROL)
    assert chat.composer.text() == "words"
    clipboard.clear()


def test_a_file_that_cannot_be_used_does_not_hold_up_the_others(chat: Program, tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG and nothing more")
    chat.tab.talk.attach([broken, _notes(tmp_path)])
    chat.wait(lambda: chat.composer.strip.chips)
    assert isinstance(chat.failures[0], UnreadableFile)
    assert chat.failures[0].arguments["name"] == "broken.png"


def test_files_stay_with_the_conversation_they_were_dropped_on(chat: Program, tmp_path: Path) -> None:
    chat.write("first")
    chat.tab.talk.attach([_picture(tmp_path)])
    chat.open_conversation(None)
    chat.wait(lambda: not chat.tab.talk.intake.busy)
    assert not chat.composer.strip.chips
    (first,) = chat.conversations()
    chat.open_conversation(first.id)
    assert (chat.composer.text(), len(chat.composer.strip.chips)) == ("first", 1)


def test_a_model_that_cannot_see_says_so_and_the_picture_stays(
    chat: Program, server: FakeOpenAI, tmp_path: Path
) -> None:
    chat.tab.set_model(BLIND_MODEL)
    chat.tab.talk.attach([_picture(tmp_path)])
    chat.wait(lambda: chat.failures)
    assert isinstance(chat.failures[0], UnsupportedContent)
    chat.write("What is this?")
    chat.press(Qt.Key.Key_Return)
    chat.wait(lambda: len(chat.failures) == 2)
    assert (chat.composer.text(), len(chat.composer.strip.chips)) == ("What is this?", 1)
    assert not server.requests
    chat.restart(chat.tab.conversation_id)
    assert (chat.composer.text(), len(chat.composer.strip.chips)) == ("What is this?", 1)


def test_up_in_the_empty_field_edits_the_last_message(chat: Program) -> None:
    chat.ask("Frist")
    chat.press(Qt.Key.Key_Up)
    assert chat.composer.text() == "Frist"
    assert chat.composer.edit_note.isVisible()
    chat.composer.field.setPlainText("First")
    chat.press(Qt.Key.Key_Return)
    chat.wait(lambda: chat.shown() == ["First", "You said: First"])
    chat.wait_idle()
    assert chat.stored()[0].version == (2, 2)
    assert not chat.composer.edit_note.isVisible()


def test_an_edit_can_be_given_up_and_the_draft_comes_back(chat: Program, tmp_path: Path) -> None:
    chat.ask("Hello")
    chat.tab.talk.attach([_notes(tmp_path)])
    chat.wait(lambda: chat.composer.strip.chips)
    chat.write("a draft")
    chat.view.transcript.edit_requested.emit(chat.ids()[0])
    assert (chat.composer.text(), chat.composer.strip.chips) == ("Hello", [])
    chat.tab.talk.attach([_picture(tmp_path)])
    chat.wait(lambda: chat.composer.strip.chips)
    chat.press(Qt.Key.Key_Escape)
    assert chat.composer.text() == "a draft"
    assert [chip.attachment.name for chip in chat.composer.strip.chips] == ["notes.txt"]
    assert chat.shown() == ["Hello", "You said: Hello"]
    chat.restart(chat.tab.conversation_id)
    assert chat.composer.text() == "a draft"
    assert [chip.attachment.name for chip in chat.composer.strip.chips] == ["notes.txt"]


def test_the_draft_comes_back_after_an_edit_was_sent(chat: Program) -> None:
    chat.ask("Hello")
    chat.write("a draft")
    chat.view.transcript.edit_requested.emit(chat.ids()[0])
    chat.composer.field.setPlainText("Hello again")
    chat.press(Qt.Key.Key_Return)
    chat.wait(lambda: chat.shown()[:1] == ["Hello again"])
    chat.wait_idle()
    assert chat.composer.text() == "a draft"


def test_an_edit_waits_while_another_conversation_is_on_show(chat: Program) -> None:
    chat.ask("Hello")
    edited = chat.tab.conversation_id
    chat.write("A draft")
    chat.view.transcript.edit_requested.emit(chat.ids()[0])
    chat.composer.field.clear()
    chat.write("Hello, changed")
    chat.open_conversation(None)
    assert chat.composer.text() == ""
    assert not chat.composer.edit_note.isVisible()
    chat.open_conversation(edited)
    assert chat.composer.text() == "Hello, changed"
    assert chat.composer.edit_note.isVisible()
    chat.press(Qt.Key.Key_Return)
    chat.wait(lambda: chat.shown() == ["Hello, changed", "You said: Hello, changed"])
    assert chat.composer.text() == "A draft", "the draft waited too"
    chat.wait_idle()
    chat.open_conversation(None)
    chat.open_conversation(edited)
    assert not chat.composer.edit_note.isVisible(), "what was sent does not come back"


def test_an_edited_message_keeps_its_attachments(chat: Program, tmp_path: Path) -> None:
    chat.tab.talk.attach([_picture(tmp_path)])
    chat.wait(lambda: chat.composer.strip.chips)
    chat.ask("What is this?")
    chat.press(Qt.Key.Key_Up)
    assert len(chat.composer.strip.chips) == 1
    chat.composer.field.setPlainText("What is it?")
    chat.press(Qt.Key.Key_Return)
    chat.wait(lambda: chat.shown()[:1] == ["What is it?"])
    chat.wait_idle()
    assert [one.name for one in chat.stored()[0].attachments] == ["red.png"]
    chat.view.transcript.version_requested.emit(chat.ids()[0], -1)
    chat.wait(lambda: chat.shown()[:1] == ["What is this?"])
    assert [one.name for one in chat.view.messages[chat.ids()[0]].attachments] == ["red.png"]


@pytest.mark.parametrize("count", [1, 12])
def test_many_attachments_do_not_widen_the_tab(chat: Program, tmp_path: Path, count: int) -> None:
    width = chat.tab.minimumSizeHint().width()
    chat.tab.talk.attach([_notes(tmp_path)] * count)
    chat.wait(lambda: len(chat.composer.strip.chips) == count)
    assert chat.tab.minimumSizeHint().width() == width
    assert chat.composer.strip.horizontalScrollBar().isVisible() == (count > 3)


def _drag(chat: Program, data: QMimeData) -> None:
    actions = Qt.DropAction.CopyAction
    event = QDragEnterEvent(
        QPointF(chat.tab.rect().center()), actions, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(chat.tab, event)


def _drop(chat: Program, data: QMimeData) -> None:
    """Drag over the tab, see what the drop would do, let go."""
    _drag(chat, data)
    overlay = chat.tab.desktop.drop_overlay
    assert overlay.isVisible()
    assert "Attach" in overlay.label.text()
    event = QDropEvent(
        QPointF(overlay.rect().center()),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(overlay, event)
    assert not overlay.isVisible()


def _image() -> QImage:
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    return image


def _picture(folder: Path) -> Path:
    path = folder / "red.png"
    path.write_bytes(png(40, 30))
    return path


def _notes(folder: Path) -> Path:
    path = folder / "notes.txt"
    path.write_text("remember the milk")
    return path

"""One message: what it shows in each state, how it is copied, what the keyboard reaches."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QEnterEvent, QGuiApplication, QImage, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.ui import theme
from app.ui.chat.message_attachments import INSET_PX
from app.ui.chat.message_selection import editor_of
from app.ui.chat.message_view import MessageView, ViewState
from app.ui.chat.transcript_model import AttachmentItem, MessageRow, RowState
from app.ui.widgets.formula import FormulaRenderer
from app.ui.widgets.markdown_look import TextStyle

LIGHT = TextStyle(theme.LIGHT)
WIDTH = 700


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[MessageView]:
    holder = QWidget()
    qtbot.addWidget(holder)
    holder.resize(WIDTH, 900)
    made = MessageView(FormulaRenderer(), holder)
    holder.show()
    yield made
    holder.close()


def show(view: MessageView, row: MessageRow) -> None:
    view.show_row(row, LIGHT, ViewState())
    view.resize(WIDTH, view.height_for(WIDTH))
    view.show()


def texts(view: MessageView) -> list[str]:
    return [editor_of(part).toPlainText() for part in view.body.parts()]


def clipboard() -> str:
    return QGuiApplication.clipboard().text()


def test_an_answer(view: MessageView) -> None:
    show(
        view, MessageRow(1, "assistant", "Some **bold** text.\n\n```py\nx\n```", small_print="m · 5 tokens", model="m")
    )
    assert view.header.text() == "Assistant"
    assert texts(view) == ["Some bold text.", "x"]
    assert view.footer.small_print.text() == "m · 5 tokens"
    assert view.accessibleName().startswith("Answer by m: Some **bold**")
    assert view.bubble.isHidden()


def test_a_question_is_shown_as_it_was_typed(view: MessageView) -> None:
    show(view, MessageRow(1, "user", "Why *this*?\nAnd # that\n```py\nx\n```\n"))
    assert view.header.text() == "You"
    assert texts(view) == ["Why *this*?\nAnd # that", "x"]
    assert view.accessibleName().startswith("You: Why")
    assert view.bubble.isVisible()


def test_a_short_question_has_a_small_bubble_at_the_right(view: MessageView) -> None:
    show(view, MessageRow(1, "user", "Hi"))
    small = view.bubble.geometry()
    show(view, MessageRow(1, "user", "word " * 200))
    large = view.bubble.geometry()
    assert small.width() < 100 < large.width() < WIDTH
    assert small.right() == large.right()


@pytest.mark.parametrize(
    ("state", "note", "words", "continues"),
    [
        ("complete", "", "", False),
        ("streaming", "", "", False),
        ("stopped", "", "Stopped.", True),
        ("interrupted", "", "Interrupted before it was finished.", True),
        ("truncated", "", "Cut off: the limit of tokens was reached.", True),
        ("failed", "The key was refused.", "The key was refused.", True),
    ],
)
def test_how_a_message_ended_is_said(
    view: MessageView, state: RowState, note: str, words: str, continues: bool
) -> None:
    show(view, MessageRow(1, "assistant", "Half", state=state, state_note=note))
    assert view.note.label.text() == words
    assert view.note.continue_button.isVisible() is continues


@pytest.mark.parametrize(
    ("reasoning", "words"),
    [
        ("", "The model gave no answer."),
        ("Hm.", "The model reasoned, but gave no answer. A higher limit of tokens may help."),
    ],
)
def test_an_answer_without_a_word_is_said_so(view: MessageView, reasoning: str, words: str) -> None:
    show(view, MessageRow(1, "assistant", "", reasoning=reasoning))
    assert view.note.label.text() == words
    assert not view.note.continue_button.isVisible()


@pytest.mark.parametrize(
    ("finish_reason", "text", "words"),
    [
        ("content_filter", "I cannot", "Cut off by the provider's content filter."),
        ("content_filter", "", "Cut off by the provider's content filter."),
        ("tool_calls", "", "The model asked for a tool instead of answering; Triptych has none to offer."),
        ("tool_calls", "Here it is.", ""),
        ("stop", "Here it is.", ""),
    ],
)
def test_why_an_answer_ended_is_said(view: MessageView, finish_reason: str, text: str, words: str) -> None:
    show(view, MessageRow(1, "assistant", text, finish_reason=finish_reason))
    assert view.note.label.text() == words


@pytest.mark.parametrize(("text", "offer"), [("", "Try again"), ("Half", "Continue")])
def test_an_answer_without_a_word_is_tried_again(view: MessageView, text: str, offer: str) -> None:
    show(view, MessageRow(1, "assistant", text, state="failed"))
    assert view.note.continue_button.text() == offer


def test_buttons_are_there_while_the_pointer_is(view: MessageView) -> None:
    show(view, MessageRow(1, "user", "Hi"))
    height = view.height_for(WIDTH)
    buttons = (view.footer.copy_button, view.footer.edit_button)
    QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))  # wherever the pointer of this machine is
    assert not any(button.isVisible() for button in buttons)
    QApplication.sendEvent(view, QEnterEvent(QPointF(5, 5), QPointF(5, 5), QPointF(5, 5)))
    assert all(button.isVisible() for button in buttons)
    assert view.footer.regenerate_button.isHidden()
    assert view.height_for(WIDTH) == height
    QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
    assert not any(button.isVisible() for button in buttons)


def test_the_small_print_stands_below_the_text_and_stays_there(view: MessageView) -> None:
    show(view, MessageRow(1, "assistant", "Answer", small_print="m · 5 tokens"))
    small_print = view.footer.small_print
    left = small_print.mapTo(view, small_print.contentsRect().topLeft()).x()
    assert left == view.body.x()
    view.set_current(True)
    assert view.footer.copy_button.isVisible()
    assert small_print.mapTo(view, small_print.contentsRect().topLeft()).x() == left


def test_a_prompt_leaves_no_gap_for_buttons_that_have_room_beside_it(view: MessageView) -> None:
    show(view, MessageRow(1, "user", "Short"))
    view.set_current(True)
    assert view.height() - view.bubble.geometry().bottom() < view.footer.line_height()
    assert view.footer.geometry().right() < view.bubble.x()
    assert view.footer.branch_button.isVisible()
    shown_once = view.height()
    show(view, MessageRow(1, "user", "Short", version=(1, 2)))
    assert view.footer.y() > view.bubble.geometry().bottom(), "versions are always to be seen: they have their line"
    show(view, MessageRow(1, "user", "A very long question. " * 40))
    QApplication.processEvents()
    assert view.footer.geometry().right() < view.bubble.x() or view.footer.y() > view.bubble.geometry().bottom()
    show(view, MessageRow(1, "user", "Short"))
    assert view.height() == shown_once


def test_any_message_that_has_ended_offers_a_new_conversation(view: MessageView, qtbot: QtBot) -> None:
    for role in ("user", "assistant"):
        show(view, MessageRow(7, role, "Words"))
        view.set_current(True)
        with qtbot.waitSignal(view.branch_requested) as heard:
            QTest.mouseClick(view.footer.branch_button, Qt.MouseButton.LeftButton)
        assert heard.args == [7]
    show(view, MessageRow(7, "assistant", "Wor", state="streaming"))
    view.set_current(True)
    assert not view.footer.branch_button.isVisible()


@pytest.mark.parametrize(
    ("seconds", "thinking", "words"),
    [
        (12.4, False, "Thought for 12 s"),
        (0.3, False, "Thought for a moment"),
        (125, False, "Thought for 2 min 5 s"),
        (None, False, "Thoughts"),
        (None, True, "Thinking…"),
    ],
)
def test_the_line_above_the_reasoning(view: MessageView, seconds: float | None, thinking: bool, words: str) -> None:
    state: RowState = "streaming" if thinking else "complete"
    text = "" if thinking else "text"
    show(view, MessageRow(1, "assistant", text, reasoning="Hm.", reasoning_s=seconds, state=state))
    assert view.reasoning.button.text() == words
    assert view.reasoning.body.isHidden()
    assert view.reasoning.body.parts() == []


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_Return])
def test_the_keyboard_unfolds_the_reasoning(view: MessageView, qtbot: QtBot, key: Qt.Key) -> None:
    show(view, MessageRow(1, "assistant", "text", reasoning="Hm.", reasoning_s=3))
    with qtbot.waitSignal(view.refolded):
        QTest.keyClick(view.reasoning.button, key)
    assert [editor_of(part).toPlainText() for part in view.reasoning.body.parts()] == ["Hm."]
    QTest.keyClick(view.reasoning.button, key)
    assert view.reasoning.body.isHidden()


def test_growing_reasoning_and_text(view: MessageView) -> None:
    row = MessageRow(1, "assistant", "", state="streaming")
    show(view, row)
    assert view.note.label.text() == "Waiting for the first words…"
    first = MessageRow(1, "assistant", "", reasoning="Let me", state="streaming")
    view.grow(first, "", "Let me")
    assert view.note.isHidden()
    assert view.reasoning.button.text() == "Thinking…"
    view.reasoning.button.click()
    view.grow(MessageRow(1, "assistant", "", reasoning="Let me see", state="streaming"), "", " see")
    assert [editor_of(part).toPlainText() for part in view.reasoning.body.parts()] == ["Let me see"]
    view.grow(MessageRow(1, "assistant", "Yes", reasoning="Let me see", state="streaming"), "Yes", "")
    assert view.reasoning.button.text() == "Thoughts"
    assert texts(view) == ["Yes"]


def test_copying_the_whole_message(view: MessageView, qtbot: QtBot) -> None:
    source = "A **bold** word.\n\n```python\nx = 1\n```\n\n| a |\n|---|\n| 1 |\n"
    show(view, MessageRow(1, "assistant", source))
    view.set_current(True)
    with qtbot.waitSignal(view.copied) as signal:
        QTest.mouseClick(view.footer.copy_button, Qt.MouseButton.LeftButton)
    assert signal.args == [source]
    assert clipboard() == source
    menu = view.clipboard.menu(QPoint(0, 0))
    actions = {action.objectName(): action for action in menu.actions()}
    actions["copy_text"].trigger()
    assert clipboard().startswith("A bold word.\n\nx = 1\n\n")
    actions["copy_markdown"].trigger()
    assert clipboard() == source
    actions["copy_rich_text"].trigger()
    html = QGuiApplication.clipboard().mimeData().html()
    assert "<strong>bold</strong>" in html
    assert "<table" in html
    assert 'class="language-python"' in html
    actions["select_all"].trigger()
    assert not view.body.selection.is_empty
    menu.close()


def drag(view: MessageView, start: tuple[int, QPoint], end: tuple[int, QPoint]) -> None:
    """Press in one part, move into another, release."""
    pressed = editor_of(view.body.parts()[start[0]]).viewport()
    reached = editor_of(view.body.parts()[end[0]]).viewport()
    QTest.mousePress(pressed, Qt.MouseButton.LeftButton, pos=start[1])
    screen = reached.mapToGlobal(end[1])
    left = Qt.MouseButton.LeftButton
    place = QPointF(pressed.mapFromGlobal(screen))
    move = QMouseEvent(QEvent.Type.MouseMove, place, QPointF(screen), left, left, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(pressed, move)
    QTest.mouseRelease(pressed, Qt.MouseButton.LeftButton, pos=place.toPoint())


def test_a_selection_goes_across_texts_and_code(view: MessageView) -> None:
    show(view, MessageRow(1, "assistant", "First text.\n\n```py\nx = 1\n```\n\nLast text."))
    drag(view, (0, QPoint(0, 5)), (2, QPoint(2_000, 10)))
    QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert clipboard() == "First text.\n\nx = 1\n\nLast text."
    view.clipboard.copy_markdown()
    assert clipboard() == "First text.\n\n```py\nx = 1\n```\n\nLast text."
    drag(view, (2, QPoint(2_000, 10)), (1, QPoint(0, 2)))
    QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert clipboard() == "x = 1\n\nLast text."


def test_a_new_selection_ends_the_one_before(view: MessageView) -> None:
    show(view, MessageRow(1, "assistant", "First text.\n\n```py\nx = 1\n```\n\nLast text."))
    QTest.keyClick(view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert view.body.selection.text() == "First text.\n\nx = 1\n\nLast text."
    QTest.mouseClick(editor_of(view.body.parts()[0]).viewport(), Qt.MouseButton.LeftButton, pos=QPoint(3, 3))
    assert view.body.selection.is_empty


def test_ctrl_c_in_a_part_copies_the_joint_selection(view: MessageView) -> None:
    show(view, MessageRow(1, "assistant", "One.\n\n```\ntwo\n```"))
    view.body.selection.select_all()
    for part in view.body.parts():
        QGuiApplication.clipboard().clear()
        QTest.keyClick(editor_of(part), Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
        assert clipboard() == "One.\n\ntwo"


def test_escape_ends_the_selection(view: MessageView) -> None:
    show(view, MessageRow(1, "assistant", "One."))
    view.body.selection.select_all()
    assert view.is_in_use
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert view.body.selection.is_empty


def test_tab_goes_through_the_message_in_the_order_of_reading(view: MessageView, qtbot: QtBot) -> None:
    source = "A [link](https://example.org).\n\n```py\nx\n```"
    show(view, MessageRow(1, "assistant", source, reasoning="Hm", state="stopped", version=(2, 3)))
    view.window().activateWindow()
    view.setFocus()
    qtbot.waitUntil(view.hasFocus)
    view.set_current(True)
    reached: list[str] = []
    for _step in range(20):
        focused = QApplication.focusWidget()
        assert focused is not None
        reached.append(focused.objectName())
        QTest.keyClick(focused, Qt.Key.Key_Tab)
    expected = ["reasoning_button", "wrap_button", "copy_code_button", "continue_button", "previous_version_button"]
    expected += ["next_version_button", "copy_button", "regenerate_button"]
    assert [name for name in reached if name in expected][: len(expected)] == expected


@pytest.fixture
def attachments(tmp_path: Path) -> tuple[AttachmentItem, ...]:
    picture = QImage(300, 200, QImage.Format.Format_RGB32)
    picture.fill(QColor("#336699"))
    assert picture.save(str(tmp_path / "a picture.png"))
    (tmp_path / "notes.txt").write_text("hi")
    return (
        AttachmentItem(7, "a picture.png", "image", tmp_path / "a picture.png"),
        AttachmentItem(8, "notes.txt", "text", tmp_path / "notes.txt"),
    )


def test_attachments_of_a_prompt_stand_in_their_order_above_its_bubble(
    view: MessageView, attachments: tuple[AttachmentItem, ...]
) -> None:
    show(view, MessageRow(1, "user", "Look", attachments=attachments))
    strip = view.attachments
    first, second = (strip.visualRect(strip.model().index(row, 0)) for row in range(2))
    assert first.right() < second.left()
    assert first.top() == second.top()
    assert strip.geometry().right() - INSET_PX == view.bubble.geometry().right()
    show(view, MessageRow(2, "user", "Many", attachments=attachments * 6))
    assert strip.height() > 2 * first.height()
    assert strip.x() >= 0


def test_attachments_are_opened_by_click_and_key(
    view: MessageView, qtbot: QtBot, attachments: tuple[AttachmentItem, ...]
) -> None:
    show(view, MessageRow(1, "user", "Look", attachments=attachments))
    strip = view.attachments
    for row, item in enumerate(attachments):
        index = strip.model().index(row, 0)
        with qtbot.waitSignal(view.attachment_activated) as signal:
            QTest.mouseClick(strip.viewport(), Qt.MouseButton.LeftButton, pos=strip.visualRect(index).center())
        assert signal.args == [1, item.id]
        strip.setCurrentIndex(index)
        with qtbot.waitSignal(view.attachment_activated) as signal:
            QTest.keyClick(strip, Qt.Key.Key_Return)
        assert signal.args == [1, item.id]


def test_a_picture_is_dragged_out_as_file_and_image(view: MessageView, attachments: tuple[AttachmentItem, ...]) -> None:
    show(view, MessageRow(1, "user", "Look", attachments=attachments))
    model = view.attachments.model()
    picture = model.mimeData([model.index(0, 0)])
    assert [url.toLocalFile() for url in picture.urls()] == [str(attachments[0].path)]
    assert picture.hasImage()
    text = model.mimeData([model.index(1, 0)])
    assert [url.toLocalFile() for url in text.urls()] == [str(attachments[1].path)]
    assert not text.hasImage()


def test_a_missing_picture_is_shown_as_a_file(view: MessageView, tmp_path: Path) -> None:
    gone = AttachmentItem(1, "gone.png", "image", tmp_path / "gone.png")
    show(view, MessageRow(1, "user", "", attachments=(gone,)))
    assert view.attachments.model().index(0, 0).data() == "gone.png"
    assert view.bubble.isHidden()
    view.grab()


def test_a_widget_is_used_again(view: MessageView, attachments: tuple[AttachmentItem, ...]) -> None:
    show(view, MessageRow(1, "user", "Q\n```\nc\n```", attachments=attachments, version=(1, 2), state="failed"))
    view.release()
    show(view, MessageRow(2, "assistant", "Plain."))
    assert texts(view) == ["Plain."]
    assert view.attachments.isHidden()
    assert view.note.isHidden()
    assert view.footer.version_label.isHidden()
    assert view.bubble.isHidden()


def test_a_word_without_end_is_wrapped_beside_the_button_that_tries_again(view: MessageView) -> None:
    show(view, MessageRow(1, "assistant", "", state="failed", state_note="QUJD" * 200))
    label, button = view.note.label, view.note.continue_button
    assert label.minimumSizeHint().width() <= label.width()
    assert label.heightForWidth(label.width()) <= label.height()
    assert button.geometry().right() <= view.note.width()

"""The transcript: few widgets for many messages, a steady place, streaming, and what the reader can ask for."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QTextEdit, QWidget
from pytestqt.qtbot import QtBot

from app.ui import theme
from app.ui.chat.message_selection import editor_of
from app.ui.chat.message_view import MessageView
from app.ui.chat.transcript import Transcript
from app.ui.chat.transcript_model import MessageRow
from tests.ui.chat.reading import text_of

ANSWER = """## Sorting

Use `sorted`, which **returns** a new list.

```python
def by_length(words):
    return sorted(words, key=len)
```

| a | b |
|---|---|
| 1 | 2 |

- one
- two

> a quote

The end, with $5 and `code`.
"""

LONG_ROW = MessageRow(1, "assistant", "\n\n".join(f"Line {number}." for number in range(200)))


@pytest.fixture
def transcript(qtbot: QtBot) -> Iterator[Transcript]:
    made = Transcript()
    qtbot.addWidget(made)
    made.resize(800, 600)
    made.show()
    yield made
    made.close()


def conversation(count: int) -> list[MessageRow]:
    """Questions and answers of different lengths."""
    return [
        MessageRow(number, "user", f"Question {number}?")
        if number % 2 == 0
        else MessageRow(number, "assistant", f"Answer {number}.\n\n" + "Some words of it. " * (number % 7 * 20))
        for number in range(count)
    ]


def view_of(transcript: Transcript, message_id: int) -> MessageView:
    views = [view for view in transcript.stage.live().values() if view.row.id == message_id]
    assert views, f"message {message_id} is not near the view"
    return views[0]


def shown_texts(view: MessageView) -> list[str]:
    return [editor_of(part).toPlainText() for part in view.body.parts()]


def first_in_view(transcript: Transcript) -> MessageView:
    return min((view for view in transcript.stage.live().values() if view.geometry().bottom() > 0), key=MessageView.y)


def test_a_long_conversation_has_few_widgets(transcript: Transcript) -> None:
    transcript.set_messages(conversation(2_000))
    bar = transcript.verticalScrollBar()
    for step in range(40):
        bar.setValue(bar.maximum() * (step * 7 % 40) // 40)
        assert len(transcript.stage.live()) < 25
    assert len(transcript.viewport().findChildren(MessageView)) < 40


def test_a_conversation_opens_at_its_end(transcript: Transcript) -> None:
    transcript.set_messages(conversation(200))
    last = view_of(transcript, 199)
    assert transcript.at_end
    assert last.geometry().bottom() < transcript.viewport().height()
    assert transcript.newest_button.isHidden()


def test_at_the_end_new_messages_are_followed(transcript: Transcript) -> None:
    transcript.set_messages(conversation(30))
    transcript.append_message(MessageRow(100, "user", "line\n" * 50))
    bar = transcript.verticalScrollBar()
    assert bar.value() == bar.maximum()
    assert view_of(transcript, 100).isVisible()


def test_elsewhere_the_reader_is_left_in_peace(transcript: Transcript, qtbot: QtBot) -> None:
    transcript.set_messages(conversation(60))
    bar = transcript.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    assert transcript.newest_button.isVisible()
    first = first_in_view(transcript)
    seen = (first.row.id, first.y())
    transcript.append_message(MessageRow(100, "assistant", "", state="streaming"))
    transcript.append_text(100, "word " * 500)
    assert text_of(transcript, 100).startswith("word")
    assert (first_in_view(transcript).row.id, first_in_view(transcript).y()) == seen
    QTest.mouseClick(transcript.newest_button, Qt.MouseButton.LeftButton)
    assert transcript.at_end
    assert transcript.newest_button.isHidden()
    assert shown_texts(view_of(transcript, 100))


def test_scrolling_up_moves_what_is_seen_by_exactly_the_step(transcript: Transcript) -> None:
    transcript.set_messages(conversation(400))
    bar = transcript.verticalScrollBar()
    for _step in range(150):
        first = first_in_view(transcript)
        row, before = first.row.id, first.y()
        bar.setValue(bar.value() - 120)
        assert view_of(transcript, row).y() == before + 120


def test_another_width_keeps_the_place(transcript: Transcript) -> None:
    transcript.set_messages(conversation(200))
    transcript.show_message(101)
    assert view_of(transcript, 101).y() == 0
    transcript.resize(420, 600)
    assert view_of(transcript, 101).y() == 0
    assert view_of(transcript, 101).width() == transcript.viewport().width()


def test_the_text_column_is_never_too_wide(transcript: Transcript) -> None:
    transcript.resize(1600, 600)
    transcript.set_messages(conversation(4))
    body = view_of(transcript, 3).body
    assert body.width() == theme.READING_COLUMN_PX
    assert abs(body.x() - (transcript.viewport().width() - body.width()) // 2) <= 1


@pytest.mark.parametrize("seed", range(8))
def test_a_streamed_answer_looks_like_the_whole(transcript: Transcript, seed: int) -> None:
    chance = random.Random(seed)
    whole = MessageRow(2, "assistant", ANSWER * 4)
    transcript.set_messages([MessageRow(1, "assistant", ANSWER * 4), MessageRow(2, "assistant", "", state="streaming")])
    position = 0
    while position < len(whole.text):
        size = chance.choice([1, 3, 10, 80])
        transcript.append_text(2, whole.text[position : position + size])
        position += size
        if chance.random() < 0.3:
            assert text_of(transcript, 2) == whole.text[:position]
    transcript.finish(whole)
    transcript.show_message(1)
    expected = shown_texts(view_of(transcript, 1))
    transcript.show_message(2)
    assert shown_texts(view_of(transcript, 2)) == expected


def test_pieces_are_drawn_together_after_a_moment(transcript: Transcript, qtbot: QtBot) -> None:
    transcript.set_messages([MessageRow(1, "assistant", "", state="streaming")])
    for piece in ("He", "llo ", "**wor", "ld**"):
        transcript.append_text(1, piece)
    view = view_of(transcript, 1)
    assert shown_texts(view) == []
    qtbot.waitUntil(lambda: shown_texts(view) == ["Hello world"])


def test_the_first_piece_after_a_pause_is_drawn_at_once(transcript: Transcript, qtbot: QtBot) -> None:
    transcript.set_messages([MessageRow(1, "assistant", "", state="streaming")])
    took: list[float] = []
    transcript.stream.drawn.connect(lambda took_ms, _: took.append(took_ms))
    transcript.append_text(1, "Hello")
    for _turn in range(3):
        QApplication.processEvents()  # without waiting
    assert shown_texts(view_of(transcript, 1)) == ["Hello"]
    transcript.append_text(1, " world")
    qtbot.waitUntil(lambda: shown_texts(view_of(transcript, 1)) == ["Hello world"])
    qtbot.waitUntil(lambda: len(took) == 2)


def test_parts_that_are_finished_are_not_drawn_again(transcript: Transcript) -> None:
    transcript.set_messages([MessageRow(1, "assistant", "", state="streaming")])
    transcript.append_text(1, "First.\n\n```python\nx = 1\n```\n\nSecond.\n\n")
    text_of(transcript, 1)
    first, card = view_of(transcript, 1).body.parts()[:2]
    changes: list[int] = []
    editor_of(first).document().contentsChanged.connect(lambda: changes.append(1))
    editor_of(card).document().contentsChanged.connect(lambda: changes.append(2))
    for word in ("Third ", "one.\n\n", "Fourth.\n\n```\ncode\n```\n"):
        transcript.append_text(1, word)
        text_of(transcript, 1)
    transcript.finish(MessageRow(1, "assistant", text_of(transcript, 1)))
    assert changes == []


def test_a_message_out_of_view_grows_without_widgets(transcript: Transcript) -> None:
    transcript.set_messages([*conversation(60), MessageRow(100, "assistant", "", state="streaming")])
    transcript.show_message(0)
    transcript.append_text(100, "text " * 100)
    assert text_of(transcript, 100) == "text " * 100
    assert 100 not in {view.row.id for view in transcript.stage.live().values()}
    transcript.show_message(100)
    assert shown_texts(view_of(transcript, 100)) == [("text " * 100).strip()]


def test_a_change_of_conversation_drops_what_was_on_its_way(transcript: Transcript, qtbot: QtBot) -> None:
    transcript.set_messages([MessageRow(1, "assistant", "", state="streaming")])
    transcript.append_text(1, "late")
    transcript.set_messages([MessageRow(2, "user", "other")])
    transcript.append_text(1, "later still")
    qtbot.wait(60)
    assert [view.row.text for view in transcript.stage.live().values()] == ["other"]


def test_earlier_messages_are_put_above_without_moving_anything(transcript: Transcript) -> None:
    rows = conversation(200)
    transcript.set_messages(rows[150:])
    transcript.prepend_messages(rows[100:150])
    assert transcript.verticalScrollBar().value() == transcript.verticalScrollBar().maximum()
    assert shown_texts(view_of(transcript, 199))
    transcript.show_message(120)
    transcript.verticalScrollBar().setValue(transcript.verticalScrollBar().value() + 37)
    seen = (first_in_view(transcript).row.id, first_in_view(transcript).y())
    transcript.prepend_messages(rows[:100])
    assert (first_in_view(transcript).row.id, first_in_view(transcript).y()) == seen
    assert not transcript.at_end
    transcript.replace_message(MessageRow(121, "assistant", "Changed."))
    assert text_of(transcript, 121) == "Changed."
    transcript.show_message(0)
    assert first_in_view(transcript).row.id == 0


def test_the_keyboard_goes_on_from_the_same_message_when_earlier_ones_come(
    transcript: Transcript, qtbot: QtBot
) -> None:
    rows = conversation(60)
    transcript.set_messages(rows[30:])
    transcript.activateWindow()
    qtbot.waitUntil(transcript.hasFocus)
    QTest.keyClick(transcript, Qt.Key.Key_Tab)
    transcript.prepend_messages(rows[:30])
    focused = QApplication.focusWidget()
    assert focused is view_of(transcript, 59)
    QTest.keyClick(focused, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert QApplication.focusWidget() is view_of(transcript, 58)


def test_messages_are_replaced_and_removed(transcript: Transcript) -> None:
    transcript.set_messages(conversation(6))
    transcript.replace_message(MessageRow(3, "assistant", "Another answer."))
    assert text_of(transcript, 3) == "Another answer."
    assert shown_texts(view_of(transcript, 3)) == ["Another answer."]
    transcript.remove_from(4)
    assert {view.row.id for view in transcript.stage.live().values()} == {0, 1, 2, 3}
    transcript.append_message(MessageRow(9, "user", "New."))
    assert text_of(transcript, 9) == "New."
    with pytest.raises(KeyError):
        text_of(transcript, 4)


def test_the_whole_conversation_can_go(transcript: Transcript) -> None:
    transcript.set_messages(conversation(6))
    transcript.remove_from(0)
    assert transcript.stage.live() == {}
    transcript.set_messages([])
    transcript.append_message(MessageRow(1, "user", "Again."))
    assert shown_texts(view_of(transcript, 1)) == ["Again."]


def test_a_found_message_is_shown_with_its_words_marked(transcript: Transcript) -> None:
    rows = conversation(300)
    rows[151] = MessageRow(
        151, "assistant", "filler\n\n" * 80 + "Here is the needle in 干草堆.\n\n```\nneedle()\n```\n"
    )
    transcript.set_messages(rows)
    transcript.show_message(151, "NEEDLE 草")
    view = view_of(transcript, 151)
    marked = [
        selection.cursor.selectedText().lower()
        for part in view.body.parts()
        for selection in editor_of(part).extraSelections()
    ]
    assert sorted(marked) == ["needle", "needle", "草"]
    editor = next(editor_of(part) for part in view.body.parts() if editor_of(part).extraSelections())
    assert isinstance(editor, QTextEdit)
    selections = editor.extraSelections()
    place = editor.mapTo(transcript.viewport(), editor.cursorRect(selections[0].cursor).topLeft())
    assert 0 <= place.y() < transcript.viewport().height()
    transcript.show_message(150)
    assert not any(editor_of(part).extraSelections() for part in view.body.parts())


def test_marks_come_back_with_the_message(transcript: Transcript) -> None:
    transcript.set_messages(conversation(300))
    transcript.show_message(150, "question")
    transcript.show_message(0)
    transcript.show_message(150, "question")
    transcript.scroll_to_end()
    transcript.scroll_to(150)
    assert editor_of(view_of(transcript, 150).body.parts()[0]).extraSelections()


def test_the_keyboard_scrolls(transcript: Transcript) -> None:
    transcript.set_messages(conversation(100))
    bar = transcript.verticalScrollBar()
    QTest.keyClick(transcript, Qt.Key.Key_Home)
    assert bar.value() == 0
    QTest.keyClick(transcript, Qt.Key.Key_PageDown)
    page = bar.value()
    assert 0 < page < transcript.viewport().height()
    QTest.keyClick(transcript, Qt.Key.Key_Down)
    assert bar.value() > page
    QTest.keyClick(transcript, Qt.Key.Key_PageUp)
    QTest.keyClick(transcript, Qt.Key.Key_Up)
    assert bar.value() <= page
    QTest.keyClick(transcript, Qt.Key.Key_End)
    assert transcript.at_end


def test_scroll_keys_work_from_inside_a_message(transcript: Transcript) -> None:
    transcript.set_messages([*conversation(40), MessageRow(99, "assistant", ANSWER)])
    for part in view_of(transcript, 99).body.parts():
        editor_of(part).setFocus()
        QTest.keyClick(editor_of(part), Qt.Key.Key_Home)
        assert transcript.verticalScrollBar().value() == 0
        QTest.keyClick(editor_of(part), Qt.Key.Key_End)
        assert transcript.at_end


def test_alt_and_arrows_move_between_messages(transcript: Transcript, qtbot: QtBot) -> None:
    transcript.set_messages(conversation(100))
    transcript.activateWindow()
    qtbot.waitUntil(transcript.hasFocus)
    QTest.keyClick(transcript, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is view_of(transcript, 99)
    for expected in (98, 97, 96, 95, 94, 93):
        focused = QApplication.focusWidget()
        assert focused is not None
        QTest.keyClick(focused, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
        view = view_of(transcript, expected)
        assert QApplication.focusWidget() is view
        assert view.y() >= 0
        assert view.footer.copy_button.isVisible()
    QApplication.sendEvent(view_of(transcript, 94), QEvent(QEvent.Type.Leave))  # wherever the pointer is
    assert not view_of(transcript, 94).footer.copy_button.isVisible()


def test_tab_leaves_the_transcript_after_the_message(qtbot: QtBot) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    before, transcript, after = QLineEdit(holder), Transcript(holder), QLineEdit(holder)
    transcript.setGeometry(0, 30, 600, 400)
    transcript.set_messages(conversation(20))
    holder.resize(600, 500)
    holder.show()
    holder.activateWindow()
    before.setFocus()
    qtbot.waitUntil(before.hasFocus)
    QTest.keyClick(before, Qt.Key.Key_Tab)
    view = view_of(transcript, 19)
    assert QApplication.focusWidget() is view
    while not after.hasFocus():
        focused = QApplication.focusWidget()
        assert focused is view or (focused is not None and view.isAncestorOf(focused))
        QTest.keyClick(focused, Qt.Key.Key_Tab)
    QTest.keyClick(after, Qt.Key.Key_Backtab)
    QTest.keyClick(view_of(transcript, 19), Qt.Key.Key_Backtab)
    assert before.hasFocus()
    holder.close()


def test_the_message_with_the_focus_stays_while_scrolling(transcript: Transcript, qtbot: QtBot) -> None:
    transcript.set_messages(conversation(200))
    transcript.activateWindow()
    qtbot.waitUntil(transcript.hasFocus)
    QTest.keyClick(transcript, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is view_of(transcript, 199)
    QTest.keyClick(view_of(transcript, 199), Qt.Key.Key_Home)
    assert transcript.verticalScrollBar().value() == 0
    assert QApplication.focusWidget() is view_of(transcript, 199)
    assert len(transcript.stage.live()) < 25


def test_another_theme_is_followed(transcript: Transcript, qapp: QApplication, qtbot: QtBot) -> None:
    transcript.set_messages([MessageRow(1, "assistant", ANSWER)])
    card = view_of(transcript, 1).body.parts()[1]

    def keyword_color() -> str:
        formats = editor_of(card).document().firstBlock().layout().formats()
        return str(formats[0].format.foreground().color().name())

    before = qapp.palette()
    dark = QPalette()
    dark.setColor(QPalette.ColorRole.Window, "#101010")
    qapp.setPalette(dark)
    qtbot.waitUntil(lambda: keyword_color() == theme.DARK.code_keyword)
    qapp.setPalette(before)
    qtbot.waitUntil(lambda: keyword_color() == theme.LIGHT.code_keyword)


def test_zoom_makes_text_larger_and_keeps_the_place(transcript: Transcript) -> None:
    transcript.set_messages(conversation(100))
    transcript.show_message(51)
    before = view_of(transcript, 51).height()
    transcript.set_zoom(200)
    view = view_of(transcript, 51)
    assert view.y() == 0
    assert view.height() > before
    assert editor_of(view.body.parts()[0]).document().defaultFont().pixelSize() == 2 * theme.BODY_PX
    transcript.set_zoom(100)
    assert view_of(transcript, 51).height() == before


def test_zoom_holds_for_messages_that_come_later(transcript: Transcript, qtbot: QtBot) -> None:
    transcript.set_zoom(200)
    transcript.set_messages(conversation(40))
    for place in (0, 20, 39):
        transcript.scroll_to(place)
        qtbot.wait(0)
        for view in transcript.stage.live().values():
            for part in view.body.parts():
                assert editor_of(part).document().defaultFont().pixelSize() == 2 * theme.BODY_PX
                assert editor_of(part).verticalScrollBar().maximum() == 0


def test_unfolding_at_the_end_keeps_the_line_under_the_pointer(transcript: Transcript) -> None:
    rows = [*conversation(40), MessageRow(99, "assistant", "End.", reasoning="Hm.\n\n" * 60)]
    transcript.set_messages(rows)
    before = view_of(transcript, 99).y()
    view_of(transcript, 99).reasoning.button.click()
    assert view_of(transcript, 99).y() == before
    assert transcript.newest_button.isVisible()
    view_of(transcript, 99).reasoning.button.click()
    assert transcript.at_end


def test_alt_and_arrows_work_from_inside_a_text(transcript: Transcript, qtbot: QtBot) -> None:
    transcript.set_messages([MessageRow(1, "user", "Q"), MessageRow(2, "assistant", ANSWER)])
    transcript.activateWindow()
    for part in view_of(transcript, 2).body.parts():
        editor_of(part).setFocus()
        qtbot.waitUntil(editor_of(part).hasFocus)
        QTest.keyClick(editor_of(part), Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
        assert QApplication.focusWidget() is view_of(transcript, 1)


def test_requests_carry_the_message(transcript: Transcript, qtbot: QtBot) -> None:
    rows = [
        MessageRow(1, "user", "Q", version=(2, 3)),
        MessageRow(2, "assistant", "A", state="stopped", version=(1, 2)),
    ]
    transcript.set_messages(rows)
    user, answer = view_of(transcript, 1), view_of(transcript, 2)
    for view in (user, answer):
        view.set_current(True)
    for button, signal, expected in (
        (user.footer.edit_button, transcript.edit_requested, [1]),
        (user.footer.previous_button, transcript.version_requested, [1, -1]),
        (user.footer.next_button, transcript.version_requested, [1, 1]),
        (answer.footer.regenerate_button, transcript.regenerate_requested, [2]),
        (answer.note.continue_button, transcript.continue_requested, [2]),
    ):
        with qtbot.waitSignal(signal) as caught:
            QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        assert caught.args == expected
    assert not answer.footer.previous_button.isEnabled()


def test_a_scroll_bar_of_no_use_is_not_offered(transcript: Transcript) -> None:
    transcript.set_messages(conversation(2))
    assert not transcript.verticalScrollBar().isEnabled()
    transcript.set_messages(conversation(40))
    assert transcript.verticalScrollBar().isEnabled()


def test_a_selection_drawn_beyond_the_edge_scrolls_on(transcript: Transcript, qtbot: QtBot) -> None:
    viewport, below = _drawn_beyond(transcript)
    bar = transcript.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.value() > 600)
    assert "Line 30." in view_of(transcript, 1).body.selection.text()
    _mouse(QEvent.Type.MouseButtonRelease, viewport, below)
    with qtbot.assertNotEmitted(bar.valueChanged, wait=100):
        pass


@pytest.mark.parametrize("leave", ["another conversation", "another tab"])
def test_a_drawn_selection_is_over_when_what_it_is_in_goes(transcript: Transcript, qtbot: QtBot, leave: str) -> None:
    """The button may be released where nobody hears of it."""
    _drawn_beyond(transcript)
    bar = transcript.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.value() > 0)
    if leave == "another tab":
        transcript.hide()
        transcript.show()
    else:
        transcript.set_messages([LONG_ROW])
        transcript.scroll_to(0)
    with qtbot.assertNotEmitted(bar.valueChanged, wait=100):
        pass


def _drawn_beyond(transcript: Transcript) -> tuple[QWidget, QPoint]:
    """Press in the first line and move below the lower edge; what was pressed, and where the pointer is then."""
    transcript.set_messages([LONG_ROW])
    transcript.scroll_to(0)
    viewport = editor_of(view_of(transcript, 1).body.parts()[0]).viewport()
    below = viewport.mapFromGlobal(transcript.viewport().mapToGlobal(QPoint(60, transcript.height() + 30)))
    _mouse(QEvent.Type.MouseButtonPress, viewport, QPoint(4, 4))
    _mouse(QEvent.Type.MouseMove, viewport, below)
    return viewport, below


def _mouse(kind: QEvent.Type, viewport: QWidget, place: QPoint) -> None:
    """Press, move or release the left button; the pointer may have left the widget."""
    left, is_move = Qt.MouseButton.LeftButton, kind is QEvent.Type.MouseMove
    held = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseButtonRelease else left
    event = QMouseEvent(
        kind, QPointF(place), QPointF(viewport.mapToGlobal(place)), Qt.MouseButton.NoButton if is_move else left, held,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(viewport, event)


def test_unfolded_reasoning_stays_unfolded(transcript: Transcript) -> None:
    rows = conversation(100)
    rows[51] = replace(rows[51], reasoning="I think.", reasoning_s=3)
    transcript.set_messages(rows)
    transcript.show_message(51)
    folded = view_of(transcript, 51).height()
    view_of(transcript, 51).reasoning.button.click()
    assert view_of(transcript, 51).height() > folded
    transcript.show_message(0)
    transcript.show_message(51)
    assert view_of(transcript, 51).reasoning.body.isVisible()
    assert editor_of(view_of(transcript, 51).reasoning.body.parts()[0]).toPlainText() == "I think."

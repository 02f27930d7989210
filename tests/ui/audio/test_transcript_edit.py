"""TranscriptEdit: corrections in place, undo, and paragraphs that never change in number."""

from collections.abc import Sequence

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QInputMethodEvent, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.model.audio import Segment, Word
from app.ui.audio.transcript_edit import TranscriptEdit

SEGMENTS = (
    Segment(0, 1, "One two.", (Word("One", 0, 0.5), Word("two.", 0.5, 1))),
    Segment(1, 2, "Three four."),
    Segment(2, 3, "Five six."),
)
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def edit(qtbot: QtBot) -> TranscriptEdit:
    made = TranscriptEdit()
    qtbot.addWidget(made)
    made.resize(400, 300)
    made.set_segments(SEGMENTS)
    made.show()
    return made


def _texts(edit: TranscriptEdit) -> list[str]:
    return [segment.text for segment in edit.segments()]


def _select(edit: TranscriptEdit, first: int, start: int, last: int, end: int) -> None:
    """From a place in one paragraph to a place in another."""
    cursor = edit.textCursor()
    cursor.setPosition(edit.document().findBlockByNumber(first).position() + start)
    cursor.setPosition(edit.document().findBlockByNumber(last).position() + end, QTextCursor.MoveMode.KeepAnchor)
    edit.setTextCursor(cursor)


def test_a_changed_segment_keeps_its_times_and_loses_words_that_no_longer_fit(edit: TranscriptEdit) -> None:
    assert edit.segments() == SEGMENTS
    QTest.keyClicks(edit, "Oh, ")
    assert edit.segments() == (Segment(0, 1, "Oh, One two."), *SEGMENTS[1:])
    edit.undo()
    assert edit.segments() == SEGMENTS


def test_undo_reaches_back_to_what_was_recognised_and_no_further(edit: TranscriptEdit) -> None:
    QTest.keyClicks(edit, "x")
    for _ in range(5):
        QTest.keyClick(edit, Qt.Key.Key_Z, CONTROL)
    assert edit.segments() == SEGMENTS


@pytest.mark.parametrize(
    ("place", "key"),
    [
        ((1, 0, 1, 0), Qt.Key.Key_Backspace),
        ((0, 8, 0, 8), Qt.Key.Key_Delete),
        ((0, 3, 0, 3), Qt.Key.Key_Return),
        ((0, 3, 0, 3), Qt.Key.Key_Enter),
    ],
)
def test_no_key_joins_or_splits_paragraphs(edit: TranscriptEdit, place: Sequence[int], key: Qt.Key) -> None:
    _select(edit, *place)
    QTest.keyClick(edit, key)
    assert edit.segments() == SEGMENTS


def test_enter_goes_to_the_next_paragraph(edit: TranscriptEdit) -> None:
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert edit.textCursor().blockNumber() == 1


@pytest.mark.parametrize("key", [Qt.Key.Key_Delete, Qt.Key.Key_Backspace])
def test_deleting_over_several_paragraphs_empties_them_in_one_step(edit: TranscriptEdit, key: Qt.Key) -> None:
    _select(edit, 0, 4, 2, 4)
    QTest.keyClick(edit, key)
    assert _texts(edit) == ["One ", "", " six."]
    edit.undo()
    assert edit.segments() == SEGMENTS


def test_typing_over_several_paragraphs_replaces_their_text(edit: TranscriptEdit) -> None:
    _select(edit, 0, 4, 1, 5)
    QTest.keyClick(edit, Qt.Key.Key_X)
    assert _texts(edit) == ["One x", " four.", "Five six."]


def test_cutting_over_several_paragraphs_keeps_them_apart(edit: TranscriptEdit) -> None:
    _select(edit, 0, 4, 1, 5)
    QTest.keyClick(edit, Qt.Key.Key_X, CONTROL)
    assert _texts(edit) == ["One ", " four.", "Five six."]
    assert QApplication.clipboard().text() == "two.\nThree"


def test_pasted_lines_become_one(edit: TranscriptEdit) -> None:
    data = QMimeData()
    data.setText("A\nB\n\nC")
    _select(edit, 1, 0, 2, 4)
    edit.insertFromMimeData(data)
    assert _texts(edit) == ["One two.", "A B C", " six."]


def test_an_input_method_replaces_a_selection_without_joining(edit: TranscriptEdit) -> None:
    _select(edit, 0, 4, 1, 5)
    event = QInputMethodEvent()
    event.setCommitString("你好")
    QApplication.sendEvent(edit, event)
    assert _texts(edit) == ["One 你好", " four.", "Five six."]


def test_what_arrives_is_added_without_touching_the_rest(edit: TranscriptEdit) -> None:
    edited: list[bool] = []
    edit.edited.connect(lambda: edited.append(True))
    edit.setReadOnly(True)
    longer = (*SEGMENTS, Segment(3, 4, "Seven."))
    edit.set_segments(longer)
    assert edit.segments() == longer
    edit.set_segments((longer[0], Segment(1, 2, "Changed."), longer[3]))
    assert _texts(edit) == ["One two.", "Changed.", "Seven."]
    edit.set_segments(())
    assert edit.segments() == ()
    edit.set_segments(SEGMENTS)
    assert edit.segments() == SEGMENTS
    assert not edited


def test_a_line_break_in_a_segment_does_not_make_a_paragraph(edit: TranscriptEdit) -> None:
    edit.set_segments([Segment(0, 1, "one\ntwo"), Segment(1, 2, "three")])
    assert edit.document().blockCount() == 2


def test_while_it_grows_it_cannot_be_changed(edit: TranscriptEdit) -> None:
    edit.setReadOnly(True)
    _select(edit, 0, 0, 1, 3)
    for key in (Qt.Key.Key_Delete, Qt.Key.Key_A):
        QTest.keyClick(edit, key)
    QTest.keyClick(edit, Qt.Key.Key_X, CONTROL)
    assert edit.segments() == SEGMENTS


def test_control_and_enter_or_a_click_play_the_segment(edit: TranscriptEdit, qtbot: QtBot) -> None:
    wanted: list[int] = []
    edit.play_requested.connect(wanted.append)
    _select(edit, 2, 0, 2, 0)
    QTest.keyClick(edit, Qt.Key.Key_Return, CONTROL)
    top, bottom = edit.span_of(edit.document().findBlockByNumber(1))
    middle = edit.viewport().rect().topLeft()
    middle.setX(30)
    middle.setY(round((top + bottom) / 2))
    QTest.mouseClick(edit.viewport(), Qt.MouseButton.LeftButton, CONTROL, middle)
    assert wanted == [2, 1]
    with qtbot.waitSignal(edit.segment_clicked) as clicked:
        QTest.mouseClick(edit.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle)
    assert clicked.args is not None
    assert clicked.args[0] == 1


def test_a_transcript_of_three_thousand_segments_grows_by_what_is_new_only(edit: TranscriptEdit) -> None:
    many = [Segment(n, n + 1, f"Sentence number {n} of a long afternoon.") for n in range(3_000)]
    edit.set_segments(many)
    changes: list[tuple[int, int]] = []
    edit.document().contentsChange.connect(lambda _place, removed, added: changes.append((removed, added)))
    edit.set_segments([*many, Segment(3_000, 3_001, "And one more.")])
    assert edit.count == edit.document().blockCount() == 3_001
    assert sum(removed + added for removed, added in changes) < 2 * len("\nAnd one more.")

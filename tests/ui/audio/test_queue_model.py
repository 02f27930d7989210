"""QueueModel: rows are added, changed and removed in place, and read aloud whole."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from app.model.audio import Headway, QueueEntry, Recording, RecordingOrigin, RecordingState, TranscriptState
from app.ui.audio.queue_model import ITEM_ROLE, QueueItem, QueueModel

TALK = Recording(1, "Talk", Path("/talk.wav"), RecordingOrigin.FILE, RecordingState.READY, datetime.now(UTC), 65.0)
NOTE = replace(TALK, id=2, name="Note", origin=RecordingOrigin.MICROPHONE, state=RecordingState.RECOVERED)

DONE, STOPPED, FAILED = map(Headway, (TranscriptState.COMPLETE, TranscriptState.STOPPED, TranscriptState.FAILED))


@pytest.fixture
def model() -> QueueModel:
    made = QueueModel()
    QAbstractItemModelTester(made, QAbstractItemModelTester.FailureReportingMode.Fatal, made)
    made.set_entries([QueueEntry(TALK, DONE)])
    return made


def test_new_ones_come_first_and_known_ones_change_in_place(model: QueueModel) -> None:
    model.put(NOTE)
    model.put(replace(TALK, name="Speech"))
    assert [item.recording.name for item in model.items()] == ["Note", "Speech"]
    assert model.items()[1].headway == DONE
    model.remove(NOTE.id)
    model.remove(99)
    assert [item.recording.id for item in model.items()] == [1]


def test_state_and_activity_belong_to_their_row(model: QueueModel) -> None:
    changed: list[int] = []
    model.dataChanged.connect(lambda first, _: changed.append(first.row()))
    model.put(NOTE)
    model.set_headway(NOTE.id, FAILED)
    model.set_activity(NOTE.id, "Waiting", 0.5)
    model.set_activity(NOTE.id, "Waiting", 0.5)
    model.set_activity(99, "x")
    assert model.item(NOTE.id) == QueueItem(NOTE, FAILED, "Waiting", 0.5)
    assert model.item(99) is None
    assert changed == [0, 0]


@pytest.mark.parametrize(
    ("item", "status"),
    [
        (QueueItem(TALK), ""),
        (QueueItem(NOTE), "Recovered after a crash"),
        (QueueItem(NOTE, DONE), "Transcribed"),
        (QueueItem(NOTE, Headway(TranscriptState.COMPLETE, has_text=False)), "No speech found"),
        (QueueItem(NOTE, Headway(TranscriptState.FAILED, has_text=False)), "Failed"),
        (QueueItem(TALK, STOPPED), "Stopped in the middle"),
        (QueueItem(TALK, STOPPED, "Waiting for its turn"), "Waiting for its turn"),
        (QueueItem(replace(NOTE, state=RecordingState.RECORDING)), "Recording"),
    ],
)
def test_the_status_says_the_most_recent(item: QueueItem, status: str) -> None:
    assert item.status() == status


def test_a_row_is_read_aloud_with_everything_that_is_drawn(model: QueueModel) -> None:
    index = model.index(0)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "Talk, 1:05, Transcribed"
    assert index.data(Qt.ItemDataRole.ToolTipRole) == "Talk\n/talk.wav"
    assert index.data(ITEM_ROLE).recording == TALK
    model.put(replace(TALK, name="<img src='/x.png'>"))
    assert "<img" not in model.index(0).data(Qt.ItemDataRole.ToolTipRole), "a name is not read as HTML"


def test_a_new_name_is_told_unless_it_says_nothing_new(model: QueueModel) -> None:
    told: list[str] = []
    model.renamed.connect(lambda _, name: told.append(name))
    for name in ("  Speech ", "Talk", "   "):
        model.setData(model.index(0), name)
    assert told == ["Speech"]

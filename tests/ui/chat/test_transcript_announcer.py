"""Growing answers are read out sentence by sentence."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QObject

from app.ui.chat.transcript_announcer import TranscriptAnnouncer


def announced(text: str, size: int) -> list[str]:
    speaker = QObject()
    announcer = TranscriptAnnouncer(speaker)
    said: list[str] = []
    announcer.announced.connect(said.append)
    for start in range(0, len(text), size):
        announcer.add(text[start : start + size])
    announcer.finish()
    return said


@pytest.mark.parametrize("size", [1, 3, 1_000])
@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Version 3.5 is out. Yes.", ["Version 3.5 is out.", "Yes."]),
        ("你好。今天好吗？好", ["你好。", "今天好吗？", "好"]),
        ("## A *title*\n\nSee [the docs](http://x.y) now.", ["A title", "See the docs now."]),
        ("Try:\n```py\nx = 1. \n```\nDone.", ["Try:", "Code", "Done."]),
        ("", []),
    ],
)
def test_sentences(text: str, sentences: list[str], size: int) -> None:
    assert announced(text, size) == sentences

"""ElidedLabel beside its neighbours; how it shortens is tested with those that use it."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from app.ui.widgets.elided_label import ElidedLabel


def test_nothing_moves_for_letters_of_another_font(qtbot: QtBot) -> None:
    label = ElidedLabel()
    qtbot.addWidget(label)
    label.keep_height()
    heights = []
    for text in ("Tides", "潮汐是什么？", "مد وجزر", "👩‍👩‍👧", ""):
        label.setText(text)
        heights.append((label.sizeHint().height(), label.minimumSizeHint().height()))
    assert len(set(heights)) == 1

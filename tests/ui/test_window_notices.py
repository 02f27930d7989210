"""What the window says of its data when it opens."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtWidgets import QApplication

from app.model.backups import Restored
from app.ui.window_notices import restored_notice

THEN = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)


def test_a_restored_state_names_the_providers_that_it_switched_off(qapp: QApplication) -> None:
    done: list[str] = []
    told = restored_notice(
        Restored(THEN, 3, None, ("Work", "Home")), lambda: done.append("undo"), lambda: done.append("open")
    )
    assert told.text.endswith(" Switched off until you have checked the address: Work, Home.")
    told.actions[-1][1]()
    assert done == ["open"]


def test_a_restored_state_can_be_given_up_again(qapp: QApplication) -> None:
    done: list[str] = []
    told = restored_notice(Restored(THEN, 3, None), lambda: done.append("undo"), lambda: done.append("open"))
    assert told.text == "Conversations in it: 3. What was there before is kept as a backup."
    ((_, undo),) = told.actions
    undo()
    assert done == ["undo"]

"""What the window says of its data when it opens."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.model.backups import Restored
from app.paths import Paths
from app.services.history.store import History
from app.services.settings import SettingsStore
from app.ui.notices import NoticeBar
from app.ui.window_notices import restore, restored_notice
from app.workers.backups import BackupWorker

THEN = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)


def test_a_restored_state_names_the_providers_that_it_switched_off(qapp: QApplication) -> None:
    done: list[str] = []
    told = restored_notice(
        Restored(THEN, 3, None, ("Work", "Home")), lambda: done.append("undo"), lambda: done.append("open")
    )
    assert told.text.endswith(" Switched off until you have checked the address: Work, Home.")
    told.actions[-1][1]()
    assert done == ["open"]


def test_while_a_backup_is_put_in_place_the_window_says_so(qtbot: QtBot, paths: Paths) -> None:
    notices = NoticeBar()
    qtbot.addWidget(notices)

    async def story() -> None:
        assert await restore(paths, notices) is None
        history = await History.open(paths)
        await history.conversations.create(title="Old")
        backups = BackupWorker(history, SettingsStore(paths.settings_file), paths)
        await backups.stage(await backups.make())
        await history.aclose()
        restoring = asyncio.ensure_future(restore(paths, notices))
        await asyncio.sleep(0)
        (card,) = notices.cards
        assert card.title_label.text() == "The backup is being put in place"
        restored = await restoring
        assert isinstance(restored, Restored)
        assert restored.conversations == 1
        assert notices.cards == []
        paths.staged_restore.mkdir()
        assert await restore(paths, notices) is None
        assert len(notices.cards) == 1, "what failed is said"

    asyncio.run(story())


def test_a_restored_state_can_be_given_up_again(qapp: QApplication) -> None:
    done: list[str] = []
    told = restored_notice(Restored(THEN, 3, None), lambda: done.append("undo"), lambda: done.append("open"))
    assert told.text == "Conversations in it: 3. What was there before is kept as a backup."
    ((_, undo),) = told.actions
    undo()
    assert done == ["undo"]

"""What the window says of its data when it opens: repaired, restored, or on a disk that takes nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, Signal

from app.model.errors import AppError
from app.model.visible import one_line
from app.ui.notices import Notice, NoticeBar, Severity
from app.ui.translation import in_a_row, shown_moment

if TYPE_CHECKING:
    from app.model.backups import Restored
    from app.paths import Paths

type Action = Callable[[], object]

REPAIRING = "repairing"
"""The kind of the notice that is there while the history is repaired."""
RESTORING = "restoring"
"""The same while a backup is put in place."""
SHOWN_EVERY_S = 1.0


def repair_notice(share: float) -> Notice:
    """`share` of the damaged file was read, between 0 and 1."""
    translate = QCoreApplication.translate
    return Notice(
        REPAIRING,
        translate("WindowNotices", "The history is damaged and being repaired: {percent} %").format(
            percent=int(share * 100)
        ),
        translate("WindowNotices", "What can be read of it will be there in a moment. The damaged file is kept."),
        severity=Severity.WARNING,
        lasts=True,
    )


def restored_notice(restored: Restored, undo: Action | None, open_providers: Action) -> Notice:
    """A whole backup took the place of the data; `undo` brings back what was there before, if that was kept."""
    translate = QCoreApplication.translate
    text = translate("WindowNotices", "Conversations in it: {count}.").format(count=restored.conversations)
    actions: list[tuple[str, Action]] = []
    if undo is not None:
        text += " " + translate("WindowNotices", "What was there before is kept as a backup.")
        actions.append((translate("WindowNotices", "Undo the restore"), undo))
    if restored.switched_off:
        names = in_a_row(map(one_line, restored.switched_off))
        text += " " + translate("WindowNotices", "Switched off until you have checked the address: {names}.").format(
            names=names
        )
        actions.append((translate("WindowNotices", "Open provider settings"), open_providers))
    return Notice(
        "restored",
        translate("WindowNotices", "The state of {moment} is back").format(moment=shown_moment(restored.made_at)),
        text,
        severity=Severity.INFO,
        actions=tuple(actions),
        lasts=True,
    )


def restoring_notice() -> Notice:
    """A backup is being put in the place of the data."""
    translate = QCoreApplication.translate
    return Notice(
        RESTORING,
        translate("WindowNotices", "The backup is being put in place"),
        translate("WindowNotices", "Everything will be there in a moment. The present data becomes a backup itself."),
        severity=Severity.INFO,
        lasts=True,
    )


async def restore(paths: Paths, notices: NoticeBar) -> Restored | None:
    """Put a backup that was chosen in the place of the data, and say so meanwhile; None if none was, or it cannot be.

    Only for the moment before anybody uses the data.
    """
    if not paths.staged_restore.is_dir():
        return None
    from app.workers.backups import finish_restore

    notices.show_notice(restoring_notice)
    try:
        restored = await asyncio.to_thread(finish_restore, paths)
    finally:
        notices.dismiss(RESTORING)
    if isinstance(restored, AppError):
        notices.show_error(restored)
        return None
    return restored


class Repair(QObject):
    """Shows how far a repair is; one that is over at once is only told of when it is done. `tell` is for any thread."""

    _told = Signal(float)

    def __init__(self, notices: NoticeBar) -> None:
        super().__init__(notices)
        self._notices = notices
        self._shown: float | None = None
        self._told.connect(self._on_told)

    def tell(self, share: float) -> None:
        """So much of the damaged file was read."""
        now = time.monotonic()
        if self._shown is None:
            self._shown = now
        if now - self._shown >= SHOWN_EVERY_S:
            self._shown = now
            self._told.emit(share)

    def end(self) -> None:
        """It is over, or there was none."""
        self._told.disconnect(self._on_told)
        self._notices.dismiss(REPAIRING)

    def _on_told(self, share: float) -> None:
        self._notices.show_notice(lambda: repair_notice(share))

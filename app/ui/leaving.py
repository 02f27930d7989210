"""Leaving: nobody quits without being told what would be lost; what ends then is not its business."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from app.ui.job import Job
from app.ui.tab import Tab


class SessionEnd(Protocol):
    """What the desktop lets a program say when the user logs out; QSessionManager."""

    def allowsInteraction(self) -> bool: ...
    def release(self) -> None: ...
    def cancel(self) -> None: ...


class Leaving(QObject):
    """Signals:
    allowed(): everything is stored, or may be lost.
    declined(): the user would rather stay.
    export_requested(): the user would rather take everything along first.
    """

    allowed = Signal()
    declined = Signal()
    export_requested = Signal()

    def __init__(self, host: QWidget, tabs: Callable[[], Iterable[Tab]]) -> None:
        super().__init__(host)
        self._host = host
        self._tabs = tabs
        self._asking = Job(self)
        self._may_go = False
        self.is_session_lost: Callable[[], bool] = lambda: False
        """Whether the history is in memory alone, and something was added to it."""
        desktop = QGuiApplication.instance()
        if isinstance(desktop, QGuiApplication):
            desktop.commitDataRequest.connect(self.hold_up)

    def begin(self) -> bool:
        """True if the window may close at once; else `allowed` or `declined` follows."""
        may_lose_words = any(tab.unsaved is not None and tab.unsaved.may_be_lost for tab in self._tabs())
        if self._may_go or not (may_lose_words or self._loses_more()):
            return True
        self._asking.start(self._ask())
        return False

    def hold_up(self, end: SessionEnd) -> None:
        """The user logs out: hold that up and ask, but only where something would be lost that quitting cannot store.

        What can be stored is: the desktop closes the window next.
        """
        is_refused = any(tab.unsaved is not None and tab.unsaved.is_refused for tab in self._tabs())
        if not self._may_go and (is_refused or self._loses_more()) and end.allowsInteraction():
            end.release()
            end.cancel()
            self._asking.start(self._ask())

    def _loses_more(self) -> bool:
        """More than words."""
        files = (tab.unsaved_files.count for tab in self._tabs() if tab.unsaved_files is not None)
        return any(tab.unfinished() for tab in self._tabs()) or any(files) or self.is_session_lost()

    async def _ask(self) -> None:
        """One thing after the other; whoever wants to stay is asked no further."""
        from app.ui import leaving_questions  # the first paint does not need them

        tabs = list(self._tabs())
        may_go = (
            await leaving_questions.about_work(self._host, tabs)
            and await leaving_questions.about_words(self._host, tabs)
            and await leaving_questions.about_files(self._host, tabs)
        )
        if may_go and self.is_session_lost():
            may_go = await leaving_questions.about_session(self._host, self.export_requested.emit)
        self._may_go = may_go
        (self.allowed if may_go else self.declined).emit()

"""Leaving: nobody quits without being told what would be lost; what ends then is not its business."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from app.ui.job import Job
from app.ui.tab import Tab

TRY_AGAIN, COPY, QUIT = range(3)


class Leaving(QObject):
    """Signals: allowed(): everything is stored, or may be lost."""

    allowed = Signal()

    def __init__(self, host: QWidget, tabs: Callable[[], Iterable[Tab]]) -> None:
        super().__init__(host)
        self._host = host
        self._tabs = tabs
        self._asking = Job(self)
        self._may_go = False

    def begin(self) -> bool:
        """True if the window may close at once; else `allowed` follows, unless the user would rather stay."""
        if self._may_go or not any(tab.unsaved is not None and tab.unsaved.may_be_lost for tab in self._tabs()):
            return True
        self._asking.start(self._ask())
        return False

    async def _ask(self) -> None:
        text = await self._unsaved()
        is_copied = False
        while text:
            match await self._choice(is_copied):
                case None:
                    return
                case number if number == COPY:
                    QGuiApplication.clipboard().setText(text)
                    is_copied = True
                case number if number == QUIT:
                    break
                case _:
                    text = await self._unsaved()
        self._may_go = True
        self.allowed.emit()

    async def _choice(self, is_copied: bool) -> int | None:
        title = self.tr("Quit although something could not be saved?")
        text = self.tr(
            "The disk did not take what was written last. Free some space and try again, or copy it and keep it "
            "elsewhere. Otherwise it is lost."
        )
        if is_copied:
            text = self.tr("It is on the clipboard: paste it somewhere before you turn off the computer.")
        labels = (self.tr("Try again"), self.tr("Copy the text"), self.tr("Quit anyway"))
        from app.ui import ask  # the first paint does not need it

        return await ask.choose(self._host, title, text, labels)

    async def _unsaved(self) -> str:
        """What is left after another try."""
        left = []
        for tab in self._tabs():
            if tab.unsaved is not None:
                await tab.unsaved.save()
                left.append(tab.unsaved.text())
        return "\n\n".join(filter(None, left))

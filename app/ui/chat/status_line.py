"""StatusLine: one quiet line above the composer that says what an answer is waiting for, with a countdown."""

from __future__ import annotations

import math
import time

from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtWidgets import QWidget

from app.model.chat import EngineStarting, RetryPending
from app.ui import theme
from app.ui.chat.answers import LiveAnswer
from app.ui.theme import Role
from app.ui.widgets.plain_label import PlainLabel

_TICK_MS = 250
QUIET_S = 10
"""Seconds without anything new after which it is said how long nothing has come."""


class StatusLine(PlainLabel):
    """Hidden unless there is something to wait for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._answer: LiveAnswer | None = None
        self._waits_for: RetryPending | EngineStarting | None = None
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self._retranslate)
        self.setObjectName("chat_status")
        self.setWordWrap(True)
        theme.give_role(self, Role.SMALL)
        self.hide()

    def show_wait(self, answer: LiveAnswer | None) -> None:
        """Say what `answer` is waiting for, from now on also that nothing comes; nothing if there is none."""
        waits_for = None if answer is None else answer.waits_for
        if waits_for is self._waits_for and answer is self._answer:
            return
        self._answer, self._waits_for = answer, waits_for
        if answer is None:
            self._tick.stop()
        else:
            self._tick.start()
        self._retranslate()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        text = self._words()
        if text != self.text():
            self.setText(text)
        self.setVisible(bool(text))

    def _words(self) -> str:
        if self._answer is None:
            return ""
        waited_s = time.monotonic() - self._answer.waits_since
        if isinstance(self._waits_for, EngineStarting):
            return self.tr("Starting the built-in engine…")
        if self._waits_for is None:
            is_quiet = waited_s >= QUIET_S
            return (
                self.tr("Nothing has come for %n second(s). Stop ends the wait.", "", int(waited_s)) if is_quiet else ""
            )
        reason = QCoreApplication.translate("Errors", self._waits_for.reason)
        left_s = math.ceil(self._waits_for.wait_s - waited_s)
        again = self.tr("Trying again in %n second(s)…", "", left_s) if left_s > 0 else self.tr("Trying again…")
        return self.tr("{reason}. {again}").format(reason=reason, again=again) if reason else again

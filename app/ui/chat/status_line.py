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


class StatusLine(PlainLabel):
    """Hidden unless there is something to wait for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._waits_for: RetryPending | EngineStarting | None = None
        self._waits_since = 0.0
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self._retranslate)
        self.setObjectName("chat_status")
        self.setWordWrap(True)
        theme.give_role(self, Role.SMALL)
        self.hide()

    def show_wait(self, answer: LiveAnswer | None) -> None:
        """Say what `answer` is waiting for; nothing if it is not, or if there is none."""
        waits_for = None if answer is None else answer.waits_for
        if waits_for is self._waits_for:
            return
        self._waits_for = waits_for
        self._waits_since = 0.0 if answer is None else answer.waits_since
        if isinstance(waits_for, RetryPending):
            self._tick.start()
        else:
            self._tick.stop()
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
        if isinstance(self._waits_for, EngineStarting):
            return self.tr("Starting the built-in engine…")
        if self._waits_for is None:
            return ""
        reason = QCoreApplication.translate("Errors", self._waits_for.reason)
        left_s = math.ceil(self._waits_for.wait_s - (time.monotonic() - self._waits_since))
        again = self.tr("Trying again in %n second(s)…", "", left_s) if left_s > 0 else self.tr("Trying again…")
        return self.tr("{reason}. {again}").format(reason=reason, again=again) if reason else again

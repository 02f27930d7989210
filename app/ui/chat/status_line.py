"""StatusLine: one quiet line above the composer that says what an answer is waiting for, with a countdown."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QTimer
from PySide6.QtWidgets import QLabel, QWidget

from app.model.chat import ChatEvent, EngineStarting, RetryPending
from app.ui import theme
from app.ui.theme import Role


class StatusLine(QLabel):
    """Hidden unless there is something to wait for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._event: ChatEvent | None = None
        self._left_s = 0
        self._tick = QTimer(self)
        self._tick.setInterval(1000)
        self._tick.timeout.connect(self._on_tick)
        self.setObjectName("chat_status")
        self.setContentsMargins(theme.SPACE_M, 0, theme.SPACE_M, theme.SPACE_XS)
        theme.give_role(self, Role.SMALL)
        self.hide()

    def show_event(self, event: ChatEvent | None) -> None:
        """Say what `event` means for the waiting; anything but a wait clears the line."""
        self._event = event if isinstance(event, RetryPending | EngineStarting) else None
        self._left_s = math.ceil(event.wait_s) if isinstance(event, RetryPending) else 0
        if self._left_s:
            self._tick.start()
        else:
            self._tick.stop()
        self._retranslate()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _on_tick(self) -> None:
        self._left_s = max(0, self._left_s - 1)
        if not self._left_s:
            self._tick.stop()
        self._retranslate()

    def _retranslate(self) -> None:
        if isinstance(self._event, RetryPending):
            reason = self._event.reason or self.tr("The server asks for a pause")
            self.setText(self.tr("{reason}. Trying again in %n second(s)…", "", self._left_s).format(reason=reason))
        elif isinstance(self._event, EngineStarting):
            self.setText(self.tr("Starting the built-in engine…"))
        else:
            self.clear()
        self.setVisible(bool(self.text()))

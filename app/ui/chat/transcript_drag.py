"""Scrolls the transcript while a selection is drawn beyond its upper or lower edge; it selects nothing itself."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QTimer
from PySide6.QtWidgets import QAbstractScrollArea

from app.ui.chat.message_selection import MessageSelection

_STEP_MS = 30
_SLOWEST_PX, _FASTEST_PX = 4, 60
"""Of a step: the further beyond the edge the pointer is, the faster it goes."""


class TranscriptDrag(QObject):
    """Watches the selections of the messages in `column`."""

    def __init__(self, column: QAbstractScrollArea) -> None:
        super().__init__(column)
        self._column = column
        self._selection: MessageSelection | None = None
        self._place = QPoint()
        self._timer = QTimer(self, interval=_STEP_MS)
        self._timer.timeout.connect(self._scroll)
        column.installEventFilter(self)

    def stop(self) -> None:
        """What is drawn is not on show any more; the button may be released where nobody hears of it."""
        self._selection = None
        self._timer.stop()

    def watch(self, selection: MessageSelection) -> None:
        selection.dragged.connect(self._on_selection_dragged)
        selection.drag_ended.connect(self.stop)

    def _on_selection_dragged(self, selection: MessageSelection, place: QPoint) -> None:
        self._selection, self._place = selection, place
        if not self._beyond():
            self._timer.stop()
        elif not self._timer.isActive():
            self._timer.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Hide, QEvent.Type.WindowDeactivate):
            self.stop()
        return super().eventFilter(watched, event)

    def _beyond(self) -> int:
        """How far the pointer is above (negative) or below the view."""
        viewport = self._column.viewport()
        y = viewport.mapFromGlobal(self._place).y()
        return y if y < 0 else max(0, y - viewport.height())

    def _scroll(self) -> None:
        beyond = self._beyond()
        step = max(_SLOWEST_PX, min(abs(beyond), _FASTEST_PX))
        bar = self._column.verticalScrollBar()
        bar.setValue(bar.value() + (step if beyond > 0 else -step))
        if self._selection is not None:
            self._selection.extend_to(self._place)

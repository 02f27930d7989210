"""Collects the pieces of growing answers and says when to draw them; pieces come faster than anyone can read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from time import perf_counter, thread_time

from PySide6.QtCore import QObject, QTimer, Signal

FRAME_MS = 33
_COST_SHARE = 4  # drawing may take a quarter of the time, the rest belongs to the reader
_MAX_FRAME_MS = 500


@dataclass(slots=True)
class _Pending:
    text: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)


class TranscriptStream(QObject):
    """Pieces go in one by one and come out together; the first after a pause comes out at once.

    Signals:
        due(): `take` what there is and draw it. What drawing costs decides when the next one comes.
        drawn(float, float): that is on the screen; how many milliseconds it took, and how many of them were computing.
    """

    due = Signal()
    drawn = Signal(float, float)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pending: dict[int, _Pending] = {}
        self._began, self._computed = 0.0, 0.0
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._on_timer_timeout)
        self._painting = QTimer(self, singleShot=True, interval=0)  # until after the paint events drawing has caused
        self._painting.timeout.connect(self._on_painting_timeout)

    def add(self, message_id: int, text: str, reasoning: str) -> None:
        pending = self._pending.setdefault(message_id, _Pending())
        pending.text.append(text)
        pending.reasoning.append(reasoning)
        if not self._timer.isActive() and not self._painting.isActive():
            self._timer.start(0)

    def take(self) -> Iterator[tuple[int, str, str]]:
        """Message, text and reasoning, joined, of every message that something came for."""
        taken, self._pending = self._pending, {}
        for message_id, pending in taken.items():
            yield message_id, "".join(pending.text), "".join(pending.reasoning)

    def forget(self, message_id: int) -> None:
        """The message is whole now, or gone."""
        self._pending.pop(message_id, None)

    def clear(self) -> None:
        self._pending.clear()

    def _on_timer_timeout(self) -> None:
        if self._pending:
            self._began, self._computed = perf_counter(), thread_time()
            self._painting.start()
            self.due.emit()

    def _on_painting_timeout(self) -> None:
        cost_ms = (perf_counter() - self._began) * 1_000
        self._timer.start(round(min(_MAX_FRAME_MS, max(FRAME_MS, _COST_SHARE * cost_ms))))
        self.drawn.emit(cost_ms, (thread_time() - self._computed) * 1_000)

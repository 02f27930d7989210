"""Crashes: counts the engine's ends that nobody asked for, and how long the next start has to wait."""

from __future__ import annotations

from app.services.engine.watch import EngineTiming

CALM_AFTER_S = 60.0
"""A child that lived this long is healthy again: the next crash starts counting from one."""
PAUSES_S = (0.0, 1.0, 4.0)
"""How long the next start waits after the first, second and third crash in a row."""
REFUSED_FOR_S = 15.0
"""After more crashes in a row a request within this time is refused, so that the user is told instead of waiting."""


class Crashes:
    """`in_a_row` is how many there were without a calm time between them."""

    def __init__(self, timing: EngineTiming) -> None:
        self._timing = timing
        self._last_at = float("-inf")
        self.in_a_row = 0

    @property
    def refuse_another_start(self) -> bool:
        return self.in_a_row > len(PAUSES_S) and self._timing.clock() - self._last_at < REFUSED_FOR_S

    def add(self, lived_s: float = 0.0) -> None:
        """A child ended after so long; one that did not even start lived for no time."""
        self.in_a_row = 1 if lived_s > CALM_AFTER_S else self.in_a_row + 1
        self._last_at = self._timing.clock()

    def forget(self) -> None:
        self.in_a_row = 0

    async def wait(self) -> None:
        """The pause before the next start."""
        if 0 < self.in_a_row <= len(PAUSES_S):
            await self._timing.sleep(PAUSES_S[self.in_a_row - 1])

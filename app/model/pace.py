"""Pace: how long the rest of a download takes, judged by its last seconds."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

JUDGED_BY_S = 12.0
"""Long enough to level out what comes in bursts, short enough to notice that a network became slower."""
LEAST_S = 2.0
"""Before so much was seen of it, any number would be a guess."""


class Pace:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` tells seconds."""
        self._clock = clock
        self._seen: deque[tuple[float, int]] = deque()
        self._of = ""

    def note(self, of: str, done_bytes: int) -> None:
        """So much of the thing called `of` is here now; that of another begins anew."""
        if of != self._of or (self._seen and done_bytes < self._seen[-1][1]):
            self._of = of
            self._seen.clear()
        now = self._clock()
        self._seen.append((now, done_bytes))
        while now - self._seen[0][0] > JUDGED_BY_S:
            self._seen.popleft()

    def left_s(self, left_bytes: int) -> float | None:
        """Seconds for so many bytes more; None if that cannot be told."""
        if len(self._seen) < 2:
            return None
        (began, first), (ended, last) = self._seen[0], self._seen[-1]
        if ended - began < LEAST_S or last <= first:
            return None
        return left_bytes * (ended - began) / (last - first)

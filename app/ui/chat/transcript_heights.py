"""Where rows of different heights begin: plain numbers, cheap to change at the end of the list."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable


class Heights:
    """Heights in px, and the sums of all before each; only sums behind a change are computed again."""

    def __init__(self, heights: Iterable[int] = ()) -> None:
        self._heights = list(heights)
        self._tops = [0]

    def __len__(self) -> int:
        return len(self._heights)

    def __getitem__(self, index: int) -> int:
        return self._heights[index]

    @property
    def total(self) -> int:
        return self.top(len(self._heights))

    def top(self, index: int) -> int:
        """Where row `index` begins; for one more than the last, where the last ends."""
        while len(self._tops) <= index:
            self._tops.append(self._tops[-1] + self._heights[len(self._tops) - 1])
        return self._tops[index]

    def at(self, y: int) -> int:
        """The row that covers `y`; the first or last one where `y` is outside."""
        self.top(len(self._heights))
        return max(0, min(bisect_right(self._tops, y) - 1, len(self._heights) - 1))

    def insert(self, place: int, heights: Iterable[int]) -> None:
        self._heights[place:place] = heights
        del self._tops[place + 1 :]

    def set(self, index: int, height: int) -> bool:
        """Correct a height; whether that changed anything."""
        if self._heights[index] == height:
            return False
        self._heights[index] = height
        del self._tops[index + 1 :]
        return True

    def truncate(self, count: int) -> None:
        """Keep the first `count` rows."""
        del self._heights[count:]
        del self._tops[count + 1 :]

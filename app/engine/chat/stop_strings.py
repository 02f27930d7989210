"""Stop strings in text that arrives in pieces: nothing that could begin one is let through too early."""

from __future__ import annotations

from collections.abc import Sequence


class StopStrings:
    """Feed pieces with `add`, then `flush`; what they return, joined, is the text before the first stop string.

    `found` tells that a stop string came; from then on nothing more is returned.
    """

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = tuple(stops)
        self._held = ""
        self.found = False

    def add(self, piece: str) -> str:
        """The text that is certain now."""
        if self.found:
            return ""
        self._held += piece
        starts = [start for start in map(self._held.find, self._stops) if start >= 0]
        if starts:
            self.found = True
            sure, self._held = self._held[: min(starts)], ""
            return sure
        keep = max((_overlap(self._held, stop) for stop in self._stops), default=0)
        sure = self._held[: len(self._held) - keep]
        self._held = self._held[len(sure) :]
        return sure

    def flush(self) -> str:
        """The rest, when the text is over."""
        rest, self._held = self._held, ""
        return rest


def _overlap(text: str, stop: str) -> int:
    """The length of the longest end of `text` with which `stop` begins."""
    longest = min(len(text), len(stop) - 1)
    return next((length for length in range(longest, 0, -1) if text.endswith(stop[:length])), 0)

"""Pieces of an answer, taken together where a network brought several; what they mean is not known here.

To look at a connection costs the event loop about as much as to read what is there. A model writes its tokens one by
one, so after each look the connection is left alone for a moment, in which the next tokens gather.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable

from app.waiting import beside

REST_S = 0.015
"""Much less than anyone sees."""
AT_ONCE_S = 0.002
"""Pieces that come within this time after a rest had gathered in it."""
FLOOD_BYTES_S = 500_000
"""Pictures, and answers of thousands of tokens a second, are read without any rest."""
MOST_AHEAD = 1024 * 1024
"""Bytes that may wait for whoever asked for them."""


async def gathered(
    pieces: AsyncGenerator[bytes],
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> AsyncGenerator[bytes]:
    """What comes of `pieces`, the first of it at once; raises what they raise, after all that came before it.

    To be read under `aclosing`, and within that of `pieces`.
    """
    ahead = _Ahead(clock, sleep)
    async with beside(ahead.fill(pieces)) as filling:
        while True:
            await ahead.news.wait()
            if ahead.is_empty:
                break
            yield ahead.take()
        await filling


class _Ahead:
    """What was read and not yet taken; `news` is set while there is something, and for good when the pieces end."""

    def __init__(self, clock: Callable[[], float], sleep: Callable[[float], Awaitable[object]]) -> None:
        self.news = asyncio.Event()
        self._room = asyncio.Event()
        self._clock = clock
        self._sleep = sleep
        self._waiting: list[bytes] = []
        self._size = 0
        self._ended = False
        self._looked_at = clock() - REST_S
        self._rested_at = 0.0
        self._came = 0

    @property
    def is_empty(self) -> bool:
        return not self._waiting

    def take(self) -> bytes:
        taken = b"".join(self._waiting)
        self._waiting.clear()
        self._size = 0
        self._room.set()
        if not self._ended:
            self.news.clear()
        return taken

    async def fill(self, pieces: AsyncGenerator[bytes]) -> None:
        try:
            async for piece in pieces:
                self._waiting.append(piece)
                self._size += len(piece)
                self._came += len(piece)
                self.news.set()
                if self._size > MOST_AHEAD:
                    self._room.clear()
                    await self._room.wait()
                if self._clock() - self._rested_at > AT_ONCE_S:
                    await self._rest()
        finally:
            self._ended = True
            self.news.set()

    async def _rest(self) -> None:
        now = self._clock()
        is_slow = self._came < FLOOD_BYTES_S * (now - self._looked_at)
        self._looked_at, self._came = now, 0
        if is_slow:
            await self._sleep(REST_S)
        self._rested_at = self._clock()

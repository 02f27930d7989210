"""Gathering pieces: the first at once, all of them in order, failures after what came before them, no end of memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager

import pytest

from app.services.api.gathering import FLOOD_BYTES_S, MOST_AHEAD, REST_S, gathered


class Line:
    """A connection on which pieces arrive when the test says so, with a clock of its own; rests end when it says so."""

    def __init__(self) -> None:
        self.now = 100.0
        self.arriving: asyncio.Queue[bytes | Exception | None] = asyncio.Queue()
        self.resting = asyncio.Event()
        self.rested = asyncio.Event()
        self.rests: list[float] = []
        self.closed = False

    async def pieces(self) -> AsyncGenerator[bytes]:
        try:
            while (piece := await self.arriving.get()) is not None:
                if isinstance(piece, Exception):
                    raise piece
                yield piece
        finally:
            self.closed = True

    def bring(self, *pieces: bytes | Exception | None) -> None:
        self.now += 0.1
        for piece in pieces:
            self.arriving.put_nowait(piece)

    async def rest(self, seconds: float) -> None:
        self.rests.append(seconds)
        self.resting.set()
        await self.rested.wait()

    @asynccontextmanager
    async def gathered(self) -> AsyncGenerator[AsyncGenerator[bytes]]:
        async with (
            aclosing(self.pieces()) as pieces,
            aclosing(gathered(pieces, lambda: self.now, self.rest)) as together,
        ):
            yield together


async def _all(line: Line) -> list[bytes]:
    async with line.gathered() as together:
        return [data async for data in together]


def test_the_first_piece_waits_for_no_other() -> None:
    async def use() -> tuple[bytes, bytes]:
        line = Line()
        line.rested.set()
        async with line.gathered() as together:
            line.bring(b"one")
            first = await anext(together)
            line.bring(b"two")
            return first, await anext(together)

    assert asyncio.run(use()) == (b"one", b"two")


def test_a_slow_line_is_left_alone_for_a_moment() -> None:
    """Its tokens arrive one by one meanwhile and are read together."""

    async def use() -> tuple[list[bytes], list[float]]:
        line = Line()
        async with line.gathered() as together:
            line.bring(b"0")
            found = [await anext(together)]
            await line.resting.wait()
            for number in (b"1", b"2", b"3", None):
                line.bring(number)
            line.rested.set()
            found += [data async for data in together]
            return found, line.rests

    assert asyncio.run(use()) == ([b"0", b"123"], [REST_S])


def test_a_flood_is_read_without_rests() -> None:
    async def use() -> tuple[int, list[float]]:
        line = Line()

        async def flood() -> AsyncGenerator[bytes]:
            for _ in range(300):
                line.now += 0.01
                yield bytes(FLOOD_BYTES_S // 20)

        async with aclosing(flood()) as pieces, aclosing(gathered(pieces, lambda: line.now, line.rest)) as together:
            return sum([len(data) async for data in together]), line.rests

    assert asyncio.run(use()) == (300 * (FLOOD_BYTES_S // 20), [])


def test_a_failure_comes_after_what_was_there_before_it() -> None:
    async def use() -> list[bytes]:
        line, found = Line(), []
        line.rested.set()
        line.bring(b"one ", b"two", OSError("broken"))

        async def read() -> None:
            async with line.gathered() as together:
                async for data in together:
                    found.append(data)

        with pytest.raises(OSError, match="broken"):
            await read()
        return found

    assert b"".join(asyncio.run(use())) == b"one two"


def test_nobody_reads_on_for_a_reader_who_is_busy() -> None:
    async def use() -> int:
        read = 0

        async def endless() -> AsyncGenerator[bytes]:
            nonlocal read
            while True:
                read += MOST_AHEAD // 4
                yield bytes(MOST_AHEAD // 4)
                await asyncio.sleep(0)

        async with aclosing(endless()) as pieces, aclosing(gathered(pieces)) as together:
            taken = len(await anext(together))
            for _turn in range(50):
                await asyncio.sleep(0)
            return read - taken

    assert asyncio.run(use()) <= MOST_AHEAD + MOST_AHEAD // 2


def test_leaving_closes_the_line_also_while_it_rests() -> None:
    async def use() -> bool:
        line = Line()
        line.bring(b"one")
        async with line.gathered() as together:
            await anext(together)
            await line.resting.wait()
        return line.closed

    assert asyncio.run(use())


def test_a_reader_who_is_cancelled_leaves_nothing_behind() -> None:
    async def use() -> bool:
        line = Line()
        line.bring(b"one")
        reading = asyncio.ensure_future(_all(line))
        await line.resting.wait()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        return line.closed and len(asyncio.all_tasks()) == 1

    assert asyncio.run(use())

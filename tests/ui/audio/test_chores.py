"""Chores: in order, none lost, one that fails does not hold up the next."""

import asyncio
from typing import Any

from pytestqt.qtbot import QtBot

from app.model.errors import AppError, DiskFull
from app.ui.audio.chores import Chores
from tests.ui.audio.conftest import RunAsync


def test_they_are_done_in_order_and_a_failure_is_told(qtbot: QtBot) -> None:
    chores = Chores()
    done: list[int] = []
    failed: list[AppError] = []
    chores.failed.connect(failed.append)

    async def do(number: int) -> None:
        if number == 1:
            raise DiskFull(path="x")
        done.append(number)

    for number in range(3):
        chores.put(lambda number=number: do(number))  # type: ignore[misc] # mypy cannot see the default's type
    qtbot.waitUntil(lambda: done == [0, 2])
    assert [type(error) for error in failed] == [DiskFull]


def test_finish_does_everything_that_was_put(run_async: RunAsync) -> None:
    chores = Chores()
    done: list[int] = []

    async def do(number: int) -> None:
        done.append(number)

    def put(number: int) -> Any:
        return chores.put(lambda: do(number))

    for number in range(3):
        put(number)
    run_async(chores.finish())
    assert done == [0, 1, 2]


def test_closing_drops_what_waits(run_async: RunAsync) -> None:
    chores = Chores()
    done: list[int] = []

    async def for_ever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            done.append(0)

    async def never() -> None:
        done.append(1)

    chores.put(for_ever)
    chores.put(never)
    run_async(asyncio.sleep(0))
    run_async(chores.aclose())
    assert done == [0]

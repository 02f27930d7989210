"""Waiting: cancelled once or twice, work comes to its end and its outcome is not lost."""

import asyncio
import threading

import pytest

from app.waiting import beside, in_thread, undisturbed


async def _cancel_twice(task: asyncio.Task[None]) -> None:
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_undisturbed_work_ends_before_the_cancellation_goes_on() -> None:
    async def story() -> None:
        finish = asyncio.Event()
        done: list[str] = []

        async def save() -> None:
            await finish.wait()
            done.append("saved")

        async with asyncio.TaskGroup() as group:
            task = group.create_task(undisturbed(save()))
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.sleep(0)
            assert not done
            finish.set()
        assert task.cancelled()
        assert done == ["saved"]

    asyncio.run(story())


def test_undisturbed_passes_results_and_errors_on() -> None:
    async def seven() -> int:
        return 7

    async def fail() -> None:
        raise ZeroDivisionError

    assert asyncio.run(undisturbed(seven())) == 7
    with pytest.raises(ZeroDivisionError):
        asyncio.run(undisturbed(fail()))


def test_a_thread_is_told_that_nobody_waits_any_more() -> None:
    async def story() -> None:
        ended: list[str] = []

        def work(cancelled: threading.Event) -> None:
            assert cancelled.wait(10)
            ended.append("told")

        async def wait() -> None:
            await in_thread(work)

        async with asyncio.TaskGroup() as group:
            await _cancel_twice(group.create_task(wait()))
        assert ended == ["told"]

    asyncio.run(story())


def test_work_beside_a_block_ends_with_it() -> None:
    async def story() -> None:
        ended: list[str] = []

        async def work() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                ended.append("ended")

        async with beside(work()) as running:
            await asyncio.sleep(0)
            assert not running.done()
        assert ended == ["ended"]

    asyncio.run(story())

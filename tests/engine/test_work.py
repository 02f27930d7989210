"""Work and its thread: items across threads, failures in words, and stopping at every moment."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from app.engine.event_stream import with_pauses
from app.engine.openai_errors import ApiError, invalid
from app.engine.work import ModelThread, Work


@pytest.fixture
def thread() -> Iterator[ModelThread]:
    made = ModelThread("test")
    yield made
    made.close()


def count_to_three(work: Work[int]) -> None:
    for number in (1, 2, 3):
        work.emit(number)


async def collect[T](work: Work[T]) -> list[T]:
    return [item async for item in work]


def test_items_arrive_in_order_and_end(thread: ModelThread) -> None:
    async def story() -> None:
        work = thread.start(count_to_three)
        assert await collect(work) == [1, 2, 3]
        assert await collect(work) == []

    asyncio.run(story())


def test_a_refusal_arrives_after_the_items_before_it(thread: ModelThread) -> None:
    def refuse(work: Work[int]) -> None:
        work.emit(1)
        raise invalid("no", "n")

    async def story() -> None:
        work = thread.start(refuse)
        assert await anext(work) == 1
        with pytest.raises(ApiError, match="no"):
            await anext(work)

    asyncio.run(story())


@pytest.mark.expected_logs
@pytest.mark.parametrize(
    ("error", "status", "words"),
    [(MemoryError(), 503, "not enough free memory"), (KeyError("x"), 500, "failed unexpectedly.*KeyError")],
)
def test_any_failure_is_put_into_words(thread: ModelThread, error: Exception, status: int, words: str) -> None:
    def fail(_: Work[int]) -> None:
        raise error

    async def story() -> None:
        with pytest.raises(ApiError, match=words) as failed:
            await anext(thread.start(fail))
        assert failed.value.status == status

    asyncio.run(story())


def test_work_that_waits_in_the_queue_can_be_dropped(thread: ModelThread) -> None:
    release = threading.Event()

    def wait(_: Work[int]) -> None:
        release.wait()

    async def story() -> None:
        first = thread.start(wait)
        second = thread.start(count_to_three)
        second.stop()
        release.set()
        assert await collect(first) == []
        assert await collect(second) == []

    asyncio.run(story())


def test_stopping_interrupts_what_runs(thread: ModelThread) -> None:
    def run_until_interrupted(work: Work[str]) -> None:
        interrupted = threading.Event()
        work.interrupt_with(interrupted.set)
        work.emit("running")
        interrupted.wait()
        work.emit("interrupted" if work.stopped else "by itself")

    async def story() -> None:
        work = thread.start(run_until_interrupted)
        assert await anext(work) == "running"
        work.stop()
        assert await anext(work) == "interrupted"

    asyncio.run(story())


def test_a_stop_that_came_first_interrupts_at_once(thread: ModelThread) -> None:
    def begin_late(work: Work[str]) -> None:
        work.emit("begun")
        interrupted = threading.Event()
        while not work.stopped:
            pass
        work.interrupt_with(interrupted.set)
        work.emit(str(interrupted.is_set()))

    async def story() -> None:
        work = thread.start(begin_late)
        assert await anext(work) == "begun"
        work.stop()
        assert await anext(work) == "True"

    asyncio.run(story())


def test_stopping_after_the_end_does_not_touch_the_next_work(thread: ModelThread) -> None:
    interrupted: list[str] = []

    def work_with_interrupt(work: Work[int]) -> None:
        work.interrupt_with(lambda: interrupted.append("late"))

    async def story() -> None:
        work = thread.start(work_with_interrupt)
        assert await collect(work) == []
        work.stop()
        assert interrupted == []

    asyncio.run(story())


def test_pauses_are_told_while_nothing_comes(thread: ModelThread) -> None:
    release = threading.Event()

    def wait_then_count(work: Work[int]) -> None:
        release.wait()
        count_to_three(work)

    async def story() -> None:
        seen: list[int | None] = []
        async for item in with_pauses(thread.start(wait_then_count), pause_s=0.001):
            seen.append(item)
            release.set()
        assert seen[0] is None
        assert [item for item in seen if item is not None] == [1, 2, 3]

    asyncio.run(story())

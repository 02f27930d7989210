"""Job: one task per owner, stopping, failing and closing. Errands: one after the other, none lost."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.model.errors import AppError, RateLimited
from app.ui.job import Errands, Job, JobState


@pytest.fixture
def job(loop: asyncio.AbstractEventLoop) -> Job:
    return Job()


async def _for_ever(ended: list[str]) -> None:
    ended.append("begun")
    try:
        await asyncio.Event().wait()
    finally:
        ended.append("kept")


def test_runs_one_piece_of_work_and_refuses_a_second(job: Job, qtbot: QtBot) -> None:
    ended: list[str] = []
    assert job.start(_for_ever(ended))
    assert not job.start(_for_ever(ended))
    with qtbot.waitSignal(job.ended):
        job.stop()
    assert job.state is JobState.IDLE


def test_stop_lets_the_work_keep_what_it_has(job: Job, qtbot: QtBot) -> None:
    ended: list[str] = []
    states: list[JobState] = []
    job.state_changed.connect(states.append)
    job.start(_for_ever(ended))
    qtbot.waitUntil(lambda: ended == ["begun"])
    with qtbot.waitSignal(job.ended):
        job.stop()
    assert ended == ["begun", "kept"]
    assert states == [JobState.RUNNING, JobState.STOPPING, JobState.IDLE]


def test_a_known_failure_is_told_and_the_job_is_free_again(job: Job, qtbot: QtBot) -> None:
    async def fail() -> None:
        raise RateLimited("slow down")

    with qtbot.waitSignal(job.failed) as failed:
        job.start(fail())
    assert isinstance(failed.args[0], AppError)
    assert not job.running


@pytest.mark.expected_logs
def test_a_bug_goes_to_the_crash_box(job: Job, qtbot: QtBot, request: pytest.FixtureRequest) -> None:
    seen: list[BaseException] = []
    Job.crashed = seen.append
    request.addfinalizer(lambda: setattr(Job, "crashed", None))

    async def bug() -> None:
        raise ZeroDivisionError

    with qtbot.waitSignal(job.ended):
        job.start(bug())
    assert isinstance(seen[0], ZeroDivisionError)


def test_closed_job_stops_its_work_and_takes_no_more(job: Job, run_async: Callable[[Any], Any]) -> None:
    ended: list[str] = []

    async def story() -> None:
        job.start(_for_ever(ended))
        await asyncio.sleep(0)
        await job.aclose()

    run_async(story())
    assert ended == ["begun", "kept"]
    assert not job.start(_for_ever(ended))


def test_errands_are_done_in_order_whatever_becomes_of_one(
    qtbot: QtBot, run_async: Callable[[Coroutine[Any, Any, Any]], Any]
) -> None:
    done: list[str] = []
    failures: list[AppError] = []
    errands = Errands()
    errands.failed.connect(failures.append)

    async def work(name: str) -> None:
        await asyncio.sleep(0)
        if name == "bad":
            raise RateLimited
        done.append(name)

    for name in ("one", "bad", "two"):
        errands.add(partial(work, name))
    qtbot.waitUntil(lambda: errands.busy)
    qtbot.waitUntil(lambda: not errands.busy)
    assert (done, len(failures)) == (["one", "two"], 1)
    errands.add(partial(work, "three"))
    run_async(errands.aclose())
    assert done == ["one", "two", "three"]
    errands.add(partial(work, "too late"))
    assert not errands.busy
    assert done == ["one", "two", "three"]


def test_stopped_errands_leave_undone_what_waits(run_async: Callable[[Coroutine[Any, Any, Any]], Any]) -> None:
    ended: list[str] = []
    errands = Errands()

    async def story() -> None:
        errands.add(lambda: _for_ever(ended))
        errands.add(lambda: _for_ever(ended))
        await asyncio.sleep(0)
        errands.stop()
        await errands.aclose()

    run_async(story())
    assert ended == ["begun", "kept"]

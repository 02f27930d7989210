"""EngineProcess: start, ready, crash, back-off, end; with a small process that behaves like the engine."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from app.model.engine import EngineState
from app.model.errors import EngineFailed, EngineUnavailable
from app.model.providers import Endpoint
from app.services.engine import EngineProcess, EngineTiming

FAKE = Path(__file__).parents[2] / "fakes" / "engine.py"


class Clock:
    """A clock that a test turns by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


def _engine(folder: Path, behaviour: str, clock: Clock | None = None) -> EngineProcess:
    clock = clock or Clock()
    return EngineProcess(
        folder / "serve.json",
        folder / "engine.log",
        command=lambda: (sys.executable, str(FAKE), behaviour),
        timing=EngineTiming(clock=clock, sleep=clock.sleep),
        available=True,
    )


def _run(engine: EngineProcess, story: Callable[[EngineProcess], Awaitable[None]]) -> None:
    async def whole() -> None:
        try:
            await story(engine)
        finally:
            await engine.aclose()

    asyncio.run(whole())


def test_it_starts_once_and_tells_where_it_listens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-not-for-the-engine")

    async def story(engine: EngineProcess) -> None:
        first, second = await asyncio.gather(engine.endpoint(), engine.endpoint())
        assert first == second
        assert first.base_url == "http://127.0.0.1:1/v1"
        assert first.key
        assert first.key not in repr(first)
        assert engine.status.state is EngineState.READY

    engine = _engine(tmp_path, "ready")
    assert engine.status.state is EngineState.STOPPED
    _run(engine, story)
    assert engine.status.state is EngineState.STOPPED


@pytest.mark.expected_logs
def test_a_killed_engine_is_started_again_with_a_new_key(tmp_path: Path) -> None:
    async def story(engine: EngineProcess) -> None:
        first = await engine.endpoint()
        await _kill(engine)
        assert (await engine.endpoint()).key != first.key

    clock = Clock()
    _run(_engine(tmp_path, "ready", clock), story)


@pytest.mark.expected_logs
def test_after_several_crashes_it_pauses_before_it_starts_again(tmp_path: Path) -> None:
    async def story(engine: EngineProcess) -> None:
        for crashes in range(4):
            await engine.endpoint()
            assert clock.now == 1000 + (0, 0, 1, 5)[crashes]
            await _kill(engine)
        with pytest.raises(EngineFailed, match="ready and waiting"):
            await engine.endpoint()
        assert engine.status.state is EngineState.FAILED
        clock.now += 20
        assert isinstance(await engine.endpoint(), Endpoint)

    clock = Clock()
    _run(_engine(tmp_path, "ready", clock), story)


def test_the_last_words_of_a_dying_engine_are_shown(tmp_path: Path) -> None:
    async def story(engine: EngineProcess) -> None:
        with pytest.raises(EngineFailed, match="the file is broken"):
            await engine.endpoint()
        assert "the file is broken" in engine.status.words

    _run(_engine(tmp_path, "dies"), story)


def test_an_unsuitable_processor_is_said_and_not_tried_again(tmp_path: Path) -> None:
    async def story(engine: EngineProcess) -> None:
        with pytest.raises(EngineUnavailable, match="AVX2"):
            await engine.endpoint()
        assert engine.status.state is EngineState.UNAVAILABLE

    _run(_engine(tmp_path, "unsuitable"), story)


def test_a_program_that_is_not_the_engine_fails(tmp_path: Path) -> None:
    async def story(engine: EngineProcess) -> None:
        with pytest.raises(EngineFailed):
            await engine.endpoint()

    _run(_engine(tmp_path, "garbage"), story)


def test_a_missing_program_fails_with_words(tmp_path: Path) -> None:
    async def story(engine: EngineProcess) -> None:
        with pytest.raises(EngineFailed, match="nowhere"):
            await engine.endpoint()

    _run(EngineProcess(tmp_path / "a", tmp_path / "b", command=lambda: ["/nowhere/at/all"], available=True), story)


def test_without_a_wheel_for_this_machine_it_is_unavailable(tmp_path: Path) -> None:
    async def story(engine: EngineProcess) -> None:
        with pytest.raises(EngineUnavailable):
            await engine.endpoint()

    engine = EngineProcess(tmp_path / "a", tmp_path / "b", available=False)
    assert engine.status.state is EngineState.UNAVAILABLE
    _run(engine, story)


def test_a_start_that_is_stopped_is_no_crash(tmp_path: Path) -> None:
    async def story(engine: EngineProcess) -> None:
        for _ in range(5):
            start = asyncio.create_task(engine.endpoint())
            await asyncio.sleep(0)
            start.cancel()
            with pytest.raises(asyncio.CancelledError):
                await start
        assert engine.status.state is EngineState.STOPPED
        await engine.endpoint()

    _run(_engine(tmp_path, "ready"), story)


async def _kill(engine: EngineProcess) -> None:
    process = engine._process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    await process.wait()

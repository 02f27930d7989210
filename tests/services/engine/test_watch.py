"""A real engine without models hangs, is killed, or starts slowly: it is noticed, told in words, and started again."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from app.model.engine import EngineState
from app.model.engine_errors import EngineHung, MemoryShort, ModelUnusable
from app.model.errors import AnswerInterrupted, ConnectionFailed, EngineFailed, ModelMissing, ServerTrouble, TimedOut
from app.model.providers import Endpoint
from app.services.engine import EngineProcess, EngineTiming
from app.services.engine.question import question

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="stops processes as only POSIX can: run it there")
IMPATIENT = EngineTiming(look_every_s=0.1, hung_after_s=0.3)
ELSEWHERE = Endpoint("http://127.0.0.1:9/v1", provider_id="someone-else")


def _run(folder: Path, story: Callable[[EngineProcess], Awaitable[None]], timing: EngineTiming = IMPATIENT) -> None:
    models = folder / "serve.json"
    models.write_text('{"models": []}')
    engine = EngineProcess(models, folder / "engine.log", timing=timing, available=True)

    async def whole() -> None:
        try:
            await story(engine)
        finally:
            await engine.aclose()

    asyncio.run(whole())


async def _until_gone(engine: EngineProcess) -> None:
    assert engine._process is not None
    async with asyncio.timeout(20):
        await engine._process.wait()


def _pid(engine: EngineProcess) -> int:
    assert engine._process is not None
    return engine._process.pid


@pytest.mark.expected_logs
def test_one_that_hangs_is_ended_told_and_started_again(tmp_path: Path) -> None:
    async def story(engine: EngineProcess) -> None:
        endpoint = await engine.endpoint()
        os.kill(_pid(engine), signal.SIGSTOP)
        await _until_gone(engine)
        told = await engine.explained(endpoint, AnswerInterrupted(host="127.0.0.1"))
        assert isinstance(told, EngineHung)
        assert float(told.arguments["seconds"]) < 10
        assert question(await engine.endpoint(), "GET", "/models")
        assert engine.status.state is EngineState.READY

    _run(tmp_path, story)


def test_one_that_only_waits_for_work_is_left_alone(tmp_path: Path) -> None:
    async def story(engine: EngineProcess) -> None:
        await engine.endpoint()
        first = _pid(engine)
        await asyncio.sleep(1)  # several times as long as it may be silent
        await engine.endpoint()
        assert _pid(engine) == first

    _run(tmp_path, story)


@pytest.mark.expected_logs
def test_one_that_was_killed_is_told_with_the_likely_reason(tmp_path: Path) -> None:
    async def story(engine: EngineProcess) -> None:
        endpoint = await engine.endpoint()
        os.kill(_pid(engine), signal.SIGKILL)
        for error in (AnswerInterrupted(), ConnectionFailed(), TimedOut()):
            told = await engine.explained(endpoint, error)
            assert type(told) is EngineFailed
            assert "memory" in told.server_words
        await engine.endpoint()

    _run(tmp_path, story)


def test_restarting_ends_one_that_hangs_at_once(tmp_path: Path) -> None:
    async def story(engine: EngineProcess) -> None:
        await engine.endpoint()
        first = _pid(engine)
        os.kill(first, signal.SIGSTOP)
        await engine.restart()
        assert _pid(engine) != first
        assert engine.status.state is EngineState.READY

    _run(tmp_path, story, EngineTiming())


def test_what_the_engine_says_of_models_gets_words_that_help(tmp_path: Path) -> None:
    async def story(engine: EngineProcess) -> None:
        endpoint = await engine.endpoint()
        for code, kind in (
            ("not_installed", ModelMissing),
            ("model_file_broken", ModelUnusable),
            ("model_file_missing", ModelUnusable),
            ("insufficient_memory", MemoryShort),
        ):
            said = ServerTrouble("the engine's words", status=503, code=code, model="small")
            told = await engine.explained(endpoint, said)
            assert type(told) is kind
            assert (told.server_words, told.action) == ("the engine's words", "models")
            assert told.arguments["model"] == "small"
            assert await engine.explained(ELSEWHERE, said) is said
        other = ServerTrouble(status=500)
        assert await engine.explained(endpoint, other) is other

    _run(tmp_path, story)


def test_a_slow_start_is_waited_for_and_an_endless_one_is_not(tmp_path: Path) -> None:
    models, log = tmp_path / "serve.json", tmp_path / "engine.log"

    def starting(delay_s: float, patience_s: float) -> EngineProcess:
        command = (sys.executable, "-m", "tests.fakes.engine", f"slow {delay_s}")
        timing = EngineTiming(ready_within_s=patience_s)
        return EngineProcess(models, log, command=lambda: command, timing=timing, available=True)

    async def story() -> None:
        slow = starting(0.5, 20)
        start = asyncio.gather(slow.endpoint())
        async with asyncio.timeout(20):
            while slow.status.state is not EngineState.STARTING:  # noqa: ASYNC110 - the process tells nobody
                await asyncio.sleep(0)
        assert not start.done()
        await start
        await slow.aclose()
        endless = starting(60, 0.3)
        with pytest.raises(EngineFailed, match="not ready after"):
            await endless.endpoint()
        assert endless.status.state is EngineState.FAILED

    asyncio.run(story())

"""The picture program's supervision, with a program that does as it is told."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

import pytest

from app.engine.images.child import PictureProgram
from app.engine.images.frames import Frame
from app.engine.openai_errors import ApiError

COMMAND = [sys.executable, "-m", "tests.engine.images.scripted_program"]


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def program(clock: Clock | None = None) -> AsyncIterator[PictureProgram]:
    made = PictureProgram(COMMAND, clock=clock or Clock())
    try:
        yield made
    finally:
        await made.aclose()


async def ask(made: PictureProgram, do: str, payload: bytes = b"") -> list[Frame]:
    return [frame async for frame in made.ask(Frame({"do": do}, payload))]


def test_a_request_is_answered_and_the_program_stays() -> None:
    async def story() -> None:
        async with program() as made:
            assert not made.running
            progress, image = await ask(made, "answer", b"abc")
            assert image.payload == b"cba"
            again, _ = await ask(made, "answer")
            assert again.header["pid"] == progress.header["pid"]

    asyncio.run(story())


def test_a_refusal_is_passed_on_and_the_program_stays() -> None:
    async def story() -> None:
        async with program() as made:
            with pytest.raises(ApiError, match="no") as refused:
                await ask(made, "refuse")
            assert (refused.value.status, refused.value.code, refused.value.param) == (400, "bad", "image")
            assert made.running

    asyncio.run(story())


def test_an_abort_is_put_into_words_and_the_next_request_works() -> None:
    async def story() -> None:
        async with program() as made:
            with pytest.raises(ApiError, match=r"stopped unexpectedly \(SIGABRT\)") as died:
                await ask(made, "die")
            assert died.value.code == "image_model_died"
            assert len(await ask(made, "answer")) == 2

    asyncio.run(story())


def test_giving_up_kills_the_program() -> None:
    async def story() -> None:
        async with program() as made:
            async with aclosing(made.ask(Frame({"do": "hang"}))) as frames:
                await anext(frames)
            assert not made.running
            assert len(await ask(made, "answer")) == 2

    asyncio.run(story())


def test_requests_wait_for_one_another() -> None:
    async def story() -> None:
        async with program() as made:
            answers = await asyncio.gather(*(ask(made, "answer", bytes([n, 0])) for n in range(3)))
            assert [answer[1].payload for answer in answers] == [bytes([0, n]) for n in range(3)]

    asyncio.run(story())


def test_an_idle_program_ends() -> None:
    async def story() -> None:
        clock = Clock()
        async with program(clock) as made:
            await ask(made, "answer")
            seen = []
            for clock.now in (59.0, 61.0):
                await made.end_if_idle(60.0)
                seen.append(made.running)
            assert seen == [True, False]

    asyncio.run(story())


def test_a_working_program_is_not_idle() -> None:
    async def story() -> None:
        clock = Clock()
        async with program(clock) as made, aclosing(made.ask(Frame({"do": "hang"}))) as frames:
            await anext(frames)
            clock.now = 1000.0
            await made.end_if_idle(60.0)
            assert made.running

    asyncio.run(story())

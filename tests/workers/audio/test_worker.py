"""AudioWorker: choices are remembered over restarts."""

import asyncio

from app.model.settings import AudioSettings
from tests.workers.audio.conftest import OpenDesk


def test_choices_are_there_at_the_next_start(desk: OpenDesk) -> None:
    async def first() -> None:
        async with desk() as at:
            assert at.worker.options == AudioSettings()
            await at.worker.remember(language="de", transcribe_when_stopped=False)

    async def second() -> None:
        async with desk() as at:
            assert at.worker.options == AudioSettings(language="de", transcribe_when_stopped=False)

    asyncio.run(first())
    asyncio.run(second())

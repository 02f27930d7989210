"""Reading a sound once for its outline, in a thread, with progress and an end when nobody wants it any more."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator
from pathlib import Path

from app.model.audio import TranscriptionProgress, Waveform
from app.waiting import beside, in_thread


async def read_outline(path: Path, folder: Path) -> AsyncGenerator[TranscriptionProgress | Waveform]:
    """Progress of reading `path`, then its outline; `folder` keeps outlines between runs.

    Raises:
        SoundUnreadable, NoSound.
    """
    loop = asyncio.get_running_loop()
    told: asyncio.Queue[float | None] = asyncio.Queue()

    def read(cancelled: threading.Event) -> Waveform:
        from app.services.media import OutlineCache

        def tell(done_s: float | None) -> None:
            loop.call_soon_threadsafe(told.put_nowait, done_s)

        try:
            return OutlineCache(folder).get(path, told=tell, cancelled=cancelled)
        finally:
            tell(None)

    expected_s = await asyncio.to_thread(_probe, path)
    async with beside(in_thread(read)) as reading:
        while (done_s := await told.get()) is not None:
            yield TranscriptionProgress(done_s, max(done_s, expected_s), reading=True)
        yield (await reading)[0]


def _probe(path: Path) -> float:
    from app.services.media import probe_duration

    return probe_duration(path)

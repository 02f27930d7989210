"""The loudspeaker: plays blocks of sound that someone else decodes, and tells where it is."""

from __future__ import annotations

import asyncio
import queue
from collections.abc import AsyncGenerator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from app.model.audio import SoundFormat
from app.model.errors import DeviceFailed, NoLoudspeaker
from app.services.audio.sound_system import SoundSystem, Stream

REPORTS_PER_SECOND = 30
_BLOCKS_AHEAD = 8


class Speaker:
    """Opens the system's default output."""

    def __init__(self, system: SoundSystem) -> None:
        self._system = system

    async def play(self, blocks: Iterator[bytes], sound_format: SoundFormat) -> Playback:
        """Start playing `blocks`, which are drawn on a thread and may raise an AppError.

        Raises:
            NoLoudspeaker, SoundSystemMissing.
        """
        playback = Playback(self._system, sound_format)
        await playback.start(blocks)
        return playback


class Playback:
    """Sound on its way to the loudspeaker, from a decoder's thread through a short queue to PortAudio's callback."""

    def __init__(self, system: SoundSystem, sound_format: SoundFormat) -> None:
        self.paused = False
        self._system = system
        self._format = sound_format
        self._waiting: queue.Queue[bytes] = queue.Queue(_BLOCKS_AHEAD)
        self._rest = b""
        self._played_bytes = 0
        self._complete = False
        self._stopping = False
        self._stream: Stream | None = None
        self._ended = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, "playback")
        self._feeding: Future[None] | None = None

    @property
    def played_s(self) -> float:
        """Seconds that were heard since the start; pauses do not count."""
        latency_s = self._stream.latency if self._stream is not None else 0.0
        return max(0.0, self._played_bytes / self._format.bytes_per_second - latency_s)

    async def start(self, blocks: Iterator[bytes]) -> None:
        """Open the device and begin; called once by `Speaker.play`."""
        loop = asyncio.get_running_loop()

        def on_finished() -> None:
            with suppress(RuntimeError):  # the loop may be closed when a device ends late
                loop.call_soon_threadsafe(self._ended.set)

        stop_signal = await self._system.run(self._system.stop_signal)

        def on_wanted(buffer: Any, *_: object) -> None:  # noqa: ANN401 - a buffer of PortAudio's, valid only now
            if self._fill(memoryview(buffer).cast("B")):
                raise stop_signal

        stream = await self._system.run(lambda: self._system.open_output(self._format, on_wanted, on_finished))
        try:
            await self._system.run(lambda: self._system.start(stream))
        except DeviceFailed as error:
            raise NoLoudspeaker(error.server_words) from error
        self._stream = stream
        self._feeding = self._thread.submit(self._feed, blocks)

    async def positions(self) -> AsyncGenerator[float]:
        """`played_s` about thirty times a second until everything was heard or `stop` was called.

        Raises:
            NoLoudspeaker: the device is gone.
            AppError: what drawing the blocks raised.
        """
        while not self._ended.is_set():
            yield self.played_s
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), 1 / REPORTS_PER_SECOND)
        if self._stopping or self._feeding is None:
            return
        if not self._complete:
            raise NoLoudspeaker
        self._feeding.result()
        yield self._played_bytes / self._format.bytes_per_second

    async def stop(self) -> None:
        """End at once; twice is harmless."""
        if self._stopping:
            return
        self._stopping = True
        if (stream := self._stream) is not None:
            await self._system.run(lambda: self._system.close(stream))
        self._ended.set()
        await asyncio.to_thread(self._thread.shutdown)

    def _feed(self, blocks: Iterator[bytes]) -> None:
        try:
            for block in blocks:
                while not self._stopping:
                    with suppress(queue.Full):
                        self._waiting.put(block, timeout=0.1)
                        break
                if self._stopping:
                    return
        finally:
            self._complete = True

    def _fill(self, buffer: memoryview) -> bool:
        """Fill what the device asks for, with silence where nothing is there; True when all has been played."""
        position = 0
        while position < len(buffer) and not self.paused:
            if not self._rest:
                complete = self._complete  # before looking: the feeder may end in between
                try:
                    self._rest = self._waiting.get_nowait()
                except queue.Empty:
                    buffer[position:] = bytes(len(buffer) - position)
                    return complete
            taken = self._rest[: len(buffer) - position]
            buffer[position : position + len(taken)] = taken
            self._rest = self._rest[len(taken) :]
            position += len(taken)
            self._played_bytes += len(taken)
        buffer[position:] = bytes(len(buffer) - position)
        return False

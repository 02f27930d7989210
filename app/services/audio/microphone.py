"""Microphones: which there are, and the sound of one, block by block on a thread of its own."""

from __future__ import annotations

import asyncio
import queue
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from app.model.audio import InputDevice, Level, SoundFormat
from app.model.errors import DeviceFailed
from app.services.audio.level import LevelMeter
from app.services.audio.sound_system import SoundSystem, Stream

STALL_S = 5.0
"""Some systems never tell that a device is gone; one that gives nothing for so long is taken for it."""


class Microphone:
    """Lists the input devices and opens one."""

    def __init__(self, system: SoundSystem) -> None:
        self._system = system

    async def devices(self) -> list[InputDevice]:
        """All input devices now; empty when there is none.

        Raises:
            SoundSystemMissing: sound input does not work on this system at all.
        """
        return await self._system.run(self._system.input_devices)

    async def open(self, device_id: str = "") -> Capture:
        """A device ready to be started; empty id is the system's default.

        Raises:
            NoMicrophone, MicrophoneRefused, DeviceFailed, SoundSystemMissing.
        """
        inlet = Inlet()
        stream, sound_format = await self._system.run(lambda: self._system.open_input(device_id, inlet.take, inlet.end))
        return Capture(self._system, stream, sound_format, inlet)


class Inlet:
    """Where PortAudio's own thread puts the sound; it must never wait there, and nothing else happens on it."""

    def __init__(self) -> None:
        self.paused = False
        self.blocks: queue.SimpleQueue[tuple[bytes, bool] | None] = queue.SimpleQueue()
        """Each block, and whether it came during a pause; None at the end."""

    def take(self, data: Any, *_: object) -> None:  # noqa: ANN401 - a buffer of PortAudio's, valid only now
        self.blocks.put((bytes(data), self.paused))

    def end(self) -> None:
        self.blocks.put(None)


class Capture:
    """The sound of one open microphone, given to a consumer on a thread that no work of the window can delay."""

    def __init__(
        self,
        system: SoundSystem,
        stream: Stream,
        sound_format: SoundFormat,
        inlet: Inlet,
    ) -> None:
        self.format = sound_format
        self._system = system
        self._stream = stream
        self._inlet = inlet
        self._levels: asyncio.Queue[Level | None] = asyncio.Queue()
        self._stopping = False
        self._thread = ThreadPoolExecutor(1, "microphone")
        self._consuming: Future[None] | None = None

    @property
    def paused(self) -> bool:
        """While True the sound that comes is measured and dropped."""
        return self._inlet.paused

    @paused.setter
    def paused(self, paused: bool) -> None:
        self._inlet.paused = paused

    async def start(self, consume: Callable[[bytes], None]) -> None:
        """Begin; `consume` gets every block in order, on the capture's thread, and may raise an AppError.

        Raises:
            DeviceFailed: the device does not start.
        """
        try:
            await self._system.run(lambda: self._system.start(self._stream))
        except DeviceFailed:
            self._stopping = True  # the stream is closed already
            raise
        loop = asyncio.get_running_loop()
        self._consuming = self._thread.submit(
            self._consume_blocks, consume, lambda level: loop.call_soon_threadsafe(self._levels.put_nowait, level)
        )
        self._consuming.add_done_callback(lambda _: loop.call_soon_threadsafe(self._levels.put_nowait, None))

    async def levels(self) -> AsyncGenerator[Level]:
        """The level of each block as it was consumed; ends after `stop`.

        Raises:
            DeviceFailed: the device is gone.
            AppError: whatever the consumer raised.
        """
        while (level := await self._levels.get()) is not None:
            yield level
        if self._consuming is not None:
            self._consuming.result()

    async def stop(self) -> None:
        """End the recording: all sound that came so far reaches the consumer, then `levels` ends."""
        if self._stopping:
            return
        self._stopping = True
        await self._system.run(lambda: self._system.close(self._stream))
        self._inlet.end()
        await asyncio.to_thread(self._thread.shutdown)

    def _consume_blocks(self, consume: Callable[[bytes], None], tell: Callable[[Level], object]) -> None:
        meter = LevelMeter(self.format)
        while (entry := self._next_entry()) is not None:
            block, in_pause = entry
            if not in_pause:
                consume(block)
            tell(meter.measure(block, recorded=not in_pause))

    def _next_entry(self) -> tuple[bytes, bool] | None:
        """The next block and whether it is to be dropped; None at the wanted end."""
        try:
            entry = self._inlet.blocks.get(timeout=STALL_S)
        except queue.Empty as error:
            raise DeviceFailed from error
        if entry is None and not self._stopping:
            raise DeviceFailed
        return entry

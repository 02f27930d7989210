"""PortAudio by way of sounddevice: loaded on first use, called from one thread only, refreshed when devices change."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from app.executables import finding_own_libraries
from app.model.audio import InputDevice, SoundFormat
from app.model.errors import (
    DeviceFailed,
    MicrophoneRefused,
    NoLoudspeaker,
    NoMicrophone,
    SoundSystemMissing,
)
from app.services.audio import pulse

BLOCK_S = 0.03
"""With PortAudio's own choice blocks came 1 to 140 frames long, at a high price for each."""
_WRONG_FORMAT = {-9997, -9998}  # paInvalidSampleRate, paInvalidChannelCount
_VARIABLE = "PULSE_SOURCE"
_turn = threading.Lock()
"""PortAudio is one for the process, and so is the environment; a program that begins anew has another SoundSystem."""


class Stream(Protocol):
    """What is used of sounddevice's raw streams."""

    @property
    def latency(self) -> float: ...
    def start(self) -> None: ...
    def stop(self, ignore_errors: bool = True) -> None: ...
    def close(self, ignore_errors: bool = True) -> None: ...


@dataclass(frozen=True, slots=True)
class _Target:
    """What to open: PortAudio's number for a device (None is its default) and the source Pulse shall give it."""

    index: int | None = None
    pulse_source: str = ""


class SoundSystem:
    """The one user of PortAudio, which is not made for several threads.

    `load` returns the sounddevice module, or something that behaves like it.
    """

    def __init__(self, load: Callable[[], Any] | None = None) -> None:
        self._load = load or _load_sounddevice
        self._library: Any = None
        self._open_streams = 0
        self._thread = ThreadPoolExecutor(1, "portaudio")

    async def run[T](self, work: Callable[[], T]) -> T:
        """Run `work` on PortAudio's thread, after what a SoundSystem before this one has not ended yet."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, _in_turn, work)

    async def aclose(self) -> None:
        """Give the thread back; streams must have been closed before."""
        self._thread.shutdown(wait=False)

    def stop_signal(self) -> type[Exception]:
        """What a callback raises to end its stream after its last block."""
        return self._loaded().CallbackStop  # type: ignore[no-any-return] # the module has no type information

    def input_devices(self) -> list[InputDevice]:
        """All microphones, the system's default marked; fresh unless a stream is open.

        Raises:
            SoundSystemMissing: PortAudio cannot be loaded.
        """
        self._refresh()
        found = pulse.sources() if self._pulse_index() is not None else None
        if found is not None:
            return [device for _, device in found]
        return [device for device, _ in self._portaudio_inputs()]

    def open_input(
        self, device_id: str, callback: Callable[..., None], finished: Callable[[], None]
    ) -> tuple[Stream, SoundFormat]:
        """A stream that is not started yet, and the first format of our choice that the device takes.

        Raises:
            NoMicrophone, MicrophoneRefused, DeviceFailed, SoundSystemMissing.
        """
        library = self._loaded()
        if self._open_streams == 0:
            self._refresh()
        target = self._target(device_id)
        refusal = ""
        for sound_format in self._input_formats(target):
            try:
                with _pulse_source(target.pulse_source):
                    stream = library.RawInputStream(
                        device=target.index, samplerate=sound_format.rate_hz, channels=sound_format.channels,
                        dtype="int16", blocksize=round(sound_format.rate_hz * BLOCK_S), latency="high",
                        callback=callback, finished_callback=finished,
                    )  # fmt: skip
            except library.PortAudioError as error:
                refusal = str(error)
                if _code(error) not in _WRONG_FORMAT:
                    break
            else:
                self._open_streams += 1
                return stream, sound_format
        raise MicrophoneRefused(refusal) if self.input_devices() else NoMicrophone(refusal)

    def open_output(
        self, sound_format: SoundFormat, callback: Callable[..., None], finished: Callable[[], None]
    ) -> Stream:
        """A stream to the default loudspeaker, not started yet.

        Raises:
            NoLoudspeaker, SoundSystemMissing.
        """
        library = self._loaded()
        if self._open_streams == 0:
            self._refresh()
        try:
            stream = library.RawOutputStream(
                samplerate=sound_format.rate_hz, channels=sound_format.channels, dtype="int16",
                blocksize=round(sound_format.rate_hz * BLOCK_S), callback=callback, finished_callback=finished,
            )  # fmt: skip
        except library.PortAudioError as error:
            raise NoLoudspeaker(str(error)) from error
        self._open_streams += 1
        return stream  # type: ignore[no-any-return] # sounddevice has no type information

    def start(self, stream: Stream) -> None:
        """Let a stream run.

        Raises:
            DeviceFailed: the device does not start; the stream is closed.
        """
        try:
            stream.start()
        except self._loaded().PortAudioError as error:
            self.close(stream)
            raise DeviceFailed(str(error)) from error

    def close(self, stream: Stream) -> None:
        """Stop and close a stream, also one whose device is gone."""
        self._open_streams -= 1
        # Both ignore PortAudio's own errors: a device that is gone cannot be stopped any better.
        stream.stop(ignore_errors=True)
        stream.close(ignore_errors=True)

    def _loaded(self) -> Any:  # noqa: ANN401 - sounddevice has no type information
        if self._library is None:
            self._library = self._load()
        return self._library

    def _refresh(self) -> None:
        """PortAudio lists devices once, when it starts; starting it again would kill streams that are open."""
        library = self._loaded()
        if self._open_streams == 0:
            library._terminate()
            library._initialize()

    def _portaudio_inputs(self) -> list[tuple[InputDevice, int]]:
        """One system interface only: Windows shows each microphone under four of them."""
        library = self._loaded()
        apis = library.query_hostapis()
        chosen = next((n for n, api in enumerate(apis) if "WASAPI" in api["name"]), library.default.hostapi)
        default = apis[chosen]["default_input_device"] if 0 <= chosen < len(apis) else -1
        return [
            (InputDevice(f"portaudio:{device['name']}", device["name"], is_default=index == default), index)
            for index, device in enumerate(library.query_devices())
            if device["hostapi"] == chosen and device["max_input_channels"] > 0
        ]

    def _pulse_index(self) -> int | None:
        """ALSA's bridge to Pulse, the only device for which the variable below means anything."""
        devices = self._loaded().query_devices()
        return next((n for n, one in enumerate(devices) if one["name"] == "pulse" and one["max_input_channels"]), None)

    def _target(self, device_id: str) -> _Target:
        if not device_id:
            return _Target()
        kind, _, name = device_id.partition(":")
        if kind == "pulse":
            index = self._pulse_index()
            if index is not None and any(name == source for source, _ in pulse.sources() or []):
                return _Target(index, name)
        for device, index in self._portaudio_inputs():
            if device.id == device_id:
                return _Target(index)
        raise DeviceFailed if self.input_devices() else NoMicrophone

    def _input_formats(self, target: _Target) -> list[SoundFormat]:
        """What speech models want, else what the device does anyway."""
        library = self._loaded()
        wanted = [SoundFormat()]
        try:
            device: Mapping[str, Any] = library.query_devices(target.index, "input")
        except library.PortAudioError:
            return wanted  # opening it will say why
        rate = round(device["default_samplerate"])
        channels = max(1, min(2, int(device["max_input_channels"])))
        return [*wanted, *dict.fromkeys([SoundFormat(rate, 1), SoundFormat(rate, channels)])]


def _in_turn[T](work: Callable[[], T]) -> T:
    with _turn:
        return work()


@contextmanager
def _pulse_source(name: str) -> Iterator[None]:
    """Pulse reads the wanted source from the environment at the moment of opening."""
    before = os.environ.get(_VARIABLE)
    if name:
        os.environ[_VARIABLE] = name
    try:
        yield
    finally:
        if name:
            os.environ.pop(_VARIABLE, None)
            if before is not None:
                os.environ[_VARIABLE] = before


def _code(error: Exception) -> int:
    return error.args[1] if len(error.args) > 1 and isinstance(error.args[1], int) else 0


def _load_sounddevice() -> Any:  # noqa: ANN401 - sounddevice has no type information
    try:
        with finding_own_libraries():
            import sounddevice
    except (
        Exception
    ) as error:  # OSError without PortAudio; PortAudioError, not importable yet, with a broken ALSA set-up
        raise SoundSystemMissing(str(error)) from error
    return sounddevice

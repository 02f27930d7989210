"""A sound library that behaves like sounddevice, with devices and sound that a test decides about."""

from __future__ import annotations

import math
import struct
import threading
from array import array
from collections.abc import Callable
from typing import Any

from app.model.audio import SoundFormat

INVALID_RATE, INVALID_CHANNELS, DEVICE_UNAVAILABLE = -9997, -9998, -9985


class FakePortAudioError(Exception):
    """As sounddevice raises it: words and PortAudio's number."""


class FakeCallbackStop(Exception):
    """Raised by a callback that has played everything."""


class _Defaults:
    hostapi = 0


class FakeStream:
    """One open stream; the test moves it on with `FakeSoundLibrary.speak` and `listen`."""

    def __init__(self, library: FakeSoundLibrary, sound_format: SoundFormat, options: dict[str, Any]) -> None:
        self.format = sound_format
        self.latency = 0.0
        self.running = False
        self._library = library
        self.callback: Callable[..., None] = options["callback"]
        self._finished: Callable[[], None] = options["finished_callback"]

    def start(self) -> None:
        if self._library.refuses_to_start:
            raise FakePortAudioError("Device unavailable", DEVICE_UNAVAILABLE)
        self.running = True
        self._library.started.set()

    def stop(self, ignore_errors: bool = True) -> None:
        self.finish()

    def close(self, ignore_errors: bool = True) -> None:
        self._library.streams.remove(self)

    def finish(self) -> None:
        if self.running:
            self.running = False
            self._finished()


class FakeSoundLibrary:
    """`devices` are what the system has now; PortAudio sees changes only after being started again, as the real one."""

    PortAudioError = FakePortAudioError
    CallbackStop = FakeCallbackStop
    default = _Defaults()

    def __init__(self, *, inputs: tuple[str, ...] = ("Desk microphone",), outputs: tuple[str, ...] = ("Box",)) -> None:
        self.inputs, self.outputs = inputs, outputs
        self.rates: set[int] = {16_000, 48_000}
        self.channels: set[int] = {1, 2}
        self.refuses_to_open = False
        self.refuses_to_start = False
        self.streams: list[FakeStream] = []
        self.heard = bytearray()
        self.started = threading.Event()
        """Set once a stream runs; a test clears it to wait for the next."""
        self._known: list[dict[str, Any]] = []

    # What sounddevice offers

    def _terminate(self) -> None:
        assert not self.streams, "PortAudio was ended under an open stream"

    def _initialize(self) -> None:
        rate = float(max(self.rates))
        most = max(self.channels)
        self._known = [self._device(name, rate, most, 0) for name in self.inputs]
        self._known += [self._device(name, rate, 0, 2) for name in self.outputs]

    def query_hostapis(self) -> list[dict[str, Any]]:
        return [{"name": "Fake", "default_input_device": 0 if self.inputs else -1}]

    def query_devices(self, index: int | None = None, kind: str = "") -> Any:
        if not kind:
            return self._known
        direction = f"max_{kind}_channels"
        found = self._known[index] if index is not None else next((d for d in self._known if d[direction]), None)
        if found is None:
            raise FakePortAudioError("Error querying device -1")
        return found

    def RawInputStream(self, **options: Any) -> FakeStream:
        return self._open("input", options)

    def RawOutputStream(self, **options: Any) -> FakeStream:
        return self._open("output", options)

    # What the test does

    def wait_until_started(self) -> None:
        """Wait, in a thread, for the first stream to run."""
        assert self.started.wait(10), "no stream was started"

    def speak(self, sound: bytes) -> None:
        """Bring `sound` to every open input in blocks of 30 ms, as PortAudio would."""
        for stream in [one for one in self.streams if one.running]:
            size = stream.format.bytes_per_second * 3 // 100
            for start in range(0, len(sound), size):
                stream.callback(sound[start : start + size], size // stream.format.frame_bytes, None, None)

    def listen(self, seconds: float) -> None:
        """Let every open output play for so long; what came is appended to `heard`."""
        for stream in [one for one in self.streams if one.running]:
            buffer = bytearray(round(seconds * stream.format.rate_hz) * stream.format.frame_bytes)
            try:
                stream.callback(buffer, len(buffer) // stream.format.frame_bytes, None, None)
            except FakeCallbackStop:
                stream.finish()
            self.heard += buffer

    def unplug(self) -> None:
        """All devices are gone, as running streams notice at once."""
        self.inputs = self.outputs = ()
        for stream in list(self.streams):
            stream.finish()

    def _device(self, name: str, rate: float, inputs: int, outputs: int) -> dict[str, Any]:
        channels = {"max_input_channels": inputs, "max_output_channels": outputs}
        return {"name": name, "hostapi": 0, "default_samplerate": rate, **channels}

    def _open(self, kind: str, options: dict[str, Any]) -> FakeStream:
        if self.refuses_to_open:
            raise FakePortAudioError("Device unavailable", DEVICE_UNAVAILABLE)
        self.query_devices(options.get("device"), kind)
        if options["samplerate"] not in self.rates:
            raise FakePortAudioError("Invalid sample rate", INVALID_RATE)
        if options["channels"] not in self.channels:
            raise FakePortAudioError("Invalid number of channels", INVALID_CHANNELS)
        stream = FakeStream(self, SoundFormat(options["samplerate"], options["channels"]), options)
        self.streams.append(stream)
        return stream


def tone(seconds: float, *, volume: float = 0.5, sound_format: SoundFormat | None = None) -> bytes:
    """A 440 Hz tone as 16-bit samples; volume 0 is silence."""
    layout = sound_format or SoundFormat()
    frames = round(seconds * layout.rate_hz)
    wave = array("h", (round(volume * 32_767 * math.sin(math.tau * 440 * n / layout.rate_hz)) for n in range(frames)))
    if layout.channels == 1:
        return wave.tobytes()
    return b"".join(struct.pack("<h", sample) * layout.channels for sample in wave)

"""Microphone and Capture: what is spoken arrives, and every way it can end, with a fake library and a real server."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
import wave
from array import array
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.model.audio import InputDevice, Level
from app.model.errors import DeviceFailed, DiskFull, MicrophoneRefused, NoMicrophone
from app.services.audio import Capture, Microphone, RecordingFile, SoundSystem, repair
from tests.fakes.audio import FakeSoundLibrary, tone
from tests.fakes.microphone import NAME, SINK, SOURCE, VirtualMicrophone

ROOT = Path(__file__).parents[3]


def _with(library: FakeSoundLibrary | None, story: Callable[[Microphone], Coroutine[Any, Any, None]]) -> None:
    """Run `story` with a microphone over `library`, or over the system's own sound."""

    async def run() -> None:
        system = SoundSystem(None if library is None else lambda: library)
        try:
            await story(Microphone(system))
        finally:
            await system.aclose()

    asyncio.run(run())


async def _all_levels(capture: Capture) -> list[Level]:
    return await _rest(capture.levels())


async def _rest(levels: AsyncIterator[Level]) -> list[Level]:
    return [level async for level in levels]


def test_everything_spoken_reaches_the_consumer_in_order(library: FakeSoundLibrary) -> None:
    sound = tone(2)
    heard = bytearray()

    async def story(microphone: Microphone) -> None:
        capture = await microphone.open()
        await capture.start(heard.extend)
        library.speak(sound)
        await capture.stop()
        levels = await _all_levels(capture)
        assert levels[-1].elapsed_s == pytest.approx(2)
        assert max(level.peak for level in levels) == pytest.approx(0.5, abs=0.01)
        await capture.stop()

    _with(library, story)
    assert heard == sound


def test_a_pause_drops_the_sound_but_not_the_meter(library: FakeSoundLibrary) -> None:
    heard = bytearray()

    async def story(microphone: Microphone) -> None:
        capture = await microphone.open()
        await capture.start(heard.extend)
        levels = capture.levels()
        library.speak(tone(0.03))
        assert (await anext(levels)).elapsed_s == pytest.approx(0.03)
        capture.paused = True
        library.speak(tone(0.03))
        paused = await anext(levels)
        assert paused.elapsed_s == pytest.approx(0.03)
        assert paused.peak > 0.4
        capture.paused = False
        library.speak(tone(0.03))
        assert (await anext(levels)).elapsed_s == pytest.approx(0.06)
        await capture.stop()
        await levels.aclose()

    _with(library, story)
    assert len(heard) == 2 * len(tone(0.03))


def test_an_unplugged_device_is_noticed_after_its_last_sound(library: FakeSoundLibrary) -> None:
    heard = bytearray()

    async def story(microphone: Microphone) -> None:
        capture = await microphone.open()
        await capture.start(heard.extend)
        library.speak(tone(0.3))
        library.unplug()
        with pytest.raises(DeviceFailed):
            await _all_levels(capture)
        await capture.stop()

    _with(library, story)
    assert heard == tone(0.3)


def test_a_consumer_that_fails_ends_the_capture_with_its_error(library: FakeSoundLibrary) -> None:
    def full(_: bytes) -> None:
        raise DiskFull(path="x")

    async def story(microphone: Microphone) -> None:
        capture = await microphone.open()
        await capture.start(full)
        library.speak(tone(0.3))
        with pytest.raises(DiskFull):
            await _all_levels(capture)
        await capture.stop()

    _with(library, story)


def test_a_device_that_does_not_start_leaves_nothing_open(library: FakeSoundLibrary) -> None:
    async def story(microphone: Microphone) -> None:
        library.refuses_to_start = True
        capture = await microphone.open()
        with pytest.raises(DeviceFailed):
            await capture.start(lambda _: None)
        await capture.stop()
        library.refuses_to_start = False
        again = await microphone.open()
        await again.start(lambda _: None)
        await again.stop()

    _with(library, story)
    assert not library.streams


def test_no_device_and_a_refusal(library: FakeSoundLibrary) -> None:
    async def story(microphone: Microphone) -> None:
        library.refuses_to_open = True
        with pytest.raises(MicrophoneRefused):
            await microphone.open()
        library.inputs = ()
        with pytest.raises(NoMicrophone):
            await microphone.open()
        assert await microphone.devices() == []

    _with(library, story)


# With a real sound server


def _samples(path: Path) -> np.ndarray[Any, np.dtype[np.float64]]:
    """A WAV file at 16 kHz as numbers."""
    with wave.open(str(path)) as sound:
        frames = np.array(array("h", sound.readframes(sound.getnframes())), dtype=np.float64)
        count = round(len(frames) * 16_000 / sound.getframerate())
        return np.interp(np.linspace(0, len(frames), count), np.arange(len(frames)), frames)


def _likeness(played: Path, recorded: Path) -> float:
    """Greatest normalised correlation of what was played with what was recorded: 1.0 is the same."""
    short, long = _samples(played), _samples(recorded)
    size = 1 << (len(short) + len(long)).bit_length()
    products = np.fft.irfft(np.fft.rfft(long, size) * np.conj(np.fft.rfft(short, size)), size)
    return float(products.max() / np.sqrt((short**2).sum() * (long**2).sum()))


@pytest.fixture
def speech(tmp_path: Path) -> Path:
    path = tmp_path / "speech.wav"
    subprocess.run(["espeak-ng", "-w", str(path), "one two three four"], check=True)
    return path


async def _record(microphone: Microphone, path: Path, device_id: str, until: Callable[[], None]) -> float:
    """Record while `until` runs in a thread; returns the seconds recorded."""
    capture = await microphone.open(device_id)
    with RecordingFile(path, capture.format) as file:
        await capture.start(file.write)
        await asyncio.to_thread(until)
        await capture.stop()
        await _all_levels(capture)
        return file.duration_s


@pytest.mark.microphone
@pytest.mark.parametrize("device_id", ["", f"pulse:{SOURCE}", f"pulse:{SINK}.monitor"])
def test_what_is_played_is_what_is_recorded(
    microphone: VirtualMicrophone, speech: Path, tmp_path: Path, device_id: str
) -> None:
    async def story(real: Microphone) -> None:
        await _record(real, tmp_path / "a.wav", device_id, lambda: microphone.play(speech))

    _with(None, story)
    assert _likeness(speech, tmp_path / "a.wav") > 0.9


@pytest.mark.microphone
def test_sources_have_their_names_and_microphones_come_first(microphone: VirtualMicrophone) -> None:
    async def story(real: Microphone) -> None:
        devices = await real.devices()
        assert devices[0] == InputDevice(f"pulse:{SOURCE}", NAME, is_default=True)
        assert devices[1].id == f"pulse:{SINK}.monitor"

    _with(None, story)


NOTICED_WITHIN_S = 1 + 2
"""The promise, and what a busy machine may take on top of it."""


@pytest.mark.microphone
def test_unplugging_is_noticed_soon_and_the_recording_kept(microphone: VirtualMicrophone, tmp_path: Path) -> None:
    async def story(real: Microphone) -> None:
        capture = await real.open()
        with RecordingFile(tmp_path / "a.wav", capture.format) as file:
            await capture.start(file.write)
            levels = capture.levels()
            while (await anext(levels)).elapsed_s < 0.5:
                continue
            await asyncio.to_thread(microphone.unplug)
            unplugged = time.monotonic()
            with pytest.raises(DeviceFailed):
                await _rest(levels)
            noticed = time.monotonic()
            await capture.stop()
        assert noticed - unplugged < NOTICED_WITHIN_S
        assert await real.devices() == []
        with pytest.raises(NoMicrophone):
            await real.open()

    _with(None, story)
    with wave.open(str(tmp_path / "a.wav")) as kept:
        assert kept.getnframes() >= 8_000


_RECORDER = """
import asyncio, sys, time
from pathlib import Path
from app.services.audio import Microphone, RecordingFile, SoundSystem

async def record():
    capture = await Microphone(SoundSystem()).open()
    file = RecordingFile(Path(sys.argv[1]), capture.format)
    await capture.start(file.write)
    async for level in capture.levels():
        print(level.elapsed_s, flush=True)

asyncio.run(record())
"""


@pytest.mark.microphone
@pytest.mark.usefixtures("microphone")
def test_kill_9_in_the_middle_loses_less_than_a_second(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    recorder = subprocess.Popen(
        [sys.executable, "-c", _RECORDER, str(path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert recorder.stdout is not None
    heard_s = 0.0
    with recorder.stdout as told:
        while heard_s < 2.5:
            heard_s = float(told.readline())
        os.kill(recorder.pid, signal.SIGKILL)
    recorder.wait()
    assert repair(path) > heard_s - 0.1


def test_no_thread_is_left_after_a_capture(library: FakeSoundLibrary) -> None:
    async def story(microphone: Microphone) -> None:
        capture = await microphone.open()
        await capture.start(lambda _: None)
        await capture.stop()

    _with(library, story)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("microphone")]

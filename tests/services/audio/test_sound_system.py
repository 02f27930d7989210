"""SoundSystem: devices come and go, formats are negotiated, a missing library has words."""

import asyncio
import threading

import pytest

from app.model.audio import InputDevice, SoundFormat
from app.model.errors import DeviceFailed, MicrophoneRefused, NoMicrophone, SoundSystemMissing
from app.services.audio.sound_system import SoundSystem
from tests.fakes.audio import FakeSoundLibrary


@pytest.fixture
def system(library: FakeSoundLibrary) -> SoundSystem:
    return SoundSystem(lambda: library)


def _nothing(*_: object) -> None:
    return None


def test_devices_have_names_ids_and_a_default(library: FakeSoundLibrary, system: SoundSystem) -> None:
    library.inputs = ("Desk", "Headset")
    assert system.input_devices() == [
        InputDevice("portaudio:Desk", "Desk", is_default=True),
        InputDevice("portaudio:Headset", "Headset"),
    ]


def test_a_device_plugged_in_later_is_found(library: FakeSoundLibrary, system: SoundSystem) -> None:
    library.inputs = ()
    assert system.input_devices() == []
    library.inputs = ("Headset",)
    assert [device.name for device in system.input_devices()] == ["Headset"]
    system.open_input("portaudio:Headset", _nothing, _nothing)


def test_an_open_stream_is_not_killed_by_looking_for_devices(library: FakeSoundLibrary, system: SoundSystem) -> None:
    stream, _ = system.open_input("", _nothing, _nothing)
    library.inputs = ("Desk microphone", "Headset")
    assert len(system.input_devices()) == 1
    system.close(stream)
    assert len(system.input_devices()) == 2


def test_speech_is_recorded_as_models_want_it(system: SoundSystem) -> None:
    assert system.open_input("", _nothing, _nothing)[1] == SoundFormat(16_000, 1)


@pytest.mark.parametrize(("channels", "expected"), [({1, 2}, SoundFormat(48_000, 1)), ({2}, SoundFormat(48_000, 2))])
def test_a_device_that_refuses_gives_what_it_has(
    library: FakeSoundLibrary, system: SoundSystem, channels: set[int], expected: SoundFormat
) -> None:
    library.rates, library.channels = {48_000}, channels
    assert system.open_input("", _nothing, _nothing)[1] == expected


def test_a_refusal_and_an_absence_are_told_apart(library: FakeSoundLibrary, system: SoundSystem) -> None:
    library.refuses_to_open = True
    with pytest.raises(MicrophoneRefused, match="Device unavailable"):
        system.open_input("", _nothing, _nothing)
    library.inputs = ()
    with pytest.raises(NoMicrophone):
        system.open_input("", _nothing, _nothing)


def test_a_chosen_device_that_is_gone_is_not_replaced_by_another(
    library: FakeSoundLibrary, system: SoundSystem
) -> None:
    with pytest.raises(DeviceFailed) as failed:
        system.open_input("portaudio:Headset", _nothing, _nothing)
    assert type(failed.value) is DeviceFailed
    library.inputs = ()
    with pytest.raises(NoMicrophone):
        system.open_input("portaudio:Headset", _nothing, _nothing)


def test_a_device_that_does_not_start_is_closed(library: FakeSoundLibrary, system: SoundSystem) -> None:
    library.refuses_to_start = True
    stream, _ = system.open_input("", _nothing, _nothing)
    with pytest.raises(DeviceFailed):
        system.start(stream)
    assert not library.streams


def test_a_missing_sound_library_is_said_and_tried_again() -> None:
    found: list[FakeSoundLibrary] = []

    def load() -> FakeSoundLibrary:
        if not found:
            raise SoundSystemMissing("PortAudio library not found")
        return found[0]

    system = SoundSystem(load)
    with pytest.raises(SoundSystemMissing):
        system.input_devices()
    found.append(FakeSoundLibrary())
    assert system.input_devices()


def test_work_runs_on_one_thread(system: SoundSystem) -> None:
    import threading

    async def story() -> set[str]:
        names = {(await system.run(threading.current_thread)).name for _ in range(5)}
        await system.aclose()
        return names

    assert len(asyncio.run(story())) == 1


def test_another_one_waits_until_the_one_before_has_done_with_portaudio(library: FakeSoundLibrary) -> None:
    """A program that begins anew in its process may look for devices while the old one still does."""
    began, ends = threading.Event(), threading.Event()
    order: list[str] = []

    def look_for_long() -> None:
        began.set()
        ends.wait()
        order.append("before")

    async def story() -> None:
        before, after = SoundSystem(lambda: library), SoundSystem(lambda: library)
        looking = asyncio.ensure_future(before.run(look_for_long))
        await asyncio.to_thread(began.wait)
        await before.aclose()
        other = asyncio.ensure_future(after.run(lambda: order.append("after")))
        await asyncio.wait({other}, timeout=0.2)  # it would do it at once if it did not wait
        ends.set()
        await asyncio.gather(looking, other)
        await after.aclose()

    asyncio.run(story())
    assert order == ["before", "after"]

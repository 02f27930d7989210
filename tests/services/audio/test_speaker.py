"""Speaker and Playback: everything is played once, in order, with the position told."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest

from app.model.audio import SoundFormat
from app.model.errors import NoLoudspeaker, SoundUnreadable
from app.services.audio import Playback, SoundSystem, Speaker
from tests.fakes.audio import FakeSoundLibrary, tone


def _with(library: FakeSoundLibrary | None, story: Callable[[Speaker], Coroutine[Any, Any, None]]) -> None:
    async def run() -> None:
        system = SoundSystem(None if library is None else lambda: library)
        try:
            await story(Speaker(system))
        finally:
            await system.aclose()

    asyncio.run(run())


def _blocks(sound: bytes, size: int = 1_000) -> Iterator[bytes]:
    for start in range(0, len(sound), size):
        yield sound[start : start + size]


async def _listen_to_the_end(library: FakeSoundLibrary, playback: Playback) -> list[float]:
    positions = []
    async for position in playback.positions():
        positions.append(position)
        library.listen(0.1)
    return positions


def test_all_of_a_sound_is_played_and_the_position_moves(library: FakeSoundLibrary) -> None:
    sound = tone(1.05)

    async def story(speaker: Speaker) -> None:
        playback = await speaker.play(_blocks(sound), SoundFormat())
        positions = await _listen_to_the_end(library, playback)
        assert positions == sorted(positions)
        assert positions[-1] == pytest.approx(1.05)
        await playback.stop()

    _with(library, story)
    # Where the decoder is late the device gets silence; the sound itself is neither cut nor changed.
    assert bytes(library.heard).replace(b"\0\0", b"") == sound.replace(b"\0\0", b"")


def test_a_pause_plays_silence_and_keeps_the_place(library: FakeSoundLibrary) -> None:
    async def story(speaker: Speaker) -> None:
        playback = await speaker.play(_blocks(tone(5)), SoundFormat())
        positions = playback.positions()
        while await anext(positions) < 0.2:
            library.listen(0.1)
        playback.paused = True
        before = playback.played_s
        library.heard.clear()
        library.listen(0.5)
        assert not any(library.heard)
        assert playback.played_s == before
        playback.paused = False
        while await anext(positions) <= before:
            library.listen(0.1)
        await playback.stop()
        await playback.stop()
        assert [position async for position in positions] == []

    _with(library, story)


def test_no_loudspeaker_is_said(library: FakeSoundLibrary) -> None:
    async def story(speaker: Speaker) -> None:
        library.outputs = ()
        with pytest.raises(NoLoudspeaker):
            await speaker.play(_blocks(tone(1)), SoundFormat())
        library.outputs, library.refuses_to_start = ("Box",), True
        with pytest.raises(NoLoudspeaker):
            await speaker.play(_blocks(tone(1)), SoundFormat())

    _with(library, story)
    assert not library.streams


def test_a_loudspeaker_that_goes_away_is_said(library: FakeSoundLibrary) -> None:
    async def story(speaker: Speaker) -> None:
        playback = await speaker.play(_blocks(tone(5)), SoundFormat())
        library.unplug()
        with pytest.raises(NoLoudspeaker):
            await _listen_to_the_end(library, playback)
        await playback.stop()

    _with(library, story)


def test_sound_that_cannot_be_decoded_any_further_is_said(library: FakeSoundLibrary) -> None:
    def broken() -> Iterator[bytes]:
        yield tone(0.1)
        raise SoundUnreadable(name="a.mp3")

    async def story(speaker: Speaker) -> None:
        playback = await speaker.play(broken(), SoundFormat())
        with pytest.raises(SoundUnreadable):
            await _listen_to_the_end(library, playback)
        await playback.stop()

    _with(library, story)


@pytest.mark.microphone
@pytest.mark.usefixtures("microphone")
def test_a_real_server_plays_in_real_time() -> None:
    async def story(speaker: Speaker) -> None:
        loop = asyncio.get_running_loop()
        playback = await speaker.play(_blocks(tone(1)), SoundFormat())
        began = loop.time()
        positions = [position async for position in playback.positions()]
        assert 0.8 < loop.time() - began < 3
        assert len(positions) > 10
        await playback.stop()

    _with(None, story)

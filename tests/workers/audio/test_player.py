"""Player: a file is heard from where it should, held, and stopped when nobody listens any more."""

import asyncio
from contextlib import aclosing
from pathlib import Path

import pytest

from app.model.audio import PlaybackPosition
from app.model.errors import NoLoudspeaker, SoundUnreadable
from app.workers.audio.player import Player
from tests.fakes.audio import FakeSoundLibrary
from tests.fakes.media import chirps, write_sound
from tests.workers.audio.conftest import OpenDesk


async def _hear_all(player: Player, path: Path, library: FakeSoundLibrary) -> None:
    async for _ in player.play(path):
        library.listen(0.1)


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    return write_sound(tmp_path / "a.flac", chirps(3))


def test_playing_begins_where_it_should_and_ends_by_itself(
    desk: OpenDesk, library: FakeSoundLibrary, sound: Path
) -> None:
    async def story() -> None:
        async with desk() as at, aclosing(at.worker.player.play(sound, 1.0)) as positions:
            seen = []
            async for position in positions:
                seen.append(position.position_s)
                library.listen(0.2)
            assert seen[0] == pytest.approx(1.0, abs=0.05)
            assert seen[-1] == pytest.approx(3.0, abs=0.1)
            assert any(library.heard)
        assert not library.streams

    asyncio.run(story())


def test_it_can_be_held_and_stopped(desk: OpenDesk, library: FakeSoundLibrary, sound: Path) -> None:
    async def story() -> None:
        async with desk() as at:
            player = at.worker.player
            player.set_paused(True)  # nothing plays yet: no effect
            async with aclosing(player.play(sound)) as positions:
                assert await anext(positions) == PlaybackPosition(0)
                player.set_paused(True)
                library.listen(0.5)
                assert not any(library.heard)
                assert player.paused
                player.set_paused(False)
                while (await anext(positions)).position_s < 0.5:
                    library.listen(0.1)
            assert not library.streams

    asyncio.run(story())


def test_without_a_loudspeaker_or_a_file_it_says_so(desk: OpenDesk, library: FakeSoundLibrary, sound: Path) -> None:
    async def story() -> None:
        async with desk() as at:
            with pytest.raises(SoundUnreadable):
                await _hear_all(at.worker.player, sound.with_name("gone.wav"), library)
            library.outputs = ()
            with pytest.raises(NoLoudspeaker):
                await anext(at.worker.player.play(sound))

    asyncio.run(story())

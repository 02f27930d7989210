"""Player: plays a recording or file from any position; one at a time."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

from app.model.audio import PlaybackPosition, SoundFormat

if TYPE_CHECKING:
    from app.services.audio import Playback, SoundSystem

_FORMAT = SoundFormat(48_000, 2)
"""Playing is for ears, not for models: the full quality, in the one format every output takes."""


class Player:
    """The file is decoded while it plays, so any length starts at once."""

    def __init__(self, sound: SoundSystem) -> None:
        self._sound = sound
        self._playback: Playback | None = None

    @property
    def paused(self) -> bool:
        return self._playback is not None and self._playback.paused

    def set_paused(self, paused: bool) -> None:
        """Hold or go on; nothing happens while nothing plays."""
        if self._playback is not None:
            self._playback.paused = paused

    async def play(self, path: Path, start_s: float = 0.0) -> AsyncGenerator[PlaybackPosition]:
        """Where playing is, about thirty times a second, until the end; closing it stops the sound.

        Raises:
            NoLoudspeaker, SoundSystemMissing: nothing can be heard.
            SoundUnreadable, NoSound: the file cannot be decoded any further.
        """
        from app.services.audio import Speaker

        playback = await Speaker(self._sound).play(_blocks(path, start_s), _FORMAT)
        self._playback = playback
        try:
            async with aclosing(playback.positions()) as positions:
                async for played_s in positions:
                    yield PlaybackPosition(start_s + played_s)
        finally:
            if self._playback is playback:
                self._playback = None
            await playback.stop()


def _blocks(path: Path, start_s: float) -> Iterator[bytes]:
    """Drawn on the playback's thread, where importing the decoder disturbs nobody."""
    from app.services.media import decode

    yield from decode(path, _FORMAT, start_s=start_s)

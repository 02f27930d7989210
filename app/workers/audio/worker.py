"""AudioWorker: all work with sound for the Audio tab and the command line, one part for each kind of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from app.model.providers import Endpoint, ModelReference
from app.model.settings import AudioSettings
from app.paths import Paths
from app.workers.audio.player import Player
from app.workers.audio.queue import SoundQueue
from app.workers.audio.recorder import Recorder
from app.workers.audio.transcriber import Transcriber

if TYPE_CHECKING:
    from app.services.api.client import ApiService
    from app.services.audio import SoundSystem
    from app.services.history.store import History
    from app.services.settings import SettingsStore

type ApiAccess = Callable[[], Awaitable[ApiService]]
type EndpointFor = Callable[[ModelReference], Awaitable[Endpoint]]


class AudioWorker:
    """`recorder` records, `queue` keeps sound and transcripts, `transcriber` makes these, `player` plays.

    `sound` is the only thing it owns: `aclose` gives it back.
    """

    def __init__(
        self,
        history: History,
        settings: SettingsStore,
        sound: SoundSystem,
        api: ApiAccess,
        endpoint_for: EndpointFor,
        paths: Paths,
    ) -> None:
        outlines = paths.cache / "waveforms"
        self.recorder = Recorder(sound, history, paths.recordings)
        self.queue = SoundQueue(history, outlines)
        self.transcriber = Transcriber(history, api, endpoint_for, outlines)
        self.player = Player(sound)
        self._settings = settings
        self._sound = sound

    @property
    def options(self) -> AudioSettings:
        """What the user chose last: device, language, vocabulary and whether to transcribe at once."""
        return self._settings.value.audio

    async def remember(self, **changes: Any) -> None:  # noqa: ANN401 - checked by dataclasses.replace
        """Keep choices, named as the fields of AudioSettings.

        Raises:
            StorageFailed: they are kept for this session only.
        """
        self._settings.update(lambda settings: replace(settings, audio=replace(settings.audio, **changes)))
        await self._settings.save()

    async def aclose(self) -> None:
        """Give the sound system back; recordings, playing and transcriptions have been ended before."""
        await self._sound.aclose()

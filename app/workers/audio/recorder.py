"""Recorder: sound from a microphone to a file and a row, kept however it ends, recovered after a crash."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from app.model.audio import (
    InputDevice,
    Level,
    Recording,
    RecordingEnded,
    RecordingEvent,
    RecordingOrigin,
    RecordingStarted,
    RecordingState,
)
from app.model.data_errors import RecordingCut
from app.model.errors import AppError, SoundUnreadable, StorageFailed
from app.waiting import undisturbed

if TYPE_CHECKING:
    from app.services.audio import Capture, RecordingFile, SoundSystem
    from app.services.history.store import History

_SYNC_EVERY_S = 1.0
"""A power cut costs at most so much; for a crash of the program nothing needs to be synchronised."""


class Recorder:
    """One recording at a time; a level can be watched before it."""

    def __init__(self, sound: SoundSystem, history: History, folder: Path) -> None:
        self._sound = sound
        self._recordings = history.recordings
        self._folder = folder
        self._capture: Capture | None = None
        self._recording_id: int | None = None
        self._is_stop_wanted = False

    @property
    def paused(self) -> bool:
        return self._capture is not None and self._capture.paused

    def set_paused(self, paused: bool) -> None:
        """While paused, sound is measured but not recorded."""
        if self._capture is not None:
            self._capture.paused = paused

    async def devices(self) -> list[InputDevice]:
        """The microphones now; raises SoundSystemMissing where sound does not work at all."""
        from app.services.audio import Microphone

        return await Microphone(self._sound).devices()

    async def watch(self, device_id: str = "") -> AsyncGenerator[Level]:
        """The level of a microphone, nothing kept; closing it lets go of the device.

        Raises:
            NoMicrophone, MicrophoneRefused, DeviceFailed, SoundSystemMissing.
        """
        from app.services.audio import Microphone

        capture = await Microphone(self._sound).open(device_id)
        try:
            await capture.start(lambda _: None)
            async with aclosing(capture.levels()) as levels:
                async for level in levels:
                    yield level
        finally:
            await undisturbed(capture.stop())

    async def record(self, device_id: str, name: str) -> AsyncGenerator[RecordingEvent]:
        """RecordingStarted, levels, and after `stop` or a failure RecordingEnded with what was recorded.

        However it ends, cancellation included, the sound is kept; only a recording without any sound leaves nothing.

        Raises:
            NoMicrophone, MicrophoneRefused, SoundSystemMissing: nothing was recorded.
            DeviceFailed: raised after RecordingEnded if there is something to keep.
            RecordingCut: the disk took no more; raised after RecordingEnded, whose sound is kept.
            DiskFull, StorageFailed: the disk took nothing at all.
        """
        from app.services.audio import Microphone, RecordingFile

        self._is_stop_wanted = False
        capture = await Microphone(self._sound).open(device_id)
        failure: AppError | None = None
        file: RecordingFile | None = None
        kept: Recording | None = None
        try:
            began = datetime.now(UTC)
            path = self._folder / f"{began.astimezone():%Y-%m-%d %H.%M.%S.%f}.wav"
            file = await asyncio.to_thread(RecordingFile, path, capture.format)
            kept = await self._add(
                Recording(0, name, path, RecordingOrigin.MICROPHONE, RecordingState.RECORDING, began)
            )
            self._capture = capture
            async with aclosing(self._levels(capture, file)) as levels:
                yield RecordingStarted(kept)
                async for level in levels:
                    yield level
        except AppError as error:
            failure = error
        finally:
            self._capture = None
            kept, refusal = await undisturbed(self._finish(capture, file, kept))
        if kept is not None:
            yield RecordingEnded(kept)
        if failure := failure or refusal:
            raise _with_what_is_kept(failure, kept)

    async def stop(self) -> None:
        """End the recording, also one whose microphone is only being opened; `record` then yields what was kept."""
        self._is_stop_wanted = True
        if self._capture is not None:
            await self._capture.stop()

    async def recover(self) -> list[Recording]:
        """Repair recordings that a crash cut off and return them; one without any sound is forgotten.

        Raises:
            StorageFailed: the history cannot be read or written.
        """
        recovered = []
        for recording in await self._recordings.unfinished():
            if recording.id != self._recording_id:
                saved = await self._recover(recording)
                recovered += [saved] if saved is not None else []
        return recovered

    async def _recover(self, recording: Recording) -> Recording | None:
        from app.services.audio import repair

        try:
            duration_s = await asyncio.to_thread(repair, recording.path)
        except SoundUnreadable:
            duration_s = 0.0
        except StorageFailed:
            return None  # as on a disk that is read-only just now; the next start tries again
        if duration_s == 0:
            await self._forget(recording)
            return None
        saved = replace(recording, state=RecordingState.RECOVERED, duration_s=duration_s)
        await self._recordings.save(saved)
        return saved

    async def _add(self, recording: Recording) -> Recording:
        added = await self._recordings.add(recording)
        self._recording_id = added.id
        return added

    async def _levels(self, capture: Capture, file: RecordingFile) -> AsyncGenerator[Level]:
        if self._is_stop_wanted:
            return
        await capture.start(file.write)
        synced_s = 0.0
        async with aclosing(capture.levels()) as levels:
            async for level in levels:
                yield level
                if level.elapsed_s - synced_s >= _SYNC_EVERY_S:
                    synced_s = level.elapsed_s
                    await asyncio.to_thread(file.sync)

    async def _finish(
        self, capture: Capture, file: RecordingFile | None, recording: Recording | None
    ) -> tuple[Recording | None, StorageFailed | None]:
        """Let the last sound reach the file and store its length: what is kept, if anything, and what refused that.

        A row that the disk does not take is put right at the next start, as after a crash.
        """
        await capture.stop()
        if file is None:
            return None, None
        with suppress(StorageFailed):  # told already, and readers find the sound whatever the header says
            await asyncio.to_thread(file.close)
        if recording is None or file.duration_s == 0:
            await asyncio.to_thread(file.path.unlink, missing_ok=True)
            if recording is not None:
                await self._forget(recording)
            return None, None
        saved = replace(recording, state=RecordingState.READY, duration_s=file.duration_s)
        try:
            await self._recordings.save(saved)
        except StorageFailed as refusal:
            return saved, refusal
        self._recording_id = None
        return saved, None

    async def _forget(self, recording: Recording) -> None:
        await self._recordings.delete(recording.id)
        await self._recordings.purge(recording.id)


def _with_what_is_kept(failure: AppError, kept: Recording | None) -> AppError:
    """What is to be said when the disk refused, but sound is on it."""
    if kept is None or not isinstance(failure, StorageFailed):
        return failure
    minutes, seconds = divmod(round(kept.duration_s), 60)
    return RecordingCut(duration=f"{minutes}:{seconds:02}", path=str(kept.path))

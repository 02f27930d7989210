"""SoundQueue: recordings and the user's files with their transcripts; listing, adding, naming, removing, exporting."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from app.files import PUBLIC, write_whole
from app.model.audio import (
    ExportFormat,
    QueueEntry,
    Recording,
    RecordingOrigin,
    RecordingState,
    Transcript,
    TranscriptionProgress,
    Waveform,
)
from app.model.errors import UnreadableFile, storage_failure
from app.model.file_types import RARE_SOUND, SOUND_TYPES
from app.model.subtitles import export
from app.workers.audio.reading import read_outline

if TYPE_CHECKING:
    from app.services.history.store import History

SOUND_SUFFIXES = frozenset((*SOUND_TYPES, *RARE_SOUND))
"""What is taken out of a dropped folder; a file that is chosen itself is tried whatever its name."""


class SoundQueue:
    """Every method raises `StorageFailed` if the disk refuses; `outlines` keeps what is known of a sound's shape."""

    def __init__(self, history: History, outlines: Path) -> None:
        self._history = history
        self._outlines = outlines

    async def all(self) -> list[QueueEntry]:
        """Everything in the queue, the newest first."""
        headways = await self._history.transcripts.headways()
        return [QueueEntry(one, headways.get(one.id)) for one in await self._history.recordings.all()]

    async def transcripts(self, recording: Recording) -> list[Transcript]:
        """All transcripts of a recording or file, the newest first."""
        return await self._history.transcripts.of(recording.id)

    async def add(self, paths: Iterable[Path]) -> AsyncGenerator[Recording | UnreadableFile]:
        """Put files, and all sound in folders, into the queue: each as it was added, or why it cannot be.

        The files stay where they are and are never changed; one that is in the queue already is not added again.
        """
        known = {recording.path: recording for recording in await self._history.recordings.all()}
        for path in await asyncio.to_thread(_files_in, list(paths)):
            if path in known:
                yield known[path]
                continue
            try:
                duration_s = await asyncio.to_thread(_probe, path)
            except UnreadableFile as error:
                yield error
                continue
            new = Recording(
                0, path.stem, path, RecordingOrigin.FILE, RecordingState.READY, datetime.now(UTC), duration_s
            )
            known[path] = await self._history.recordings.add(new)
            yield known[path]

    async def rename(self, recording: Recording, name: str) -> Recording:
        """Change the name in the queue; the file keeps its own. An empty name changes nothing."""
        return await self._save(replace(recording, name=name.strip() or recording.name))

    async def remove(self, recording: Recording) -> None:
        """Take it out of the queue; `restore` brings it back until `purge`."""
        await self._history.recordings.delete(recording.id)

    async def restore(self, recording: Recording) -> None:
        await self._history.recordings.restore(recording.id)

    async def purge(self, recording: Recording | None = None) -> None:
        """Forget what was removed (this one, or all) for good; what was recorded here is deleted with it."""
        await self._history.recordings.purge(recording.id if recording is not None else None)

    async def outline(self, recording: Recording) -> AsyncGenerator[TranscriptionProgress | Waveform]:
        """Progress of reading it the first time, then its waveform; corrects a wrong length in the queue.

        Raises:
            SoundUnreadable, NoSound.
        """
        async with aclosing(read_outline(recording.path, self._outlines)) as events:
            async for event in events:
                if isinstance(event, Waveform) and abs(event.duration_s - recording.duration_s) > 0.05:
                    await self._save(replace(recording, duration_s=event.duration_s))
                yield event

    async def save_edit(self, transcript: Transcript) -> None:
        """Store a transcript as the user corrected it."""
        await self._history.transcripts.save(transcript)

    async def export(self, transcript: Transcript, path: Path, form: ExportFormat) -> None:
        """Write a transcript for other programs.

        Raises:
            DiskFull, StorageFailed: nothing was written; a file that was there before is as it was.
        """
        data = export(transcript, form).encode()
        try:
            await asyncio.to_thread(write_whole, path, data, PUBLIC)
        except OSError as error:
            raise storage_failure(error, path) from error

    async def _save(self, recording: Recording) -> Recording:
        await self._history.recordings.save(recording)
        return recording


def _files_in(paths: list[Path]) -> list[Path]:
    """Files as they are, folders replaced by the sound in them, in the order of their names."""
    found: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path.absolute())
            continue
        for folder, folders, names in os.walk(path):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            inside = [Path(folder, name).absolute() for name in sorted(names) if not name.startswith(".")]
            found += [one for one in inside if one.suffix.lower() in SOUND_SUFFIXES]
    return list(dict.fromkeys(found))


def _probe(path: Path) -> float:
    from app.services.media import probe_duration

    return probe_duration(path)

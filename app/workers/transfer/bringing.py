"""Bringing: one import while it comes in; nothing of it is to be seen before all is there, or after it failed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING

from app.model.errors import DiskFull
from app.model.shares import is_share
from app.model.transfer import PortablePicture, PortableRecording, Standing, TransferProgress, TransferReport
from app.waiting import in_thread, undisturbed

if TYPE_CHECKING:
    from app.services.history.store import History
    from app.services.history.transfers import Arrival, ArrivedPicture, ArrivedRecording
    from app.services.transfer.archive import Archive
    from app.services.transfer.incoming import Arriving, Incoming

RESERVE_BYTES = 64 << 20
"""What is left free on the disk for everything else."""
MOST_PICTURE_BYTES = 256 << 20
SOUND_SUFFIXES = (".wav", ".flac")
"""What is recorded here; a file of another kind did not come from a recording."""

type FreeBytes = Callable[[Path], int]


@dataclass
class Bringing:
    """One import while it comes in; the file was checked."""

    history: History
    incoming: Incoming
    recordings_folder: Path
    pictures_folder: Path
    free_bytes: FreeBytes
    written: list[Path] = field(default_factory=list)
    conversations: int = 0
    known: int = 0
    missing: int = 0
    grown: int = 0
    beside: int = 0
    is_complete: bool = False

    async def run(self, total: int) -> AsyncGenerator[TransferProgress | TransferReport]:
        pictures = await asyncio.to_thread(self.incoming.pictures)
        recordings = await asyncio.to_thread(self.incoming.recordings)
        total += len(pictures) + len(recordings)
        arrival = await self.history.transfers.arrive()
        try:
            self._check_room([place for _, place in (*pictures, *recordings)])
            async with aclosing(self._take_conversations(arrival)) as taken:
                async for number in taken:
                    yield TransferProgress(number, total)
            done = count(total - len(pictures) - len(recordings) + 1)
            arrived = []
            for picture, place in pictures:
                arrived += await self._take_picture(arrival, picture, place)
                yield TransferProgress(next(done), total)
            sounds = []
            for recording, place in recordings:
                sounds += await self._take_recording(arrival, recording, place)
                yield TransferProgress(next(done), total)
            await undisturbed(self._complete(arrival, arrived, sounds))
        finally:
            if not self.is_complete:
                await undisturbed(self._abandon(arrival))
        transcripts = sum(len(sound.recording.transcripts) for sound in sounds)
        report = TransferReport(self.conversations, len(arrived), len(sounds), transcripts, self.known, self.missing)
        yield replace(report, grown=self.grown, beside=self.beside, unreadable=self.incoming.unreadable)

    async def _take_conversations(self, arrival: Arrival) -> AsyncGenerator[int]:
        """How many have been looked at."""
        reading = self.incoming.conversations()
        try:
            number = 0
            while (arriving := await in_thread(partial(_next, reading))) is not None:
                number += 1
                self._count(await undisturbed(arrival.add(arriving.conversation, arriving.files)))
                self.missing += arriving.missing
                yield number
        finally:
            reading.close()

    def _count(self, standing: Standing) -> None:
        self.conversations += standing in (Standing.NEW, Standing.BESIDE)
        self.known += standing is Standing.KNOWN
        self.grown += standing is Standing.GROWN
        self.beside += standing is Standing.BESIDE

    async def _take_picture(self, arrival: Arrival, picture: PortablePicture, place: str) -> list[ArrivedPicture]:
        """The picture with its file in the folder; empty if it is here already, or is no picture."""
        from app.services.history.transfers import ArrivedPicture

        if arrival.knows_picture(picture):
            self.known += 1
            return []
        path = await in_thread(lambda _: self._save_picture(picture, place)) if place else None
        if path is None:
            self.missing += 1
            return []
        return [ArrivedPicture(picture, path)]

    def _save_picture(self, picture: PortablePicture, place: str) -> Path | None:
        from app.services import pictures
        from app.services.transfer.own import readable_name

        data = self._archive.read(place, MOST_PICTURE_BYTES)
        media_type = pictures.media_type_of(data)
        if not media_type:
            return None
        stem = readable_name(Path(picture.file).stem) or "picture"
        path = pictures.save_picture(self.pictures_folder, stem, pictures.suffix_for(media_type), data)
        self.written.append(path)
        return path

    async def _take_recording(
        self, arrival: Arrival, recording: PortableRecording, place: str
    ) -> list[ArrivedRecording]:
        """The sound with its file in our folder, or with the place of the user's own; empty if it is here already.

        Without its file it comes for the sake of its transcripts.
        """
        from app.model.audio import RecordingOrigin, RecordingState
        from app.services.history.transfers import ArrivedRecording

        if arrival.knows_recording(recording):
            self.known += 1
            return []
        if recording.state is RecordingState.RECORDING:  # nothing records it here: its file needs no repair
            recording = replace(recording, state=RecordingState.READY)
        if recording.origin is RecordingOrigin.FILE:
            return [ArrivedRecording(recording, _own_file(recording, self.recordings_folder))]
        if Path(place).suffix.lower() not in SOUND_SUFFIXES:
            self.missing += 1
            without = _nowhere(recording.file or recording.name, self.recordings_folder)
            return [ArrivedRecording(recording, without)] if recording.transcripts else []
        path = await in_thread(lambda cancelled: self._save_recording(recording, place, cancelled))
        return [ArrivedRecording(recording, path)]

    def _save_recording(self, recording: PortableRecording, place: str, cancelled: threading.Event) -> Path:
        from app.services.transfer.own import readable_name

        stem, suffix = readable_name(Path(recording.file).stem) or "recording", Path(place).suffix.lower()
        for number in count(1):
            path = self.recordings_folder / (f"{stem}{suffix}" if number == 1 else f"{stem} ({number}){suffix}")
            if not path.exists():
                break
        self._archive.copy_out(place, path, cancelled)
        self.written.append(path)
        return path

    async def _complete(
        self, arrival: Arrival, pictures: Sequence[ArrivedPicture], sounds: Sequence[ArrivedRecording]
    ) -> None:
        """Stopped meanwhile, it must still know that all is to be seen: the files belong to it then."""
        await arrival.complete(pictures, sounds)
        self.is_complete = True

    async def _abandon(self, arrival: Arrival) -> None:
        for path in self.written:
            path.unlink(missing_ok=True)
        await arrival.abandon()

    @property
    def _archive(self) -> Archive:
        assert self.incoming.archive is not None, "files without an archive"
        return self.incoming.archive

    def _check_room(self, places: Sequence[str]) -> None:
        """Raises:
        DiskFull: the files do not fit.
        """
        if self.incoming.archive is None:
            return
        needed = sum(self.incoming.archive.size(place) for place in places)
        if self.free_bytes(self.recordings_folder) < needed + RESERVE_BYTES:
            raise DiskFull(path=str(self.recordings_folder))


def _next(reading: Generator[Arriving | None], cancelled: threading.Event) -> Arriving | None:
    """The next conversation; None at the end, or when nobody waits any more."""
    for arriving in reading:
        if arriving is not None or cancelled.is_set():
            return arriving
    return None


def _own_file(recording: PortableRecording, recordings_folder: Path) -> Path:
    """Where the user's own file lies if it is on this computer; otherwise where it is not, so that nothing is opened.

    A place on another computer is not even looked at: on Windows that would send it the user's name.
    """
    path = Path(recording.path)
    is_here = path.is_absolute() and not is_share(recording.path)
    try:
        if is_here and path.is_file():
            return path
    except (OSError, ValueError):
        pass
    return _nowhere(recording.path, recordings_folder)


def _nowhere(name: str, recordings_folder: Path) -> Path:
    """A place for the last part of `name` where no file is: recordings lie in their folder, not in one inside."""
    from app.services.transfer.own import readable_name

    last = PureWindowsPath(name).name  # knows the separators of all systems
    return recordings_folder / "elsewhere" / (readable_name(last) or "missing")

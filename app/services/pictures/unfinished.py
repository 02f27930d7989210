"""Pictures in the making, noted on the disk so that they can be offered again after the program was killed."""

from __future__ import annotations

import logging
import threading
import uuid
from pathlib import Path

import msgspec

from app.model.images import UnfinishedPicture

log = logging.getLogger(__name__)


class UnfinishedPictures:
    """A file for each, in a folder of their own. All of it blocks, and may be called in several threads at a time.

    A disk that takes no note hinders no work, and a note that cannot be read is thrown away.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._own: set[Path] = set()
        self._one_at_a_time = threading.Lock()

    def begin(self, work: UnfinishedPicture) -> Path:
        """Note it; the result is for `end`."""
        note = self._folder / f"{uuid.uuid4().hex}.json"
        with self._one_at_a_time:
            self._own.add(note)
            try:
                self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                note.write_bytes(msgspec.json.encode(work))
            except (OSError, UnicodeError, msgspec.MsgspecError) as error:
                log.info("a picture in the making could not be noted: %s", error)
        return note

    def end(self, note: Path) -> None:
        """It is finished, has failed or was cancelled."""
        with self._one_at_a_time:
            self._own.discard(note)
            _remove(note)

    def take(self) -> list[UnfinishedPicture]:
        """What an earlier process did not finish, the oldest first; it is not noted any more."""
        found = []
        with self._one_at_a_time:
            notes = [note for note in self._folder.glob("*.json") if note not in self._own]
            for note in sorted(notes, key=lambda path: path.stat().st_mtime_ns):
                try:
                    found.append(msgspec.json.decode(note.read_bytes(), type=UnfinishedPicture))
                except (OSError, ValueError, msgspec.MsgspecError) as error:
                    log.info("the note of an unfinished picture cannot be read: %s", error)
                _remove(note)
        return found


def _remove(note: Path) -> None:
    try:
        note.unlink(missing_ok=True)
    except OSError as error:
        log.info("the note of a finished picture stays: %s", error)
